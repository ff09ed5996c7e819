"""The trainer's thread: commands, states, pace by a clock of the test's own, and its end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import partial

import numpy as np
import pytest
import torch

from core.config import RunConfig
from core.errors import ConfigError, StoreError
from core.learning import Loop, mean_loss
from core.models import Parameters
from core.runs import (
    AdmissionQueue,
    Clock,
    RunRecord,
    SavedRun,
    Seats,
    Snapshot,
    Speed,
    State,
    Trainer,
)
from core.text import Corpus

TIMEOUT = 30.0  # of a wait that should take milliseconds; only a hang reaches it


class FakeClock(Clock):
    """A clock that jumps to the end of every wait, and writes down how long it would have been."""

    def __init__(self) -> None:
        self.time = 0.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.time

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        if seconds is None:
            condition.wait()
            return
        self.waits.append(seconds)
        self.time += seconds


@pytest.fixture
def trainer() -> Iterator[Trainer]:
    trainer = Trainer()
    yield trainer
    trainer.stop()
    assert trainer.join(TIMEOUT)


def short(**settings: object) -> RunConfig:
    return RunConfig.from_settings({"steps": 300, "engine": "autograd", **settings})


def at_step(step: int, state: State = State.PAUSED):
    return lambda snapshot: snapshot.step == step and snapshot.state is state


def ended(snapshot: Snapshot) -> bool:
    return snapshot.has_ended


def same_weights(a: Snapshot, b: Snapshot) -> bool:
    return all(
        torch.equal(x, y) for x, y in zip(a.parameters.values(), b.parameters.values(), strict=True)
    )


def test_there_is_nothing_to_see_before_the_first_run(trainer: Trainer) -> None:
    assert trainer.snapshot() is None
    assert trainer.runs() == ()
    trainer.pause()
    trainer.step(3)
    trainer.set_learning_rate(0.1)
    trainer.reset()
    trainer.stop()
    assert trainer.snapshot() is None


def test_an_untrained_model_is_looked_at_with_its_loss_and_is_no_run(trainer: Trainer) -> None:
    trainer.prepare(short())
    shown = trainer.wait_until(lambda s: bool(s.evaluations), TIMEOUT)
    assert (shown.state, shown.step, shown.run_id) == (State.IDLE, 0, 1)
    held_out = shown.corpus.examples("val", 3)
    assert shown.evaluations[0].val_loss == pytest.approx(mean_loss(shown.model, held_out))
    assert len(shown.samples) == 10
    assert trainer.snapshot() is None
    assert trainer.runs() == ()
    for command in (trainer.resume, trainer.step, trainer.at_once, trainer.reset):
        command()
    assert trainer.shown() is shown
    assert not [t for t in threading.enumerate() if t.name.startswith("run-")]


def test_a_start_with_its_settings_makes_the_untrained_model_the_first_run(
    trainer: Trainer,
) -> None:
    trainer.prepare(short())
    shown = trainer.wait_until(lambda s: bool(s.evaluations), TIMEOUT)
    trainer.start(short())
    begun = trainer.snapshot()
    assert begun is not None
    assert begun.state is not State.IDLE
    last = trainer.wait_until(ended, TIMEOUT)
    assert (last.run_id, last.step) == (1, 300)
    assert last.evaluations[0] == shown.evaluations[0]
    straight = Trainer()
    straight.start(short())
    assert same_weights(straight.wait_until(ended, TIMEOUT), last)


def test_an_untrained_model_of_other_settings_takes_no_number(trainer: Trainer) -> None:
    trainer.prepare(short())
    trainer.prepare(short(n_hidden=20))
    shown = trainer.shown()
    assert shown is not None
    assert (shown.run_id, shown.config.model.n_hidden) == (1, 20)
    trainer.start(short(n_hidden=30), is_paused=True)
    trainer.step(5)
    assert trainer.wait_until(at_step(5), TIMEOUT).run_id == 1
    trainer.prepare(short())  # there is a run now
    assert [run.run_id for run in trainer.runs()] == [1]
    trainer.start(short(steps=10))
    assert trainer.wait_until(ended, TIMEOUT).run_id == 2
    assert [run.run_id for run in trainer.runs()] == [1, 2]


def test_an_untrained_model_that_was_stopped_is_made_anew(trainer: Trainer) -> None:
    trainer.prepare(short())
    trainer.stop()
    assert trainer.join(TIMEOUT)
    trainer.prepare(short())
    assert trainer.wait_until(lambda s: s.state is State.IDLE, TIMEOUT).run_id == 1


def test_a_run_goes_from_its_first_weights_to_its_final_losses(trainer: Trainer) -> None:
    trainer.start(short())
    last = trainer.wait_until(ended, TIMEOUT)
    assert last.state is State.FINISHED
    assert last.step == last.curve.n_steps == 300
    assert last.final is not None
    held_out = last.corpus.examples("val", 3)
    assert last.final.val == pytest.approx(mean_loss(last.model, held_out), rel=1e-6)
    assert last.evaluations[-1].val_loss == pytest.approx(last.final.val, rel=1e-6)
    assert last.moments[0].step == 0
    assert trainer.join(TIMEOUT)


def test_pausing_stepping_and_pacing_change_no_loss_and_no_weight(trainer: Trainer) -> None:
    trainer.start(short())
    straight = trainer.wait_until(ended, TIMEOUT)
    trainer.start(short(), is_paused=True)
    for n_steps, reached in ((1, 1), (10, 11), (100, 111)):
        trainer.step(n_steps)
        trainer.wait_until(at_step(reached), TIMEOUT)
    trainer.set_pace(5000.0)
    trainer.resume()
    trainer.pause()
    trainer.wait_until(lambda s: s.state in {State.PAUSED, State.FINISHED}, TIMEOUT)
    trainer.set_pace(None)
    trainer.resume()
    cut = trainer.wait_until(ended, TIMEOUT)
    assert same_weights(straight, cut)
    np.testing.assert_allclose(straight.curve.mean, cut.curve.mean, rtol=1e-6)
    np.testing.assert_array_equal(straight.curve.low, cut.curve.low)


@pytest.mark.parametrize("speed", ["watch", 25.0])
def test_no_pace_changes_a_loss_or_a_weight(trainer: Trainer, speed: Speed) -> None:
    trainer.start(short())
    straight = trainer.wait_until(ended, TIMEOUT)
    paced = Trainer(clock=FakeClock())
    paced.set_pace(speed)
    paced.start(short())
    slow = paced.wait_until(ended, TIMEOUT)
    assert paced.join(TIMEOUT)
    assert same_weights(straight, slow)
    np.testing.assert_array_equal(straight.curve.low, slow.curve.low)
    np.testing.assert_array_equal(straight.curve.high, slow.curve.high)


def test_at_once_finishes_a_run_in_its_midst_and_leaves_the_pace_of_the_next(
    trainer: Trainer,
) -> None:
    trainer.set_pace(0.001)  # the first step at once, the second after a quarter of an hour
    trainer.start(short())
    trainer.wait_until(lambda s: s.step == 1, TIMEOUT)
    trainer.at_once()
    assert trainer.wait_until(ended, TIMEOUT).step == 300
    trainer.start(short())
    assert trainer.wait_until(lambda s: s.step > 0, TIMEOUT).step == 1


def test_a_paused_run_stands_still_until_it_is_resumed(trainer: Trainer) -> None:
    trainer.start(short(), is_paused=True)
    first = trainer.wait_until(at_step(0), TIMEOUT)
    trainer.step(5)
    paused = trainer.wait_until(at_step(5), TIMEOUT)
    assert not same_weights(first, paused)
    assert paused.steps_per_second == 0
    trainer.resume()
    assert trainer.wait_until(ended, TIMEOUT).step == 300


def test_a_snapshot_never_changes(trainer: Trainer) -> None:
    trainer.start(short(), is_paused=True)
    before = trainer.wait_until(at_step(0), TIMEOUT)
    kept = before.parameters.copy()
    trainer.resume()
    trainer.wait_until(ended, TIMEOUT)
    assert all(torch.equal(before.parameters[name], kept[name]) for name in kept)
    assert before.step == 0


def test_a_new_rate_keeps_the_weights_and_is_marked(trainer: Trainer) -> None:
    trainer.start(short(), is_paused=True)
    trainer.step(20)
    before = trainer.wait_until(at_step(20), TIMEOUT)
    trainer.set_learning_rate(0.05)
    after = trainer.wait_until(lambda s: s.lr == 0.05, TIMEOUT)
    assert same_weights(before, after)
    trainer.set_learning_rate(0.02)
    after = trainer.wait_until(lambda s: s.lr == 0.02, TIMEOUT)
    assert after.rate_changes == ((20, 0.02),)


def test_a_rate_out_of_range_is_refused_and_the_run_goes_on(trainer: Trainer) -> None:
    trainer.start(short(), is_paused=True)
    with pytest.raises(ConfigError, match="base_lr"):
        trainer.set_learning_rate(100.0)
    trainer.resume()
    assert trainer.wait_until(ended, TIMEOUT).state is State.FINISHED


def test_reset_brings_back_the_first_weights(trainer: Trainer) -> None:
    trainer.start(short(), is_paused=True)
    first = trainer.wait_until(at_step(0), TIMEOUT)
    trainer.step(30)
    trainer.wait_until(at_step(30), TIMEOUT)
    trainer.reset()
    again = trainer.wait_until(at_step(0), TIMEOUT)
    assert again.run_id == first.run_id + 1
    assert same_weights(first, again)
    assert again.config == first.config


def test_every_run_that_took_a_step_stays_until_it_is_forgotten(trainer: Trainer) -> None:
    trainer.start(short(steps=20))
    trainer.wait_until(ended, TIMEOUT)
    trainer.start(short(steps=20, seed=5), is_paused=True)
    trainer.start(short(steps=30))
    trainer.wait_until(ended, TIMEOUT)
    assert [run.run_id for run in trainer.runs()] == [1, 3]
    trainer.forget(3)  # the current one stays
    trainer.forget(1)
    assert [run.run_id for run in trainer.runs()] == [3]


class Saved:
    """Two earlier runs of which only their rows are known, and what is read of them."""

    def __init__(self) -> None:
        trainer = Trainer()
        trainer.start(short(steps=20))
        self.record = trainer.wait_until(ended, TIMEOUT).record()
        assert trainer.join(TIMEOUT)
        self.read: list[int] = []
        self.is_gone = False

    def load(self, run_id: int) -> RunRecord:
        if self.is_gone:
            raise StoreError("It’s gone.", is_passing=False)
        self.read.append(run_id)
        return replace(self.record, run_id=run_id, key=f"key {run_id}")

    def row(self, run_id: int) -> SavedRun:
        known = {
            field.name: getattr(self.record, field.name)
            for field in fields(SavedRun)
            if field.name not in {"run_id", "key", "reference", "load"}
        }
        load = partial(self.load, run_id)
        return SavedRun(**known, run_id=run_id, key=f"key {run_id}", reference="names", load=load)


@pytest.fixture
def saved(trainer: Trainer) -> Saved:
    saved = Saved()
    trainer.restore([saved.row(1), saved.row(2)])
    return saved


def test_a_saved_run_is_read_when_it_is_asked_for_and_once(trainer: Trainer, saved: Saved) -> None:
    assert [run.title for run in trainer.runs()] == ["Run 1", "Run 2"]
    trainer.rename(2, "another name")
    assert [run.title for run in trainer.runs()] == ["Run 1", "another name"]
    assert saved.read == []
    run = trainer.read(2)
    assert run is not None
    assert (run.run_id, run.title) == (2, "another name")
    assert run.final == saved.record.final
    assert trainer.read(2) is run is trainer.runs()[1]
    assert saved.read == [2]
    assert trainer.read(3) is None


def test_a_saved_run_that_is_gone_is_listed_and_dropped_like_any(
    trainer: Trainer, saved: Saved
) -> None:
    first = trainer.read(1)
    saved.is_gone = True
    with pytest.raises(StoreError, match="gone"):
        trainer.read(2)
    assert trainer.read_some([1, 2, 3]) == [first]
    assert [run.run_id for run in trainer.runs()] == [1, 2]
    trainer.forget(2)
    assert [run.run_id for run in trainer.runs()] == [1]


def test_a_run_whose_weights_cannot_be_read_leaves_the_current_one(
    trainer: Trainer, saved: Saved
) -> None:
    class Gone:
        def load(self) -> Parameters:
            raise StoreError("It’s gone.", is_passing=False)

    trainer.start(short(), is_paused=True)
    with pytest.raises(StoreError, match="gone"):
        trainer.take_up(replace(saved.record, run_id=7, weights=Gone()))
    now = trainer.snapshot()
    assert now is not None
    assert now.state is State.PAUSED
    assert 7 not in [run.run_id for run in trainer.runs()]


def test_a_new_run_ends_the_one_under_way(trainer: Trainer) -> None:
    trainer.start(short(steps=1_000_000))
    trainer.wait_until(lambda s: s.step > 0, TIMEOUT)
    trainer.start(short(steps=10))
    trainer.wait_until(ended, TIMEOUT)
    assert trainer.join(TIMEOUT)
    assert [run.state for run in trainer.runs()] == [State.STOPPED, State.FINISHED]


def test_stop_ends_the_thread_in_every_state(trainer: Trainer) -> None:
    trainer.start(short(steps=1_000_000))
    trainer.wait_until(lambda s: s.step > 0, TIMEOUT)
    trainer.stop()
    assert trainer.join(TIMEOUT)
    trainer.start(short(), is_paused=True)
    trainer.stop()
    assert trainer.join(TIMEOUT)
    assert not [t for t in threading.enumerate() if t.name.startswith("run-")]


def test_a_run_that_was_stopped_waits_there_and_goes_on_to_the_same_bits(trainer: Trainer) -> None:
    straight = Trainer()
    straight.start(short())
    trainer.set_pace(200.0)
    trainer.start(short())
    trainer.rename(1, "mine")
    trainer.wait_until(lambda s: s.step > 50, TIMEOUT)
    trainer.stop()
    assert trainer.join(TIMEOUT)
    stopped = trainer.snapshot()
    assert stopped is not None
    assert stopped.state is State.STOPPED
    trainer.take_up_stopped()
    waiting = trainer.wait_until(at_step(stopped.step), TIMEOUT)
    assert (waiting.run_id, waiting.key, waiting.name) == (1, stopped.key, "mine")
    assert [run.run_id for run in trainer.runs()] == [1]
    trainer.take_up_stopped()  # it is not stopped any more
    trainer.set_pace(None)
    trainer.resume()
    gone_on = trainer.wait_until(ended, TIMEOUT)
    assert gone_on.state is State.FINISHED
    assert same_weights(gone_on, straight.wait_until(ended, TIMEOUT))
    trainer.take_up_stopped()
    assert trainer.snapshot() is gone_on
    assert [run.run_id for run in trainer.runs()] == [1]


def test_an_untrained_model_that_was_stopped_is_no_run_to_go_on_with(trainer: Trainer) -> None:
    trainer.prepare(short())
    trainer.stop()
    assert trainer.join(TIMEOUT)
    trainer.take_up_stopped()
    assert trainer.snapshot() is None


def test_names_keep_their_draws_so_that_one_sees_them_improve(trainer: Trainer) -> None:
    trainer.start(short(), is_paused=True)
    first = trainer.wait_until(at_step(0), TIMEOUT)
    trainer.reset()
    second = trainer.wait_until(lambda s: s.run_id == 2 and s.step == 0, TIMEOUT)
    assert first.samples == second.samples
    assert len(first.samples) == 10
    assert first.known == tuple(name in first.corpus.known for name in first.samples)


def test_pace_is_kept_by_the_clock() -> None:
    clock = FakeClock()
    trainer = Trainer(clock=clock)
    trainer.set_pace(10.0)
    trainer.start(short(steps=50))
    trainer.wait_until(ended, TIMEOUT)
    assert trainer.join(TIMEOUT)
    # 50 steps at 10 a second, the first at once: 4.9 seconds, in waits of a tenth.
    assert clock.time == pytest.approx(4.9, abs=0.11)
    assert max(clock.waits) <= 0.1 + 1e-9


def test_a_watched_run_takes_twelve_seconds_by_the_clock() -> None:
    clock = FakeClock()
    trainer = Trainer(clock=clock)
    trainer.set_pace("watch")
    trainer.start(short(steps=1000))
    trainer.wait_until(ended, TIMEOUT)
    assert trainer.join(TIMEOUT)
    assert clock.time == pytest.approx(12.0, abs=0.1)


def test_a_brisk_pace_is_kept_in_small_groups_of_steps() -> None:
    clock = FakeClock()
    trainer = Trainer(clock=clock)
    trainer.set_pace(2000.0)
    trainer.start(short(steps=1000))
    trainer.wait_until(ended, TIMEOUT)
    assert trainer.join(TIMEOUT)
    assert clock.time == pytest.approx(0.5, abs=0.1)


def test_a_diverged_run_waits_with_good_weights_and_goes_on_at_a_lower_rate(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No rate within the limits overflows a tanh network, so one evaluation is made to.
    real = Loop._next_loss

    def overflows_once(loop: Loop) -> float:
        return float("inf") if loop.step > 40 and loop.lr == 0.1 else real(loop)

    monkeypatch.setattr(Loop, "_next_loss", overflows_once)
    trainer.start(short(), is_paused=True)
    trainer.step(40)
    trainer.wait_until(at_step(40), TIMEOUT)
    trainer.resume()
    diverged = trainer.wait_until(lambda s: s.state is State.DIVERGED, TIMEOUT)
    assert diverged.divergence is not None
    assert diverged.divergence.lr == 0.1
    assert diverged.step == diverged.divergence.good_step == diverged.curve.n_steps
    assert all(tensor.isfinite().all() for tensor in diverged.parameters.values())
    trainer.set_learning_rate(0.03)
    trainer.resume()
    assert trainer.wait_until(ended, TIMEOUT).state is State.FINISHED


def test_an_error_of_the_program_is_shown_in_words_and_ends_the_run(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(self: Loop, *_args: object, **_options: object) -> None:
        raise RuntimeError("some detail for the log")

    monkeypatch.setattr(Loop, "advance", fails)
    trainer.start(short())
    failed = trainer.wait_until(ended, TIMEOUT)
    assert failed.state is State.FAILED
    assert "some detail" not in failed.error
    assert "some detail" in caplog.text
    assert trainer.join(TIMEOUT)


def test_trainers_share_their_seats_and_all_finish() -> None:
    seats = Seats(1)
    trainers = [Trainer(seats=seats) for _ in range(4)]
    for trainer in trainers:
        trainer.start(short(steps=100))
    snapshots = [trainer.wait_until(ended, TIMEOUT) for trainer in trainers]
    assert all(trainer.join(TIMEOUT) for trainer in trainers)
    assert {snapshot.state for snapshot in snapshots} == {State.FINISHED}
    assert all(same_weights(snapshots[0], other) for other in snapshots[1:])


def test_one_too_many_waits_in_line_and_trains_when_another_ends() -> None:
    admission = AdmissionQueue(1)
    first, second = Trainer(admission=admission), Trainer(admission=admission)
    first.start(short(steps=1_000_000))
    first.wait_until(lambda s: s.step > 0, TIMEOUT)
    second.start(short(steps=50))
    queued = second.wait_until(lambda s: s.state is State.QUEUED, TIMEOUT)
    assert (queued.queue_position, queued.step) == (1, 0)
    first.pause()
    first.wait_until(lambda s: s.state is State.PAUSED, TIMEOUT)
    assert second.wait_until(ended, TIMEOUT).state is State.FINISHED
    first.stop()
    assert first.join(TIMEOUT)
    assert second.join(TIMEOUT)


def test_who_waits_in_line_can_be_stopped() -> None:
    admission = AdmissionQueue(1)
    admission.position("someone else")
    trainer = Trainer(admission=admission)
    trainer.start(short())
    trainer.wait_until(lambda s: s.state is State.QUEUED, TIMEOUT)
    trainer.pause()
    trainer.wait_until(at_step(0), TIMEOUT)
    trainer.stop()
    assert trainer.join(TIMEOUT)


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {Trainer().token for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 32


NAMES = ["emma", "ava", "mia", "eva", "ada", "ida", "ina", "mae", "amy", "ann"] * 3


def test_a_run_that_asks_for_it_is_mixed_with_the_trigram_at_its_end() -> None:
    trainer = Trainer()
    settings = {"steps": 30, "n_hidden": 5, "mix": "fitted"}
    trainer.start(RunConfig.from_settings(settings), Corpus.of_words("few", NAMES))
    ended = trainer.wait_until(lambda snapshot: snapshot.has_ended, 30)
    assert trainer.join(10)
    assert ended.final is not None
    assert ended.mixed is not None
    assert ended.mixed.loss <= ended.final.val + 1e-6
    trainer.look_at_test(ended.run_id)
    looked = trainer.snapshot()
    assert looked is not None
    assert looked.mixed_test_loss is not None
    assert looked.test_loss is not None


def test_a_run_whose_texts_cannot_be_written_is_seen_to_have_failed(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_memory(*_: object) -> list[str]:
        raise MemoryError

    trainer.start(short(), is_paused=True)
    trainer.wait_until(at_step(0), TIMEOUT)
    monkeypatch.setattr("core.runs.worker.live_samples", out_of_memory)
    trainer.resume()
    failed = trainer.wait_until(ended, TIMEOUT)
    assert failed.state is State.FAILED
    assert failed.error
    assert trainer.runs()[-1].state is State.FAILED
