"""Both schedules, the shared steps, and the code shown."""

from __future__ import annotations

import random

import pytest
import torch

from core.config import ModelConfig, RunConfig
from core.learning import Loop, LossHistory, mean_loss, scheduled
from core.lesson.long_run import pairs
from core.lesson.long_run.pairs import Ending, Pair
from core.models import MLP
from core.text import Corpus

SMALL = ModelConfig(n_hidden=5, block_size=2, seed=3)
N_STEPS = 150


@pytest.fixture(scope="module")
def few() -> Corpus:
    """Sixty words of four letters."""
    draw = random.Random(1)
    return Corpus.of_words("few", tuple("".join(draw.choices("abcd", k=4)) for _ in range(60)))


@pytest.fixture(scope="module")
def pair(few) -> Pair:
    *_, (share, pair) = pairs.running(few, SMALL, N_STEPS, 7)
    assert share == 1.0
    assert pair is not None
    return pair


def test_schedules_at_the_steps_where_they_change() -> None:
    # Rows count from 0: row 19,999 is the tutorial's epoch 20,000, the last at 0.1.
    rows = [0, 19_999, 20_000, 27_999, 28_000, 29_999]
    printed = scheduled(pairs.schedule("printed"), 30_000)(0, 30_000)[rows]
    meant = scheduled(pairs.schedule("meant"), 30_000)(0, 30_000)[rows]
    assert printed.tolist() == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.01, 0.01])
    assert meant.tolist() == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


@pytest.mark.parametrize("version", pairs.VERSIONS)
def test_both_are_real_runs(few, pair, version) -> None:
    model, examples = MLP(SMALL, 5), few.examples("all", 2)
    config = pairs.training(version, N_STEPS, 7)
    losses = [loss for p in Loop(model, examples, config).to_the_end() for loss in p.losses]
    ending = getattr(pair, version)
    assert ending.tenths == tuple(losses[step - 1] for step in range(15, 151, 15))
    assert ending.curve.n_steps == N_STEPS
    assert ending.total == mean_loss(model, examples)
    assert ending.scatter == pytest.approx(torch.tensor(losses[140:]).std(correction=0).item())


def test_progress_rises_to_the_end_and_the_pair_is_kept(few) -> None:
    assert pairs.known(few, SMALL, 300, 8) is None
    shares = [share for share, _ in pairs.running(few, SMALL, 300, 8)]
    assert shares == sorted(shares)
    assert shares[-2] == pytest.approx(1.0)
    assert pairs.known(few, SMALL, 300, 8) is not None


def test_a_run_that_is_given_up_is_not_kept(few) -> None:
    under_way = pairs.running(few, SMALL, 300, 9)
    next(under_way)
    under_way.close()  # type: ignore[attr-defined]
    assert pairs.known(few, SMALL, 300, 9) is None


def test_summary_of_three_pairs() -> None:
    curve = LossHistory().curve()
    measured = [
        Pair(Ending(curve, (), 0.0, printed), Ending(curve, (), 0.0, meant))
        for printed, meant in ((2.5, 2.25), (2.0, 2.125), (3.0, 2.5))
    ]
    found = pairs.summary(measured)
    assert found.printed == (2.0, 2.5, 3.0)
    assert found.meant == (2.125, 2.25, 2.5)
    assert (found.gain, found.n_better, found.n_seeds) == (0.25, 2, 3)


def test_seeds_go_round_at_the_highest() -> None:
    assert pairs.seeds(2**32 - 2, 3) == [2**32 - 2, 2**32 - 1, 0]


def test_only_small_runs_begin_by_themselves(corpus) -> None:
    assert pairs.is_quick(corpus, ModelConfig(), 30_000)
    assert not pairs.is_quick(corpus, ModelConfig(n_hidden=1024), 30_000)


def test_the_tutorials_run_ends_near_its_total(corpus) -> None:
    # Measured over 20 runs from other seeds: 2.343 to 2.368.
    *_, (_, pair) = pairs.running(corpus, ModelConfig(), 30_000, 2147483647)
    assert pair is not None
    assert pair.printed.total == pytest.approx(2.3457, abs=0.03)
    assert abs(pair.gain) < 0.02


def test_the_code_shown_makes_both_runs(run_code, few, pair) -> None:
    config = RunConfig.from_settings(
        {"n_hidden": 5, "block_size": 2, "seed": 3, "batch_seed": 7, "train_on": "all"}
    )
    variables = run_code(pairs.code(config, N_STEPS), config, few.texts)
    assert variables["totals"]["as_printed"] == pytest.approx(pair.printed.total, rel=1e-4)
    assert variables["totals"]["as_meant"] == pytest.approx(pair.meant.total, rel=1e-4)
    assert variables["losses"][14::15] == pytest.approx(pair.meant.tenths, rel=1e-3)


def test_the_code_has_the_bug_and_its_mend(run_code, few) -> None:
    config = RunConfig(model=SMALL)
    variables = run_code(pairs.code(config, N_STEPS, "printed"), config, few.texts)
    assert list(variables["totals"]) == ["as_printed"]
    steps = range(1, N_STEPS + 1)
    for version in pairs.VERSIONS:
        rates = [variables[f"as_{version}"](step) for step in steps]
        planned = scheduled(pairs.schedule(version, N_STEPS), N_STEPS)(0, N_STEPS)
        assert rates == pytest.approx(planned.tolist())
