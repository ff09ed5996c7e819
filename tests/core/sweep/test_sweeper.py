"""The sweeper: a thread that ends, tells what it knows, and touches nothing of anyone else's."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.config import ModelConfig, RunConfig, TrainingConfig
from core.errors import ConfigError
from core.models import MLP
from core.runs import State, Trainer
from core.sweep import Curve, SweepConfig, Sweeper, SweepSnapshot, suggestions, sweep
from core.sweep import sweeper as sweeper_module
from core.text import Corpus

SMALL = ModelConfig(n_hidden=8)
TRAINING = TrainingConfig(engine="autograd")
RAMP = SweepConfig(n_rates=120, engine="autograd")
SHORT_RUNS = SweepConfig(kind="independent", n_rates=8, n_steps=20, engine="autograd")
ENDLESS = {
    "ramp": SweepConfig(n_rates=10_000, engine="autograd"),
    "independent": SweepConfig(kind="independent", n_rates=100, n_steps=100_000, engine="autograd"),
}
LARGE = ModelConfig(block_size=8, n_embd=32, n_hidden=512)  # 10,000 steps of it take a minute


def swept(corpus: Corpus, config: SweepConfig, training: TrainingConfig = TRAINING):
    sweeper = Sweeper()
    sweeper.start(SMALL, training, corpus, config)
    assert sweeper.join(timeout=30)
    return ended(sweeper)


def ended(sweeper: Sweeper) -> SweepSnapshot:
    snapshot = sweeper.snapshot()
    assert snapshot is not None
    assert not snapshot.is_running
    return snapshot


def test_there_is_no_snapshot_before_the_first_sweep():
    assert Sweeper().snapshot() is None
    assert Sweeper().join(timeout=0)


def test_each_sweeper_has_a_token_of_its_own_that_cannot_be_guessed():
    tokens = {Sweeper().token for _ in range(10)}
    assert len(tokens) == 10
    assert min(map(len, tokens)) >= 32


@pytest.mark.parametrize("train_on", ["train", "all", "first_five"])
@pytest.mark.parametrize("config", [RAMP, SHORT_RUNS], ids=["ramp", "independent"])
def test_a_sweep_is_the_range_test_on_the_weights_that_a_run_would_start_from(
    corpus, config, train_on
):
    snapshot = swept(corpus, config, replace(TRAINING, train_on=train_on))
    expected = sweep(
        MLP(SMALL, len(corpus.vocabulary)),
        corpus.examples(train_on, SMALL.block_size),
        config,
        corpus.examples("val", SMALL.block_size) if train_on == "train" else None,
    )
    assert snapshot.state is State.FINISHED
    np.testing.assert_array_equal(snapshot.curve.losses, expected.losses)
    assert snapshot.suggestions == suggestions(expected)
    assert snapshot.is_validated == (config.kind == "independent" and train_on == "train")


def test_a_sweep_leaves_the_trainers_weights_and_torchs_random_state_alone(corpus):
    trainer, state = Trainer(), torch.get_rng_state()
    trainer.start(RunConfig(model=SMALL, training=replace(TRAINING, steps=50)), is_paused=True)
    started = trainer.snapshot()
    assert started is not None
    before = started.parameters.copy()
    swept(corpus, RAMP)
    swept(corpus, SHORT_RUNS)
    trainer.step(50)
    interrupted = trainer.wait_until(lambda s: s.step == 50 and not s.is_running, 20)
    trainer.stop()
    assert trainer.join(timeout=10)

    alone = Trainer()
    alone.start(RunConfig(model=SMALL, training=replace(TRAINING, steps=50)), is_paused=True)
    fresh = alone.snapshot()
    assert fresh is not None
    for mine, first in zip(before.values(), fresh.parameters.values(), strict=True):
        assert torch.equal(mine, first)
    alone.step(50)
    undisturbed = alone.wait_until(lambda s: s.step == 50 and not s.is_running, 20)
    alone.stop()
    assert alone.join(timeout=10)
    for mine, other in zip(
        interrupted.parameters.values(), undisturbed.parameters.values(), strict=True
    ):
        assert torch.equal(mine, other)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("kind", ["ramp", "independent"])
def test_a_stopped_sweep_leaves_no_thread_and_keeps_what_it_found(corpus, kind):
    threads = set(threading.enumerate())
    sweeper = Sweeper()
    sweeper.start(LARGE, TRAINING, corpus, ENDLESS[kind])
    sweeper.stop()
    assert sweeper.join(timeout=20)
    for thread in set(threading.enumerate()) - threads:  # joblib's end a moment later
        thread.join(timeout=5)
        assert not thread.is_alive()
    snapshot = ended(sweeper)
    assert snapshot.state is State.STOPPED
    assert not snapshot.curve.is_complete
    assert snapshot.suggestions[0].lr is None
    assert "let the sweep run to its end" in snapshot.suggestions[0].reason


def test_a_second_start_ends_the_first_sweep_and_shows_only_the_second(corpus):
    sweeper = Sweeper()
    sweeper.start(LARGE, TRAINING, corpus, ENDLESS["ramp"])
    first = sweeper.snapshot()
    sweeper.start(SMALL, TRAINING, corpus, RAMP)
    assert sweeper.join(timeout=20)
    second = ended(sweeper)
    assert first is not None
    assert (first.job_id, second.job_id) == (1, 2)
    assert second.version > first.version
    assert second.state is State.FINISHED
    assert second.config == RAMP


def test_a_sweep_may_begin_again_after_it_has_ended(corpus):
    sweeper = Sweeper()
    for sweep_id in (1, 2):
        sweeper.start(SMALL, TRAINING, corpus, RAMP)
        assert sweeper.join(timeout=20)
        assert ended(sweeper).job_id == sweep_id


@pytest.mark.parametrize(
    ("seconds_between_looks", "most"),
    [(0.0, 2), (0.001, 7), (1.0, 63)],  # the first, the last, and what stands between
)
def test_snapshots_come_at_most_every_tenth_of_a_second(
    corpus, monkeypatch, seconds_between_looks, most
):
    curves = [curve_of(n_done, 60) for n_done in range(1, 61)]
    monkeypatch.setattr(sweeper_module, "sweeping", lambda *_: (curve for curve in curves))
    ticks = itertools.count()
    sweeper = Sweeper(now=lambda: next(ticks) * seconds_between_looks)
    sweeper.start(SMALL, TRAINING, corpus, replace(RAMP, n_rates=60))
    assert sweeper.join(timeout=20)
    assert 2 <= ended(sweeper).version <= most
    if seconds_between_looks == 1.0:
        assert ended(sweeper).version > 60


def test_a_sweep_that_is_stopped_past_its_valley_still_recommends_a_rate(corpus, monkeypatch):
    sweeper = Sweeper()

    def sweeping(*_: object):
        yield curve_of(50, 60)
        sweeper.stop()
        yield curve_of(51, 60)
        raise AssertionError("it went on")

    monkeypatch.setattr(sweeper_module, "sweeping", sweeping)
    sweeper.start(SMALL, TRAINING, corpus, replace(RAMP, n_rates=60))
    assert sweeper.join(timeout=20)
    snapshot = ended(sweeper)
    assert snapshot.state is State.STOPPED
    assert snapshot.curve.n_done == 51
    assert snapshot.suggestions[0].lr == pytest.approx(10**-1.5, rel=0.15)


def curve_of(n_done: int, n_rates: int) -> Curve:
    """A parabola with its floor at 10^-1.5, as far as it is done."""
    exponents = np.linspace(-3, 0, n_rates)
    losses = (3 + np.square(exponents + 1.5)).astype(np.float32)
    losses[n_done:] = np.nan
    return Curve("ramp", exponents, losses, np.zeros(n_rates, dtype=np.bool_))


def test_an_error_of_the_program_is_logged_and_told_without_its_details(
    corpus, monkeypatch, caplog
):
    def failing(*_: object):
        raise RuntimeError("a secret path")

    monkeypatch.setattr(sweeper_module, "sweeping", failing)
    snapshot = swept(corpus, RAMP)
    assert snapshot.state is State.FAILED
    assert "secret" not in snapshot.error
    assert "a secret path" in caplog.text


def test_an_error_of_ours_is_told_in_its_own_words(corpus, monkeypatch):
    def failing(*_: object):
        raise ConfigError("batch_size", "smaller", 99)

    monkeypatch.setattr(sweeper_module, "sweeping", failing)
    snapshot = swept(corpus, RAMP)
    assert snapshot.state is State.FAILED
    assert snapshot.error == "batch_size must be smaller, got 99"


def test_the_time_left_is_that_of_the_rates_that_are_left(corpus):
    snapshot = swept(corpus, RAMP)
    half = replace(snapshot, curve=curve_of(30, 120), seconds=3.0)
    assert half.seconds_left == pytest.approx(9.0)
    assert replace(half, curve=curve_of(0, 120)).seconds_left == float("inf")
