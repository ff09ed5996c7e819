"""A run as a file: what comes back, and what is refused in words."""

from __future__ import annotations

import json
import math
import random
import struct
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load
from safetensors.torch import save

from core.config import RunConfig
from core.errors import CheckpointError
from core.models import Parameters
from core.runs import RunRecord, State, Trainer, WeightsInMemory
from core.runs.codec.arrays import MAX_BYTES
from core.runs.files.about import about, as_json
from core.runs.files.run_file import from_bytes, to_bytes
from core.text import Corpus, embedded_corpus
from core.text.brown import BROWN

SETTINGS = {
    "steps": 60,
    "n_hidden": 8,
    "n_embd": 3,
    "engine": "autograd",
    "decay_steps": (20, 40),
    "train_on": "first_five",
}


def trained(corpus: Corpus | None = None, **changes: object) -> RunRecord:
    trainer = Trainer()
    trainer.start(RunConfig.from_settings({**SETTINGS, **changes}), corpus)
    try:
        return trainer.wait_until(lambda run: run.has_ended, 60).record()
    finally:
        trainer.stop()
        assert trainer.join(60)


@pytest.fixture(scope="module")
def record() -> RunRecord:
    return trained()


@pytest.fixture(scope="module")
def data(record) -> bytes:
    return to_bytes(record)


def parts(data: bytes) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    """The metadata of the header, and the tensors."""
    size = struct.unpack("<Q", data[:8])[0]
    metadata = json.loads(data[8 : 8 + size])["__metadata__"]
    return metadata, {name: torch.from_numpy(value) for name, value in load(data).items()}


def changed(data: bytes, change=lambda _known: None, tensors=None, **metadata: str) -> bytes:
    """The same file with something else in it."""
    header, found = parts(data)
    known = json.loads(header["namesmith"])
    change(known)
    header["namesmith"] = json.dumps(known)
    return save({**found, **(tensors or {})}, {**header, **metadata})


def test_a_run_comes_back_with_all_that_was_known_of_it(record, data):
    back = from_bytes(data)
    for name in ("config", "corpus", "engine", "step", "evaluations", "final", "seconds"):
        assert getattr(back, name) == getattr(record, name), name
    assert (back.started_at, back.ended_at) == (record.started_at, record.ended_at)
    assert back.state is State.FINISHED
    assert dict(back.versions) == dict(record.versions)
    for part in ("steps", "mean", "low", "high"):
        assert np.array_equal(getattr(back.curve, part), getattr(record.curve, part))
    for name, tensor in record.parameters.items():
        assert torch.equal(back.parameters[name], tensor)


@pytest.mark.parametrize(
    "settings",
    [
        {"direct": True},
        {"direct": True, "n_hidden": 0},
        {"tied": True, "n_embd": 8},
        {"mix": "half", "decay": "linear"},
    ],
)
def test_every_kind_of_network_comes_back(settings):
    record = trained(**settings)
    back = from_bytes(to_bytes(record))
    assert back.config == record.config
    assert back.mixed == record.mixed
    contexts = torch.tensor([[0, 0, 5], [1, 2, 3]])
    assert torch.equal(back.model.logits(contexts), record.model.logits(contexts))


def test_the_file_is_one_that_safetensors_reads_with_settings_in_its_header(record, data, tmp_path):
    path = tmp_path / "run.safetensors"
    path.write_bytes(data)
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
        assert set(file.keys()) == set(record.parameters)
        assert torch.equal(file.get_tensor("W2"), record.parameters["W2"])
    assert json.loads(metadata["namesmith"])["settings"]["decay_steps"] == [20, 40]
    assert json.loads(metadata["vocabulary"])[:3] == [".", "a", "b"]


def test_a_run_that_diverged_comes_back_as_one_that_was_stopped():
    trainer = Trainer()
    trainer.start(RunConfig.from_settings({**SETTINGS, "base_lr": 10.0, "steps": 5_000}))
    record = trainer.wait_until(
        lambda run: run.has_ended or run.state is State.DIVERGED, 60
    ).record()
    trainer.stop()
    assert trainer.join(60)
    back = from_bytes(to_bytes(record))
    assert back.state is (State.STOPPED if record.divergence else State.FINISHED)
    assert back.divergence == record.divergence


def test_a_run_of_ones_own_words_needs_them():
    corpus = Corpus.of_words("mine & yours", ["anna", "otto", "ida", "emil", "lena", "jan"] * 2)
    data = to_bytes(trained(corpus))
    again = Corpus.of_words("another name", list(corpus.texts))
    assert from_bytes(data, [embedded_corpus(), again]).corpus is again
    with pytest.raises(
        CheckpointError,
        match=r"learned from ‘mine & yours’ \(digest [0-9a-f]{12}\), and that isn’t",
    ):
        from_bytes(data)


def test_json_reads_back_and_has_no_number_that_json_lacks(record):
    def refuse(name: str) -> None:
        raise AssertionError(name)

    read = json.loads(as_json(record), parse_constant=refuse)
    assert read == about(record)
    assert RunConfig.from_settings(read["settings"]) == record.config
    assert read["results"]["final"]["val"] == record.final.val
    assert np.array_equal(np.array(read["curve"]["mean"], dtype=np.float32), record.curve.mean)


def test_the_words_of_a_run_are_not_in_its_files():
    corpus = Corpus.of_words("mine", ["wilhelmina", "bartholomew", "anna", "otto", "ida"] * 3)
    record = trained(corpus)
    for file in (to_bytes(record), as_json(record).encode()):
        assert b"wilhelmina" not in file


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "isn’t a run that Namesmith saved"),
        (b"hello", "isn’t a run that Namesmith saved"),
        (b"\xff" * 64, "isn’t a run that Namesmith saved"),
        (b'{"format": "namesmith run 1"}', "doesn’t hold a whole run"),
        (b"PK\x03\x04", "doesn’t hold a whole run"),
        (save({"a": torch.zeros(2)}), "not of a run that Namesmith saved"),
        (save({"a": torch.zeros(2)}, {"format": "pt"}), "not of a run that Namesmith saved"),
        (bytes(MAX_BYTES + 1), "at most 100,000,000"),
    ],
)
def test_what_is_not_ours_is_refused_in_words(file, words):
    with pytest.raises(CheckpointError, match=words):
        from_bytes(file)


def put(*path: str | int, value: object):
    def change(known):
        for name in path[:-1]:
            known = known[name]
        known[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put("format", value="namesmith run 9"), "does not state the format"),
        (put("settings", "n_hidden", value=100_000), "n_hidden must be a whole number"),
        (put("settings", "n_hidden", value=9), r"W1 must be float32 \(9, 9\)"),
        (put("settings", "nonsense", value=1), "nonsense must be one of the known settings"),
        (put("settings", "base_lr", value=math.nan), "base_lr must be"),
        (put("settings", value=[]), "settings must be a mapping"),
        (put("settings", "direct", value=True), "must hold exactly C, W1, b1, W2, b2, W"),
        (put("step", value=61), "step must be a whole number from 0 to 60, got 61"),
        (put("step", value=True), "step must be a whole number"),
        (put("step", value=59), "curve has 60 steps, but the run took 59"),
        (put("seconds", value=math.inf), "seconds must be a number from .*, got inf"),
        (put("state", value=["x"]), "state must be one of"),
        (put("name", value="\ud800"), "name must be a text"),
        (put("engine", value="steam"), "engine must be one of fused, sampled, autograd"),
        (put("name", value="x" * 5_000), "name must be at most 1,000 characters"),
        (put("started_at", value="yesterday"), "started_at must be a date, got 'yesterday'"),
        (put("curve", "width", value=3), "impossible bins"),
        (put("curve", "mean", value=[1.0]), "curve isn’t as long as it says"),
        (put("curve", "mean", 0, value=math.nan), "curve.mean must be a number from .*, got nan"),
        (put("curve", "mean", 0, value=None), "curve.mean must be a number from .*, got None"),
        (put("evaluations", value=[{"step": -1, "val_loss": 2.0}]), "evaluations.step must be"),
        (
            put("results", "final", "val", value=math.inf),
            "final.val must be a number from .*, got inf",
        ),
        (put("results", "n_test_looks", value=-1), "n_test_looks must be a whole number"),
        (put("results", value=None), "results must be a mapping, got None"),
        (put("rate_changes", value=[[1, 1e9]]), "base_lr must be"),
        (put("rate_changes", value=[[1]]), "rate_changes must be a list of 2"),
        (put("data", value=None), "doesn’t say what it learned from"),
        (put("data", "sha256", value="0"), "isn’t in use here"),
    ],
)
def test_what_cannot_be_is_refused_in_words(data, change, words):
    with pytest.raises(CheckpointError, match=words):
        from_bytes(changed(data, change))


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ({"C": torch.full((27, 3), math.nan)}, "C holds numbers that aren’t finite"),
        ({"b2": torch.full((27,), math.inf)}, "b2 holds numbers that aren’t finite"),
        ({"C": torch.zeros(27, 4)}, r"C must be float32 \(27, 3\)"),
        ({"C": torch.zeros(27, 3, dtype=torch.float64)}, "C must be float32 .* is float64"),
        ({"more": torch.zeros(1)}, "must hold exactly"),
    ],
)
def test_weights_that_cannot_be_are_refused_in_words(data, tensors, words):
    with pytest.raises(CheckpointError, match=words):
        from_bytes(changed(data, tensors=tensors))


def test_other_tokens_than_the_data_has_are_refused(data):
    tokens = json.dumps([".", *"bacdefghijklmnopqrstuvwxyz"])
    with pytest.raises(CheckpointError, match="tokens aren’t those of its data"):
        from_bytes(changed(data, vocabulary=tokens))


def test_a_damaged_file_is_refused_or_is_a_run(data):
    chance, refusals = random.Random(1), []
    for _ in range(300):
        damaged = bytearray(data)
        for _ in range(chance.choice((1, 1, 1, 30))):
            damaged[chance.randrange(min(len(damaged), 6_000))] = chance.randrange(256)
        cut = bytes(damaged[: chance.randrange(len(damaged))]) if chance.random() < 0.2 else None
        try:
            from_bytes(cut or bytes(damaged))
        except CheckpointError as error:
            refusals.append(str(error))
    assert len(refusals) > 50
    assert all(refusals)


def test_a_header_that_claims_to_be_long_is_refused():
    with pytest.raises(CheckpointError):
        from_bytes(struct.pack("<Q", 2**63) + b"{}")


def test_weights_that_are_not_finite_are_not_saved(record):
    C = record.parameters["C"].clone()
    C[0, 0] = math.nan
    weights = WeightsInMemory(Parameters({**record.parameters, "C": C}))
    with pytest.raises(CheckpointError, match="C holds"):
        to_bytes(replace(record, weights=weights))


def test_a_damaged_brown_beside_it_takes_nothing_from_the_answer(tmp_path, monkeypatch):
    monkeypatch.setenv("NAMESMITH_CACHE", str(tmp_path))
    (tmp_path / BROWN.file_name).write_bytes(b"half of it")
    own = trained(Corpus.of_words("mine", ("anna", "otto", "ida", "emil", "lena") * 4))
    with pytest.raises(CheckpointError, match="isn’t in use here"):
        from_bytes(to_bytes(own))
    assert not (tmp_path / BROWN.file_name).exists()  # it was read, and set aside
