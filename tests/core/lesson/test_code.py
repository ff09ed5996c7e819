"""The shared pieces of code: they run in their order and do what the app does."""

from __future__ import annotations

import pytest
import torch

from core.config import LrSchedule, RunConfig
from core.learning import Loop, mean_loss
from core.lesson.chapter import Code
from core.lesson.code import rates, script, shared
from core.models import MLP, initial_parameters
from core.text import Corpus

SMALL = {"block_size": 2, "n_embd": 3, "n_hidden": 7, "seed": 11, "steps": 25, "batch_size": 5}


def test_only_what_is_needed_is_written_in_order() -> None:
    assert list(shared(RunConfig(), ["five_names"])) == [
        "imports", "names", "vocabulary", "sizes", "windows", "five_names",
    ]  # fmt: skip
    with pytest.raises(KeyError):
        shared(RunConfig(), ["nothing"])


def test_a_script_is_python_that_ends_with_its_lines() -> None:
    text = script(RunConfig(), Code(("training", "split", "all_names"), "print(V)"))
    compile(text, "script", "exec")
    assert text.endswith("print(V)\n")


@pytest.mark.parametrize("init", ["normal", "scaled"])
def test_parameters_are_the_apps(run_code, init: str) -> None:
    config = RunConfig.from_settings({**SMALL, "init": init})
    found = run_code(Code(("parameters",), ""), config)
    for name, tensor in initial_parameters(config.model, 27).items():
        torch.testing.assert_close(found[name], tensor)


@pytest.mark.parametrize("part", ["five_names", "all_names"])
def test_examples_are_the_apps(run_code, corpus: Corpus, part: str) -> None:
    words = Corpus.of_words("few", corpus.texts[:300])
    config = RunConfig.from_settings(SMALL)
    found = run_code(Code((part,), ""), config, words.texts)
    mine = words.examples("first_five" if part == "five_names" else "all", 2)
    names = ("X", "Y") if part == "five_names" else ("X_all", "Y_all")
    assert torch.equal(found[names[0]], mine.contexts)
    assert torch.equal(found[names[1]], mine.targets)


def test_a_run_of_the_code_is_a_run_of_the_app(run_code, corpus: Corpus) -> None:
    words = Corpus.of_words("few", corpus.texts[:300])
    config = RunConfig.from_settings({**SMALL, "engine": "autograd", "decay_steps": (10,)})
    lines = (
        "parameters = initial_parameters()\n"
        f"rates = {rates(config.training.lr_schedule, config.training.steps)}\n"
        "losses = train(parameters, X_train, Y_train, rates, 5)\n"
        "val_loss = mean_loss(parameters, X_val, Y_val)"
    )
    found = run_code(Code(("training", "split"), lines), config, words.texts)
    model = MLP(config.model, len(words.vocabulary))
    progress = list(Loop(model, words.examples("train", 2), config.training).to_the_end())
    losses = [loss for chunk in progress for loss in chunk.losses.tolist()]
    assert found["losses"] == pytest.approx(losses, rel=1e-5)
    assert found["val_loss"] == pytest.approx(mean_loss(model, words.examples("val", 2)), rel=1e-5)


@pytest.mark.parametrize(
    ("decay_steps", "text"),
    [
        ((), "[0.1] * 30_000"),
        ((20_000, 28_000), "[0.1] * 20_000 + [0.01] * 8_000 + [0.001] * 2_000"),
        ((40_000,), "[0.1] * 30_000"),
    ],
)
def test_rates_are_written_as_a_schedule(decay_steps: tuple[int, ...], text: str) -> None:
    assert rates(LrSchedule(decay_steps=decay_steps), 30_000) == text
