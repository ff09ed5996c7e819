"""The tutorial's ten losses, the floor below them, and what is learned by heart."""

from __future__ import annotations

import math
from collections.abc import Generator

import pytest

from core.config import RunConfig
from core.learning import mean_loss
from core.lesson import overfit
from core.lesson.overfit import Fit
from core.lesson.tutorial import STEPS
from core.models import lowest_possible_loss
from core.text import Corpus

FEW = Corpus.of_words(
    "few", ("ab", "ab", "ba", "b", "abc", "ca", "cab", "ac", "ba", "b", "a", "bc")
)


def fitted(config: RunConfig, corpus: Corpus, steps: int, lr: float) -> Fit:
    n_examples = len(corpus.examples("first_five", config.model.block_size).targets)
    return ended(overfit.fit(overfit.run_config(config, n_examples, steps, lr), corpus))


def ended(work: Generator[float, None, Fit]) -> Fit:
    shares = []
    while True:
        try:
            shares.append(next(work))
        except StopIteration as end:
            assert shares == sorted(shares)
            assert all(0 <= share <= 1 for share in shares)
            found: Fit = end.value
            return found


@pytest.mark.parametrize("engine", ["fused", "autograd"])
def test_the_ten_losses_are_the_tutorials(corpus: Corpus, engine: str) -> None:
    config = RunConfig.from_settings({"engine": engine})
    (step,) = [step for step in STEPS if step.name == "ten_losses"]
    assert overfit.first_losses(config, corpus) == pytest.approx(step.printed, rel=1e-5)
    found = fitted(config, corpus, 10, 0.1)
    assert found.losses[:10] == pytest.approx(step.printed, rel=1e-5)
    assert found.steps == 10


def test_the_loss_stops_at_its_floor_and_the_validation_loss_does_not(corpus: Corpus) -> None:
    found = fitted(RunConfig(), corpus, 5000, 0.3)
    lowest = lowest_possible_loss(corpus.examples("first_five", 3))
    assert lowest == pytest.approx(5 * math.log(5) / 32)
    assert lowest < found.losses[-1] < lowest + 0.001
    assert [step for step, _ in found.val_losses] == [1, 3, 10, 30, 100, 300, 1000, 3000, 5001]
    val = mean_loss(found.model, corpus.examples("val", 3))
    assert found.val_losses[-1][1] == pytest.approx(val)
    assert val > 10 > math.log(27)


def test_the_floor_at_other_lengths_is_as_the_answer_says(corpus: Corpus) -> None:
    floors = [lowest_possible_loss(corpus.examples("first_five", T)) for T in (1, 2, 16)]
    assert floors == pytest.approx([0.875, 0.2515, 0.2515], abs=5e-4)


def test_ambiguous_contexts_are_counted() -> None:
    # Of ab, ab, ba, b, abc: '.' has a, a, b, b, a; 'a' has b, b, ., b; 'b' has ., ., a, ., c.
    found = overfit.ambiguous(FEW.examples("first_five", 1))
    assert [(one.context, dict(one.followers)) for one in found] == [
        ((0,), {1: 3, 2: 2}),
        ((2,), {0: 3, 1: 1, 3: 1}),
        ((1,), {2: 3, 0: 1}),
    ]
    assert [one.count for one in found] == [5, 5, 4]
    assert overfit.ambiguous(Corpus.of_words("same", ("ab",) * 10).examples("first_five", 1)) == []


def test_each_of_five_beginnings_gets_a_fifth(corpus: Corpus) -> None:
    found = fitted(RunConfig(), corpus, 5000, 0.3)
    (only,) = overfit.ambiguous(corpus.examples("first_five", 3))
    given = overfit.probabilities(found.model, only.context)
    assert [corpus.vocabulary.itos[index] for index, _ in only.followers] == list("eoais")
    assert given[[index for index, _ in only.followers]].tolist() == pytest.approx(
        [0.2] * 5, abs=0.01
    )
    names = overfit.written(found.model, corpus)
    assert sum(name in corpus.texts[:5] for name in names) > 0.95 * overfit.N_NAMES


def test_without_validation_words_there_is_no_such_loss() -> None:
    found = fitted(RunConfig(), Corpus.of_words("five", FEW.texts[:5]), 10, 0.1)
    assert found.val_losses == []


def test_a_diverged_run_keeps_its_last_good_weights() -> None:
    config = RunConfig.from_settings({"n_hidden": 1024, "n_embd": 64, "engine": "autograd"})
    run = overfit.run_config(config, 15, 400, 10.0)
    found = ended(overfit.fit(run, FEW))
    assert math.isfinite(found.losses[-1])
    assert found.has_diverged == (found.steps < 400)


@pytest.mark.parametrize("settings", [{}, {"block_size": 1, "n_embd": 1, "n_hidden": 1, "seed": 3}])
def test_the_code_shown_finds_the_same(run_code, settings: dict[str, object]) -> None:
    config = RunConfig.from_settings(settings)
    shown = overfit.code(config, steps=60, lr=0.2)
    assert max(map(len, shown.lines.splitlines())) <= 100
    variables = run_code(shown, config, FEW.texts)
    found = fitted(config, FEW, 60, 0.2)
    assert variables["losses"] == pytest.approx(found.losses[:-1], rel=1e-4)
    assert variables["train_loss"] == pytest.approx(found.losses[-1], rel=1e-4)
    assert variables["val_loss"] == pytest.approx(found.val_losses[-1][1], rel=1e-4)
    examples = FEW.examples("first_five", config.model.block_size)
    assert variables["lowest"] == pytest.approx(lowest_possible_loss(examples))
    assert len(variables["written"]) == 10
