"""Runs at several rates at once: each is the run that it would be alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.config import RATES, RunConfig
from core.errors import ConfigError
from core.learning import Loop, live_samples
from core.lesson.side_by_side import SideBySide, SideBySideSnapshot, three_rates
from core.runs import State, Trainer
from core.text import Corpus

SMALL = {"n_hidden": 8, "steps": 300, "decay_steps": ()}
TIMEOUT = 60.0


def trained(
    corpus: Corpus, rates: tuple[float, ...], settings: dict[str, object]
) -> SideBySideSnapshot:
    jobs = SideBySide()
    jobs.start(RunConfig.from_settings(settings), rates, corpus, pace=None)
    assert jobs.join(TIMEOUT)
    snapshot = jobs.snapshot()
    assert snapshot is not None
    return snapshot


@pytest.mark.parametrize("more", [{}, {"optimiser": "adam", "engine": "autograd"}])
def test_each_is_the_run_of_its_rate_alone_to_the_bit(
    corpus: Corpus, more: dict[str, object]
) -> None:
    rates = (0.001, 0.1, 1.0)
    snapshot = trained(corpus, rates, SMALL | more)
    assert snapshot.state is State.FINISHED
    assert snapshot.n_done == snapshot.n_runs == 900
    for line, lr in zip(snapshot.lines, rates, strict=True):
        trainer = Trainer()
        trainer.start(RunConfig.from_settings(SMALL | more | {"base_lr": lr}), corpus)
        alone = trainer.wait_until(lambda run: run.has_ended, TIMEOUT)
        assert (line.lr, line.step) == (lr, 300)
        np.testing.assert_array_equal(line.curve.mean, alone.curve.mean)
        assert list(line.samples) == live_samples(alone.model, corpus)


@pytest.mark.parametrize("decay", [{"decay_steps": (5,)}, {"decay": "linear"}])
def test_each_keeps_its_rate_whatever_the_settings_decay(
    corpus: Corpus, decay: dict[str, object]
) -> None:
    (kept,), (decayed,) = (trained(corpus, (0.1,), SMALL | more).lines for more in ({}, decay))
    np.testing.assert_array_equal(kept.curve.mean, decayed.curve.mean)


def test_all_begin_with_the_same_loss_and_end_with_others(corpus: Corpus) -> None:
    lines = trained(corpus, (0.001, 0.1, 1.0), SMALL).lines
    assert len({float(line.curve.mean[0]) for line in lines}) == 1
    assert len({line.curve.recent for line in lines}) == 3


def test_a_run_that_diverges_says_where_and_the_others_go_on(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No rate within the limits overflows a tanh network, so one is made to.
    real = Loop._next_loss

    def overflows(loop: Loop) -> float:
        return math.inf if loop.lr == 1.0 and loop.step > 40 else real(loop)

    monkeypatch.setattr(Loop, "_next_loss", overflows)
    calm, wild = trained(corpus, (0.1, 1.0), SMALL | {"engine": "autograd"}).lines
    assert (calm.step, calm.diverged_at) == (300, None)
    assert wild.diverged_at is not None
    assert 40 < wild.diverged_at <= wild.step + 1 < 300
    assert np.isfinite(wild.curve.mean).all()
    assert len(wild.samples) == len(calm.samples)


def test_it_ends_when_it_is_stopped_and_what_is_done_stays(corpus: Corpus) -> None:
    jobs = SideBySide()
    jobs.start(RunConfig.from_settings({"steps": 1_000_000}), (0.01, 0.1), corpus)
    jobs.stop()
    assert jobs.join(TIMEOUT)
    snapshot = jobs.snapshot()
    assert snapshot is not None
    assert snapshot.state is State.STOPPED
    assert len(snapshot.lines) == 2


def test_another_start_takes_the_place_of_the_one_under_way(corpus: Corpus) -> None:
    jobs = SideBySide()
    jobs.start(RunConfig.from_settings({"steps": 1_000_000}), (0.01,), corpus)
    jobs.start(RunConfig.from_settings(SMALL), (0.1,), corpus, pace=None)
    assert jobs.join(TIMEOUT)
    snapshot = jobs.snapshot()
    assert snapshot is not None
    assert (snapshot.job_id, snapshot.state) == (2, State.FINISHED)


def test_a_rate_out_of_its_range_is_refused_before_anything_begins(corpus: Corpus) -> None:
    jobs = SideBySide()
    with pytest.raises(ConfigError, match="base_lr"):
        jobs.start(RunConfig(), (0.1, 100.0), corpus)
    assert jobs.snapshot() is None


@pytest.mark.parametrize("lr", [RATES.low, 0.003, 0.1, 1.0, RATES.high])
def test_the_three_rates_rise_around_the_one_that_is_set(lr: float) -> None:
    low, middle, high = three_rates(lr)
    assert RATES.low <= low <= middle == lr <= high <= RATES.high
