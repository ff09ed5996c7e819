"""The ramp, the short runs, and the code shown find the same losses."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

import numpy as np
import pytest
import torch

from core.config import RunConfig
from core.learning import ENGINES, mean_loss
from core.lesson import rate
from core.models import MLP
from core.sweep import Curve
from core.text import Corpus, Examples

Result = TypeVar("Result")
WORDS = ("anna", "bob", "otto", "eve", "hannah") * 6
SMALL = RunConfig.from_settings({"n_hidden": 5, "seed": 3})


def finish(work: Generator[float, None, Result]) -> Result:
    """Do the work to its end; what it says of itself only rises, up to 1."""
    shares = []
    while True:
        try:
            shares.append(next(work))
        except StopIteration as ended:
            assert shares == sorted(shares)
            assert shares[-1] == pytest.approx(1.0)
            result: Result = ended.value
            return result


@pytest.fixture
def few() -> Examples:
    return Corpus.of_words("few", WORDS).examples("all", 3)


def test_the_ramp_is_one_run_at_rising_rates(few: Examples) -> None:
    found = finish(rate.ramp(SMALL, few, 9))
    model = MLP(SMALL.model, 9)
    generator = torch.Generator().manual_seed(3)
    rows = torch.randint(0, len(few.targets), (1000, 32), generator=generator)
    rates = 10 ** torch.linspace(-3, 0, 1000, dtype=torch.float64)
    losses = ENGINES["autograd"](model.parameters, *few, rows, rates.float())
    np.testing.assert_allclose(found.curve.losses, losses.numpy(), rtol=2e-3)
    assert found.total == pytest.approx(mean_loss(model, few), rel=1e-2)
    assert found.every_hundredth[0] == found.curve.losses[99]
    assert len(found.every_hundredth) == 10
    assert found.every_hundredth[-1] == found.curve.losses[-1]


def test_the_tutorials_ramp_starts_high_falls_and_rises_again(corpus: Corpus) -> None:
    found = finish(rate.ramp(RunConfig(), corpus.examples("all", 3), 27))
    # The tutorial's batches were not seeded, so the same losses cannot come again.
    assert 10 < found.every_hundredth[0] < 20
    assert 2.5 < min(found.every_hundredth) < 4
    assert found.every_hundredth[-1] > 4
    lr, loss = rate.lowest(found.curve) or (0, 0)
    assert 0.1 < lr < 0.4
    assert loss == pytest.approx(3.2, abs=0.2)


def test_a_run_at_one_rate_ends_where_the_short_run_of_that_rate_does(few: Examples) -> None:
    curve = finish(rate.short_runs(SMALL, few, 9, 40))
    assert len(curve.lrs) == rate.N_SHORT_RUNS
    for place in (0, 14, 28):
        lr = float(curve.lrs[place])
        run = finish(rate.short_run(SMALL, few, 9, lr, 40))
        assert run.end == pytest.approx(float(curve.losses[place]), rel=1e-5)
        assert run.losses.shape == (40,)


def test_means_of_a_twentieth_stand_in_their_middle() -> None:
    run = rate.ShortRun(0.1, np.arange(1, 41, dtype=np.float32), 1.0)  # the loss is the step
    middles, means = run.smoothed()
    assert middles.tolist() == pytest.approx(means.tolist())
    assert means[0] == 1.5


def test_a_curve_without_a_loss_has_no_lowest_point() -> None:
    nothing = np.full(9, np.nan, dtype=np.float32)
    curve = Curve("independent", np.linspace(-3, 0, 9), nothing, np.ones(9, dtype=np.bool_))
    assert rate.lowest(curve) is None


@pytest.mark.parametrize("settings", [{}, {"block_size": 1, "n_embd": 1, "init": "scaled"}])
def test_the_code_shown_finds_the_same_losses(run_code, settings) -> None:
    config = RunConfig.from_settings({"n_hidden": 5, "seed": 3, **settings})
    variables = run_code(rate.code(config, 0.05, 30), config, WORDS)
    data = Corpus.of_words("few", WORDS).examples("all", config.model.block_size)
    found = finish(rate.ramp(config, data, 9))
    np.testing.assert_allclose(variables["sweep_losses"], found.curve.losses, rtol=2e-3)
    assert variables["sweep_total"] == pytest.approx(found.total, rel=1e-2)
    run = finish(rate.short_run(config, data, 9, 0.05, 30))
    np.testing.assert_allclose(variables["kept_losses"], run.losses, rtol=1e-4)
    assert variables["kept_end"] == pytest.approx(run.end, rel=1e-4)
