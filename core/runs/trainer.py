"""A session's trainer: starts and steers runs; the page commands, and reads snapshots."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.config import LrSchedule, RunConfig
from core.errors import StoreError
from core.learning import (
    document_losses,
    live_samples,
    lr_at,
    mean_loss,
    mean_of_new,
    mixed_loss,
    scheduled,
    with_lr_at,
)
from core.runs.codec.rows import ListedRun, SavedRun
from core.runs.ending import ENDING
from core.runs.pace import Speed
from core.runs.record import RunRecord, Snapshot, State
from core.runs.saving import SavedState, Saver
from core.runs.seats import ADMISSION, SEATS, AdmissionQueue, Seats
from core.runs.worker import Clock, Worker
from core.text import Corpus, embedded_corpus

PAST_BYTES = 2 << 20  # of the moments of each run before the current one
ALL_PAST_BYTES = 32 << 20  # of all these together


class Trainer:
    """Trains one run at a time for one session; every method returns at once.

    Attributes:
        token: unguessable name of this trainer, for the live stream.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        seats: Seats = SEATS,
        admission: AdmissionQueue = ADMISSION,
        saver: Saver | None = None,
        next_number: Callable[[], int] | None = None,
    ) -> None:
        """Make one without runs.

        Args:
            clock: to tell time by.
            seats: where its runs compute.
            admission: where they queue.
            saver: saves its runs; without one they end with the session.
            next_number: of the next run; counts from 1 if none is given.
        """
        self.token = secrets.token_urlsafe(24)
        self._clock = clock or Clock()
        self._seats = seats
        self._admission = admission
        self._current: Worker | None = None
        self._ending: list[Worker] = []  # former current ones whose threads may still go on
        self._past: dict[int, ListedRun] = {}
        self._pace: Speed = None
        self._saver = saver
        self._next_number = next_number or itertools.count(1).__next__
        self._number = 0  # of the run that `_make` makes, until it has begun
        self._earlier: Snapshot | None = None  # an earlier run, looked at like a current one
        self._versions = itertools.count(1)
        ENDING.include(self)

    def start(
        self, config: RunConfig, corpus: Corpus | None = None, *, is_paused: bool = False
    ) -> None:
        """Begin a new run; one that is under way ends and stays among the past ones.

        Args:
            config: all settings of the run.
            corpus: what to learn from; the embedded names when none is given.
            is_paused: make the first weights and wait, for single steps.
        """
        corpus = corpus or embedded_corpus()
        current = self._current
        if current is not None and current.can_begin(config, corpus):
            current.begin(self._pace, is_paused=is_paused)
        else:
            self._make(config, corpus, State.PAUSED if is_paused else State.RUNNING)
        self._number, self._earlier = 0, None
        self._note_begin()

    def restore(self, runs: Iterable[ListedRun]) -> None:
        """Have earlier runs among the past ones."""
        self._past |= {run.run_id: run for run in runs}

    def take_up(self, record: RunRecord, state: SavedState | None = None) -> None:
        """Make an earlier run the current one; a run that is under way ends.

        Args:
            record: of that run.
            state: to go on from; it waits there. None to look at a run that is over.

        Raises:
            StoreError: if its weights can't be read; then nothing has changed.
        """
        if state is not None:
            paused = State.PAUSED if record.divergence is None else State.DIVERGED
            self._end_current()
            self._past.pop(record.run_id, None)
            self._ending = [worker for worker in self._ending if worker.run_id != record.run_id]
            self._number = record.run_id
            self._make(record.config, record.corpus, paused, (record, state))
            self._number, self._earlier = 0, None
            self._note_begin()
            return
        samples = live_samples(record.model, record.corpus)
        self._end_current()
        self._past[record.run_id] = record
        self._earlier = Snapshot.of(
            record,
            version=next(self._versions),
            lr=_last_rate(record),
            samples=tuple(samples),
            known=tuple(text in record.corpus.known for text in samples),
        )

    def take_up_stopped(self) -> None:
        """Have the run that `stop` ended wait where it was, as if it had been paused there.

        Nothing where it has ended in another way, or its thread has not ended yet.
        """
        current = self._current
        if current is not None and current.stopped and not current.is_alive():
            self.take_up(current.snapshot.record(), current.stopped)

    def prepare(self, config: RunConfig, corpus: Corpus | None = None) -> None:
        """Before the first run, make the untrained model of these settings, to be looked at.

        It is no run: `snapshot` and `runs` do not have it, and no command moves it. A start with
        the same settings makes it one.
        """
        corpus, current = corpus or embedded_corpus(), self._current
        if current is None or (current.is_idle and not current.can_begin(config, corpus)):
            self._make(config, corpus, State.IDLE)

    def prepare_next(self, config: RunConfig, corpus: Corpus) -> None:
        """After a run that has ended, make the untrained model of other settings, to be looked at.

        `shown` has it, and a start with the same settings makes it a run; until then `snapshot` is
        still the run that has ended. With that one's own settings it is looked at again.
        """
        ended, current = self.snapshot(), self._current
        if ended is None or not ended.has_ended:
            return
        is_same = config == ended.config and corpus is ended.corpus
        is_idle = current is not None and current.is_idle
        if is_same and is_idle:
            self._end_current()
        elif not is_same and not (is_idle and current and current.can_begin(config, corpus)):
            self._make(config, corpus, State.IDLE)
            self._earlier = ended

    def pause(self) -> None:
        """Stop after the chunk of work in hand."""
        self._command(lambda worker: worker.go_on(0))

    def resume(self) -> None:
        """Go on from where the run stands."""
        self._command(lambda worker: worker.go_on(float("inf")))

    def step(self, n_steps: int = 1) -> None:
        """Take this many steps and pause."""
        self._command(lambda worker: worker.go_on(n_steps))

    def set_learning_rate(self, lr: float) -> None:
        """Use this rate from the next update on, and keep the weights.

        Raises:
            ConfigError: if the rate is out of its range.
        """
        LrSchedule(base_lr=lr)  # refused here, where the page can say so
        self._command(lambda worker: worker.set_learning_rate(lr))

    def set_pace(self, speed: Speed) -> None:
        """Go no faster than this, now and in the runs to come.

        Args:
            speed: steps a second; 'watch' for a whole run in about 12 seconds with equal time for
                each doubling of the step; None for as fast as it can, as is each run until told
                otherwise. It changes no number of the run.
        """
        self._pace = speed
        self._command(lambda worker: worker.set_pace(speed))

    def at_once(self) -> None:
        """Take what is left of this run as fast as it can; the pace of the next ones stays."""
        self._command(lambda worker: worker.set_pace(None))

    def reset(self) -> None:
        """Begin the same run again from its first weights, and wait; the seed is kept."""
        snapshot = self.snapshot()
        if snapshot is not None:
            self.start(snapshot.config, snapshot.corpus, is_paused=True)

    def stop(self) -> None:
        """End the run; its snapshot stays."""
        if self._current is not None:
            self._current.stop()

    def join(self, timeout: float) -> bool:
        """Wait until no thread is left; whether that came in time."""
        workers = self._workers()
        for worker in workers:
            worker.join(timeout)
        return not any(worker.is_alive() for worker in workers)

    def snapshot(self) -> Snapshot | None:
        """The run as it is now, at most 100 ms old, or None before the first one."""
        is_run = self._current is not None and not self._current.is_idle
        return self._current.snapshot if is_run and self._current else self._earlier

    def shown(self) -> Snapshot | None:
        """What there is to look at: the run, or before the first one what `prepare` made."""
        return self._earlier if self._current is None else self._current.snapshot

    def wait_until(self, reached: Callable[[Snapshot], bool], timeout: float) -> Snapshot:
        """Block until a snapshot satisfies `reached`; a page has no long timeout.

        Raises:
            TimeoutError: if none does in time, or none ever will, as there is no run.
        """
        if self._current is None:
            raise TimeoutError("There is no run to wait for.")
        return self._current.wait_until(reached, timeout)

    def runs(self) -> tuple[ListedRun, ...]:
        """Every run of the session that took a step, oldest first; nothing is read for it."""
        self._keep_records()
        runs = [*self._past.values(), *(worker.snapshot for worker in self._workers())]
        return tuple(sorted((run for run in runs if run.step), key=lambda run: run.run_id))

    def read(self, run_id: int) -> RunRecord | None:
        """One of these runs with all that is known of it; a saved one is read once.

        Returns:
            None if there is no such run.

        Raises:
            StoreError: if it can't be read.
        """
        run = next((run for run in self.runs() if run.run_id == run_id), None)
        if isinstance(run, SavedRun):
            run = replace(run.load(), name=run.name)
            if run_id in self._past:  # nobody has dropped it meanwhile
                self._past[run_id] = run
        return run

    def read_some(self, run_ids: Iterable[int]) -> list[RunRecord]:
        """Those of these runs that are there and can be read, each once, in this order."""
        found = []
        for run_id in dict.fromkeys(run_ids):
            with suppress(StoreError):
                found.append(self.read(run_id))
        return [run for run in found if run is not None]

    def take_in(self, record: RunRecord) -> int:
        """Add a run that was trained elsewhere, such as a point of a sweep; its number here."""
        number, self._number = self._number or self._next_number(), 0
        self._past[number] = record = replace(record, run_id=number)
        if self._saver is not None:
            self._saver.save(record, None)
        current = self._current
        if current is not None and current.is_idle:  # what may become a run gets the next number
            self._make(current.snapshot.config, current.snapshot.corpus, State.IDLE)
        return number

    def file(self, record: RunRecord) -> None:
        """Save a run that was trained elsewhere, without adding it to those at hand."""
        if self._saver is not None:
            self._saver.save(replace(record, run_id=self._next_number()), None)

    def rename(self, run_id: int, name: str) -> None:
        """Give a run a name; nothing for a run that is not there any more."""
        self._annotate(run_id, name=name)

    def look_at_test(self, run_id: int) -> NDArray[np.floating] | None:
        """Take the test loss of a run and note that it was asked for once more.

        Returns:
            The loss of each test document, summed over its tokens, in nats, where it had to be
            taken; None where the loss was known, or there is no such run.
        """
        run = self.read(run_id)
        losses: NDArray[np.floating] | None = None
        if run is not None:
            loss, new = run.test_loss, run.new_test_loss
            if loss is None:
                examples = run.corpus.examples("test", run.config.model.block_size)
                singles: list[Tensor] = []
                loss = mean_loss(run.model, examples, singles)
                losses = document_losses(run.corpus, "test", singles)
                new = mean_of_new(run.corpus, "test", losses, run.config.training.train_on)
            mixed = run.mixed_test_loss
            if mixed is None and run.mixed is not None:
                mix, weight = run.config.training.mix, run.mixed.weight
                *_, found = mixed_loss(run.model, run.corpus, mix, "test", weight)
                mixed = found.loss if found else None
            self._annotate(
                run_id,
                test_loss=loss,
                new_test_loss=new,
                mixed_test_loss=mixed,
                n_test_looks=run.n_test_looks + 1,
            )
        return losses

    def forget(self, run_id: int) -> None:
        """Drop a past run and all that is known of it; the current one stays."""
        if self._earlier is not None and self._earlier.run_id == run_id:
            return
        for run in self.runs():
            if run.run_id == run_id and self._saver is not None:
                self._saver.forget(run.key)
        self._past.pop(run_id, None)
        self._ending = [worker for worker in self._ending if worker.run_id != run_id]

    def bring_back(self, record: RunRecord) -> int:
        """Add a run from a file to the past ones, and save it; the number that it has here."""
        record = replace(record, run_id=self._next_number())
        self._past[record.run_id] = record
        if self._saver is not None:
            self._saver.save(record, None)
        return record.run_id

    def save_again(self, but: Collection[str]) -> int:
        """Save all runs in memory once more, as the file that they were saved in is another.

        Args:
            but: keys of those that are saved there too.

        Returns:
            How many; those whose weights are in the earlier file alone are not among them.
        """
        saver, n_kept = self._saver, 0
        if saver is None:
            return 0
        workers = {worker.run_id: worker for worker in self._workers()}
        for run in self.runs():
            if isinstance(run, SavedRun):
                continue
            if not run.has_ended and run.run_id in workers:
                workers[run.run_id].save_again()
                n_kept += 1
            elif run.has_ended and run.key not in but:
                with suppress(StoreError):  # of one that was never read since it was kept
                    run.weights.load()
                    saver.save(run.record() if isinstance(run, Snapshot) else run, None)
                    n_kept += 1
        return n_kept

    def let_go(self, run_id: int) -> None:
        """Drop a past run from memory alone; where it is kept, it stays."""
        self._past.pop(run_id, None)

    def forget_everything(self) -> None:
        """Drop every run, the current one too, and all that is known of them."""
        current = self.snapshot()
        for run in (*self.runs(), *([] if current is None else [current])):
            if self._saver is not None:
                self._saver.forget(run.key)
        self._end_current()
        self._past, self._earlier, self._ending = {}, None, []

    def _note_begin(self) -> None:
        if self._saver is not None and self._current is not None:
            self._saver.begin(self._current.snapshot)

    def _end_current(self) -> None:
        self.stop()
        if self._current is not None:
            self._ending.append(self._current)
        self._current = None
        self._keep_records()

    def _make(
        self,
        config: RunConfig,
        corpus: Corpus,
        at_first: State,
        cut_off: tuple[RunRecord, SavedState] | None = None,
    ) -> None:
        self._end_current()
        self._number = self._number or self._next_number()
        worker = Worker(
            run_id=self._number,
            config=config,
            corpus=corpus,
            at_first=at_first,
            pace=self._pace,
            clock=self._clock,
            seats=self._seats,
            admission=self._admission,
            next_version=self._versions.__next__,
            saver=self._saver,
            cut_off=cut_off,
        )
        self._current = worker
        worker.start()

    def _workers(self) -> list[Worker]:
        return [*self._ending, *([] if self._current is None else [self._current])]

    def _keep_records(self) -> None:
        """Of a thread that is done, keep the record and nothing else."""
        ended = [worker for worker in self._ending if not worker.is_alive()]
        for worker in ended:
            if not worker.is_idle:
                self._past[worker.run_id] = worker.snapshot.record()
        if ended:
            self._thin_moments()
        self._ending = [worker for worker in self._ending if worker not in ended]

    def _thin_moments(self) -> None:
        """Of past runs, keep no more moments than there is room for."""
        n_bytes = min(PAST_BYTES, ALL_PAST_BYTES // max(1, len(self._past)))
        for run_id, run in self._past.items():
            if isinstance(run, RunRecord):
                self._past[run_id] = run.with_moments_within(n_bytes)

    def _annotate(self, run_id: int, **notes: Any) -> None:
        if run_id in self._past:
            self._past[run_id] = replace(self._past[run_id], **notes)
        if self._earlier is not None and self._earlier.run_id == run_id:
            self._earlier = replace(self._earlier, version=next(self._versions), **notes)
        for worker in self._workers():
            if worker.run_id == run_id and not worker.is_idle:
                worker.annotate(**notes)
        for run in self.runs():
            if run.run_id == run_id and self._saver is not None:
                self._saver.annotate(run.key, **notes)

    def _command(self, command: Callable[[Worker], None]) -> None:
        if self._current is not None and not self._current.is_idle:
            command(self._current)


def _last_rate(record: RunRecord) -> float:
    """The rate of a run's last update, or of the next one if it ended before."""
    schedule = scheduled(record.config.training.lr_schedule, record.steps)
    if record.rate_changes:
        step, lr = record.rate_changes[-1]
        schedule = with_lr_at(schedule, min(step, record.steps - 1), lr)
    return lr_at(schedule, min(record.step, record.steps - 1))
