"""A sweep of any settings in its thread: real runs, stopped and kept, one beside the other."""

from __future__ import annotations

import math
import threading
from contextlib import closing

import pytest

from core.config import RunConfig
from core.jobs import Trial, trial
from core.jobs.parallel import in_parallel
from core.learning import mean_loss
from core.runs import State, Trainer
from core.sweep import Axis, GridConfig, GridSnapshot, GridSweeper, grid_sweeper
from core.text import Corpus

TIMEOUT = 60.0
SMALL = RunConfig.from_settings({"n_hidden": 8})
H = Axis(key="n_hidden", values=(4, 8))


def small(*axes: Axis, **more: int) -> GridConfig:
    return GridConfig(run=SMALL, axes=axes, **({"n_steps": 200, "n_seeds": 2} | more))


def swept(config: GridConfig, corpus: Corpus, sweeper: GridSweeper | None = None) -> GridSnapshot:
    sweeper = sweeper or GridSweeper()
    sweeper.start(config, corpus)
    assert sweeper.join(TIMEOUT)
    ended = sweeper.snapshot()
    assert ended is not None
    return ended


@pytest.fixture(scope="module")
def ended(corpus: Corpus) -> GridSnapshot:
    return swept(small(H), corpus)


def test_every_point_is_trained_with_every_seed(ended: GridSnapshot) -> None:
    assert ended.state is State.FINISHED
    assert (ended.n_done, ended.n_runs) == (4, 4)
    for result in ended.results:
        assert len(set(result.losses)) == 2
        assert all(2.0 < loss < 15.0 for loss in result.losses)
    seeds = [a.config.model.seed for a in ended.results[0].answers if a]
    assert seeds == [2147483647, 2147483648]


def test_a_run_of_a_sweep_is_bit_for_bit_that_of_train(ended: GridSnapshot, corpus: Corpus) -> None:
    answer = ended.results[1].answers[1]
    assert answer is not None
    assert answer.run is not None
    trainer = Trainer()
    trainer.start(answer.config, corpus)
    run = trainer.wait_until(lambda snapshot: snapshot.state is State.FINISHED, TIMEOUT)
    for name, tensor in run.parameters.items():
        assert tensor.equal(answer.run.parameters[name])
    assert run.validation_loss == pytest.approx(answer.loss, abs=1e-12)
    assert run.curve.mean.tolist() == answer.run.curve.mean.tolist()


def test_the_loss_is_of_all_validation_examples(ended: GridSnapshot, corpus: Corpus) -> None:
    answer = ended.results[0].answers[0]
    assert answer is not None
    assert answer.run is not None
    examples = corpus.examples("val", 3)
    assert answer.loss == pytest.approx(mean_loss(answer.run.model, examples), rel=1e-6)


def test_what_diverges_has_no_loss_and_the_others_go_on(corpus: Corpus) -> None:
    rates = Axis(key="base_lr", values=(0.1, 10.0))
    run = RunConfig.from_settings({"n_hidden": 300})
    config = GridConfig(run=run, axes=(rates,), n_steps=300, n_seeds=1)
    good, bad = swept(config, corpus).results
    assert len(good.losses) == 1
    answer = bad.answers[0]
    assert answer is not None
    if answer.is_diverged:  # the tanh saturates, so a loss may stay finite
        assert math.isnan(answer.loss)
        assert bad.losses == []
    else:
        assert answer.loss > good.mean


def test_impossible_points_are_left_out(corpus: Corpus) -> None:
    ended = swept(small(Axis(key="n_hidden", values=(0, 4)), n_seeds=1), corpus)
    assert (ended.state, ended.n_done, ended.n_runs) == (State.FINISHED, 1, 1)
    assert ended.results[0].answers == (None,)


def test_a_stopped_sweep_keeps_what_is_done_and_nothing_half(corpus: Corpus) -> None:
    many = Axis(key="n_embd", values=tuple(range(1, 16)))
    long = Axis(key="n_hidden", values=(512, 1024))
    sweeper = GridSweeper()
    sweeper.start(small(many, long, n_steps=5_000), corpus)
    sweeper.stop()
    assert sweeper.join(TIMEOUT)
    ended = sweeper.snapshot()
    assert ended is not None
    assert ended.state is State.STOPPED
    assert ended.n_done < ended.n_runs
    assert all(math.isfinite(loss) for result in ended.results for loss in result.losses)


def test_sweeps_are_kept_in_their_order_and_the_oldest_goes(corpus: Corpus) -> None:
    sweeper = GridSweeper()
    for _ in range(grid_sweeper.MOST_SWEEPS + 1):
        swept(small(H, n_steps=2, n_seeds=1), corpus, sweeper)
    ids = [sweep.job_id for sweep in sweeper.sweeps()]
    assert ids == list(range(2, grid_sweeper.MOST_SWEEPS + 2))
    assert all(sweep.state is State.FINISHED for sweep in sweeper.sweeps())


def test_a_sweep_that_another_one_ends_is_kept_as_it_ended(corpus: Corpus) -> None:
    sweeper = GridSweeper()
    sweeper.start(small(Axis(key="n_hidden", values=(512, 1024)), n_steps=5_000), corpus)
    swept(small(H, n_steps=2), corpus, sweeper)
    first, second = sweeper.sweeps()
    assert (first.state, second.state) == (State.STOPPED, State.FINISHED)


def test_beyond_its_room_a_sweep_keeps_losses_and_no_weights(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "KEPT_BYTES", 4_000)
    ended = swept(small(H), corpus)
    answers = [answer for result in ended.results for answer in result.answers if answer]
    assert len(answers) == 4
    assert any(answer.run is None for answer in answers)
    assert all(math.isfinite(answer.loss) for answer in answers)


def test_an_error_ends_the_sweep_in_words(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_trial: Trial) -> bool:
        raise MemoryError

    monkeypatch.setattr(Trial, "advance", fail)
    ended = swept(small(H), corpus)
    assert ended.state is State.FAILED
    assert "error of the program" in ended.error


def test_a_run_of_a_sweep_becomes_one_of_the_sessions_runs(
    ended: GridSnapshot, corpus: Corpus
) -> None:
    answer = ended.results[0].answers[0]
    assert answer is not None
    assert answer.run is not None
    trainer = Trainer()
    trainer.prepare(SMALL, corpus)
    assert trainer.take_in(answer.run) == 1
    trainer.start(RunConfig.from_settings({"n_hidden": 8, "steps": 5}), corpus)
    own = trainer.wait_until(lambda snapshot: snapshot.state is State.FINISHED, TIMEOUT)
    assert own.run_id == 2
    kept, _ = trainer.runs()
    assert (kept.run_id, kept.title) == (1, "Hidden units H 4, seed 1")
    trainer.stop()
    assert trainer.join(TIMEOUT)


class Counter:
    """A job of a few slices that notes how many of its kind work at once."""

    def __init__(self, n_slices: int, log: list[int]) -> None:
        self.left, self.log = n_slices, log

    def advance(self) -> bool:
        self.log.append(threading.get_ident())
        self.left -= 1
        return not self.left


def test_every_job_comes_to_its_end_once() -> None:
    log: list[int] = []
    jobs = [Counter(n, log) for n in (1, 5, 2, 9, 3)]
    done = [job for job, is_done in in_parallel(jobs) if is_done]
    assert sorted(map(id, done)) == sorted(map(id, jobs))
    assert len(log) == 20
    assert all(job.left == 0 for job in jobs)


def test_jobs_are_taken_only_when_a_core_is_free_and_no_more_after_the_end() -> None:
    taken: list[int] = []

    def jobs():
        for n in range(1_000):
            taken.append(n)
            yield Counter(2, [])

    with closing(in_parallel(jobs())) as worked:
        next(worked)
    assert len(taken) < 1_000
    assert not [t for t in threading.enumerate() if t.name.startswith("ThreadPool")]
