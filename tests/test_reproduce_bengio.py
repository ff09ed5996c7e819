"""The paper's experiment can be killed and goes on as if it had not been; its figures are true."""

from __future__ import annotations

import json
import math
import re
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import torch

from core.config import RunConfig
from core.errors import NamesmithError
from core.lesson.paper_run.table import PAPER_ROWS
from core.models import MLP
from core.presets import PAPER_PRESETS, Preset
from core.text import Corpus
from core.text.stream import encode_stream
from scripts import reproduce_bengio
from scripts.reproduce import documents
from scripts.reproduce.curves import curves
from scripts.reproduce.losses import losses
from scripts.reproduce.paper import ALONE, MIXES
from scripts.reproduce.run import DivergedError, SavedRun

SETTINGS = {
    "block_size": 2,
    "n_embd": 3,
    "n_hidden": 5,
    "direct": True,
    "dropout": 0.2,
    "weight_decay": 1e-3,
    "init": "scaled",
    "decay": "linear",
    "base_lr": 0.5,
    "steps": 90,
    "batch_size": 8,
}


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """Of so many words that `fused` takes them a block at a time, as it does Brown's."""
    generator = torch.Generator().manual_seed(1)
    ids = (torch.rand(3000, generator=generator).pow(2) * 700).int().tolist()
    stream = encode_stream([[f"w{i}" for i in ids]], rare_at_most=0)
    return Corpus.of_encoded("random words", stream, n_train=2000, n_val=600)


def config(**changes: object) -> RunConfig:
    return RunConfig.from_settings(SETTINGS | changes)


def trained(run: SavedRun) -> SavedRun:
    for _ in run.train():
        pass
    return run


def test_run_killed_again_and_again_ends_as_one_that_was_not(
    corpus: Corpus, tmp_path: Path
) -> None:
    whole = trained(SavedRun("whole", config(), corpus, tmp_path))
    begun_at = []
    while True:
        run = SavedRun("killed", config(), corpus, tmp_path, n_threads=2, save_seconds=0.0)
        begun_at.append(run.loop.step)
        work = run.train()
        for _ in islice(work, 4):
            pass
        if run.is_finished:
            break
        run.save = lambda: None  # type: ignore[method-assign]  # a kill leaves no time for it
    assert len(begun_at) > 3
    assert begun_at == sorted(begun_at)
    work.close()
    assert run.curve == whole.curve
    for name, tensor in whole.model.parameters.items():
        assert torch.equal(run.model.parameters[name], tensor), name


def test_interrupted_run_saves_what_it_has_done(corpus: Corpus, tmp_path: Path) -> None:
    run = SavedRun("run", config(), corpus, tmp_path)
    work = run.train()
    while run.loop.step < 10:
        next(work)
    work.close()
    assert SavedRun("run", config(), corpus, tmp_path).loop.step == run.loop.step


def test_run_with_other_settings_does_not_go_on_from_it(corpus: Corpus, tmp_path: Path) -> None:
    trained(SavedRun("run", config(), corpus, tmp_path))
    other = SavedRun("run", config(base_lr=0.4), corpus, tmp_path)
    assert (other.loop.step, other.curve) == (0, [])


def test_curve_falls_and_ends_with_the_loss_of_the_last_weights(
    corpus: Corpus, tmp_path: Path
) -> None:
    run = trained(SavedRun("run", config(unigram_bias=False), corpus, tmp_path))
    examples = corpus.examples("val", 2)
    expected = run.model.nll(*examples).double().mean().item()
    assert run.curve[0][0] == 0
    assert run.curve[0][1] == pytest.approx(math.log(len(corpus.vocabulary)), abs=0.05)
    assert run.curve[-1][0] == 90
    assert run.curve[-1][1] == pytest.approx(expected, rel=1e-5)
    assert run.curve[-1][1] < run.curve[0][1]


def test_losses_do_not_depend_on_threads_and_are_the_models_own(corpus: Corpus) -> None:
    model = MLP.of_corpus(config().model, corpus)
    examples = corpus.examples("train", 2)
    found = losses(model, examples, n_threads=2)
    assert torch.equal(found, losses(model, examples))
    torch.testing.assert_close(found, model.nll(*examples), rtol=1e-4, atol=1e-4)


def test_run_that_diverges_says_at_which_rate(corpus: Corpus, tmp_path: Path) -> None:
    run = SavedRun("run", config(base_lr=10.0, init="normal", steps=3000), corpus, tmp_path)
    run.model.parameters["W2"].fill_(1e30)
    with pytest.raises(DivergedError, match=r"rate of 9\.9"):
        trained(run)


def test_damaged_state_is_named_and_not_trained_from(corpus: Corpus, tmp_path: Path) -> None:
    run = SavedRun("run", config(), corpus, tmp_path)
    run.save()
    run.path.write_bytes(run.path.read_bytes()[:100])
    with pytest.raises(NamesmithError, match=re.escape(run.path.name)):
        SavedRun("run", config(), corpus, tmp_path)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, corpus: Corpus) -> None:
    """The command with the small corpus in place of Brown, and runs of a moment."""
    presets = {
        name: Preset(name, "", {**preset.settings, "steps": 20, "n_embd": 3})
        for name, preset in PAPER_PRESETS.items()
    }
    monkeypatch.setattr(reproduce_bengio, "PAPER_PRESETS", presets)
    monkeypatch.setattr(reproduce_bengio, "load_brown", lambda: corpus)
    monkeypatch.setattr(reproduce_bengio, "is_brown_fetched", lambda: True)


def test_command_gives_one_json_object_and_adds_to_what_it_found_before(
    small: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for models in (["MLP9"], ["MLP9", "MLP7"]):
        assert reproduce_bengio.main(["--json", "--out", str(tmp_path), "--models", *models]) == 0
        figures = json.loads(capsys.readouterr().out)
    assert set(figures["models"]) == {"MLP7", "MLP8", "MLP9", "MLP10"}
    assert figures == json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert {"uniform", "trigram", "kneser_ney_5"} <= set(figures["baselines"])
    assert figures["baselines"]["uniform"]["test"] == pytest.approx(figures["corpus"]["types"])
    mixed, alone, trigram = (
        figures["models"]["MLP10"],
        figures["models"]["MLP9"],
        figures["baselines"]["trigram"],
    )
    # A mean of two probabilities is above their geometric mean: the loss is convex.
    assert mixed["test"] <= math.sqrt(alone["test"] * trigram["test"])
    assert mixed["fitted"]["val"] <= min(mixed["val"], alone["val"], trigram["val"]) + 1e-3
    assert "".join(documents.table(figures)).count("not run") == len(PAPER_ROWS) + 2 - 4


def test_curves_are_an_image_that_names_each_network(
    small: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reproduce_bengio.main(["--json", "--out", str(tmp_path), "--models", "MLP5"])
    image = curves(json.loads(capsys.readouterr().out))
    words = " ".join(ET.fromstring(image).itertext())
    assert "MLP5" in words
    assert "MLP9" not in words


def test_command_without_the_corpus_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reproduce_bengio, "is_brown_fetched", lambda: False)
    assert reproduce_bengio.main(["--json", "--out", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "--fetch" in told.err


def test_presets_have_the_sizes_of_the_papers_table() -> None:
    for row in PAPER_ROWS:
        model = PAPER_PRESETS[row.name].config.model
        assert (model.block_size + 1, model.n_hidden, model.n_embd, model.direct) == row.sizes


def test_every_network_has_the_mixture_that_follows_it_in_the_paper() -> None:
    assert {name: MIXES[name] for name in ALONE[:-1]} == {
        f"MLP{n}": f"MLP{n + 1}" for n in (1, 3, 5, 7, 9)
    }
