"""A session's trainer: starts and steers runs; the page commands, and reads snapshots."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.config import LrSchedule, RunConfig
from core.learning import mean_loss, mixed_loss
from core.runs.pace import Speed
from core.runs.record import RunRecord, Snapshot, State
from core.runs.seats import ADMISSION, SEATS, AdmissionQueue, Seats
from core.runs.worker import Clock, Worker
from core.text import Corpus, embedded_corpus


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
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self._clock = clock or Clock()
        self._seats = seats
        self._admission = admission
        self._current: Worker | None = None
        self._ending: list[Worker] = []  # former current ones whose threads may still go on
        self._past: dict[int, RunRecord] = {}
        self._pace: Speed = None
        self._n_begun = 0
        self._versions = itertools.count(1)

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
        self._n_begun += 1

    def prepare(self, config: RunConfig, corpus: Corpus | None = None) -> None:
        """Before the first run, make the untrained model of these settings, to be looked at.

        It is no run: `snapshot` and `runs` do not have it, and no command moves it. A start with
        the same settings makes it one.
        """
        corpus, current = corpus or embedded_corpus(), self._current
        if current is None or (current.is_idle and not current.can_begin(config, corpus)):
            self._make(config, corpus, State.IDLE)

    def pause(self) -> None:
        """Stop after the chunk of work in hand."""
        self._command(lambda worker: worker.pause())

    def resume(self) -> None:
        """Go on from where the run stands."""
        self._command(lambda worker: worker.resume())

    def step(self, n_steps: int = 1) -> None:
        """Take this many steps and pause."""
        self._command(lambda worker: worker.step(n_steps))

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
        return None if self._current is None or self._current.is_idle else self._current.snapshot

    def shown(self) -> Snapshot | None:
        """What there is to look at: the run, or before the first one what `prepare` made."""
        return None if self._current is None else self._current.snapshot

    def wait_until(self, reached: Callable[[Snapshot], bool], timeout: float) -> Snapshot:
        """Block until a snapshot satisfies `reached`; for scripts and tests, not for pages.

        Raises:
            TimeoutError: if none does in time, or none ever will, as there is no run.
        """
        if self._current is None:
            raise TimeoutError("There is no run to wait for.")
        return self._current.wait_until(reached, timeout)

    def runs(self) -> tuple[RunRecord, ...]:
        """Every run of the session that took a step, oldest first."""
        self._keep_records()
        runs = [*self._past.values(), *(worker.snapshot for worker in self._workers())]
        return tuple(sorted((run for run in runs if run.step), key=lambda run: run.run_id))

    def rename(self, run_id: int, name: str) -> None:
        """Give a run a name; nothing for a run that is not there any more."""
        self._annotate(run_id, name=name)

    def look_at_test(self, run_id: int) -> None:
        """Take the test loss of a run and note that it was asked for once more."""
        run = next((run for run in self.runs() if run.run_id == run_id), None)
        if run is not None:
            loss = run.test_loss
            if loss is None:
                examples = run.corpus.examples("test", run.config.model.block_size)
                loss = mean_loss(run.model, examples)
            mixed = run.mixed_test_loss
            if mixed is None and run.mixed is not None:
                mix, weight = run.config.training.mix, run.mixed.weight
                *_, found = mixed_loss(run.model, run.corpus, mix, "test", weight)
                mixed = found.loss if found else None
            self._annotate(
                run_id, test_loss=loss, mixed_test_loss=mixed, n_test_looks=run.n_test_looks + 1
            )

    def forget(self, run_id: int) -> None:
        """Drop a past run and all that is known of it; the current one stays."""
        self._past.pop(run_id, None)
        self._ending = [worker for worker in self._ending if worker.run_id != run_id]

    def bring_back(self, record: RunRecord) -> int:
        """Have a run from a file among the past ones; the number that it has here."""
        if self._current is not None and self._current.is_idle:  # that number was to be its
            self.stop()
            self._ending.append(self._current)
            self._current = None
        self._n_begun += 1
        self._past[self._n_begun] = replace(record, run_id=self._n_begun)
        return self._n_begun

    def _make(self, config: RunConfig, corpus: Corpus, at_first: State) -> None:
        self.stop()
        if self._current is not None:
            self._ending.append(self._current)
        self._keep_records()
        worker = Worker(
            run_id=self._n_begun + 1,
            config=config,
            corpus=corpus,
            at_first=at_first,
            pace=self._pace,
            clock=self._clock,
            seats=self._seats,
            admission=self._admission,
            next_version=self._versions.__next__,
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
        self._ending = [worker for worker in self._ending if worker not in ended]

    def _annotate(self, run_id: int, **notes: Any) -> None:
        if run_id in self._past:
            self._past[run_id] = replace(self._past[run_id], **notes)
        for worker in self._workers():
            if worker.run_id == run_id and not worker.is_idle:
                worker.annotate(**notes)

    def _command(self, command: Callable[[Worker], None]) -> None:
        if self._current is not None and not self._current.is_idle:
            command(self._current)
