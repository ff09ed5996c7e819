"""A session's trainer: starts and steers runs; the page commands, and reads snapshots."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable

from core.config import RunConfig, StepDecay
from core.dataset import Dataset, embedded_dataset
from core.errors import NamesmithError
from core.seats import LINE, SEATS, Line, Seats
from core.snapshot import Snapshot
from core.worker import Clock, Worker


class Trainer:
    """Trains one run at a time for one session; every method returns at once.

    Attributes:
        token: unguessable name of this trainer, for the live stream.
    """

    def __init__(
        self, *, clock: Clock | None = None, seats: Seats = SEATS, line: Line = LINE
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self._clock = clock or Clock()
        self._seats = seats
        self._line = line
        self._workers: dict[int, Worker] = {}
        self._current: Worker | None = None
        self._pace: float | None = None
        self._run_ids = itertools.count(1)
        self._versions = itertools.count(1)

    def start(
        self, config: RunConfig, dataset: Dataset | None = None, *, is_paused: bool = False
    ) -> None:
        """Begin a new run; one that is under way ends and stays among the past ones.

        Args:
            config: all settings of the run.
            dataset: the words; the embedded names when none are given.
            is_paused: draw the weights and wait, for single steps.
        """
        self.stop()
        worker = Worker(
            run_id=next(self._run_ids),
            config=config,
            dataset=dataset or embedded_dataset(),
            is_paused=is_paused,
            pace=self._pace,
            clock=self._clock,
            seats=self._seats,
            line=self._line,
            next_version=self._versions.__next__,
        )
        self._workers[worker.run_id] = self._current = worker
        worker.start()

    def pause(self) -> None:
        """Stop after the piece of work in hand."""
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
        StepDecay(base_lr=lr)  # refused here, where the page can say so
        self._command(lambda worker: worker.set_learning_rate(lr))

    def set_pace(self, steps_per_second: float | None) -> None:
        """Go no faster than this; None is as fast as it can."""
        self._pace = steps_per_second
        self._command(lambda worker: worker.set_pace(steps_per_second))

    def reset(self) -> None:
        """Begin the same run again from its first weights, and wait; the seed is kept."""
        snapshot = self.snapshot()
        if snapshot is not None:
            self.start(snapshot.config, snapshot.dataset, is_paused=True)

    def stop(self) -> None:
        """End the run; its snapshot stays."""
        self._command(lambda worker: worker.stop())

    def join(self, timeout: float) -> bool:
        """Wait until no thread is left; whether that came in time."""
        for worker in tuple(self._workers.values()):
            worker.join(timeout)
        return not any(worker.is_alive() for worker in tuple(self._workers.values()))

    def snapshot(self) -> Snapshot | None:
        """The run as it is now, at most 100 ms old, or None before the first one."""
        return None if self._current is None else self._current.snapshot

    def wait_until(self, reached: Callable[[Snapshot], bool], timeout: float) -> Snapshot:
        """Block until a snapshot satisfies `reached`; for scripts and tests, not for pages.

        Raises:
            TimeoutError: if none does in time.
        """
        if self._current is None:
            raise NamesmithError("There is no run to wait for.")
        return self._current.wait_until(reached, timeout)

    def runs(self) -> tuple[Snapshot, ...]:
        """Every run of the session that took a step, oldest first."""
        snapshots = (worker.snapshot for worker in tuple(self._workers.values()))
        return tuple(snapshot for snapshot in snapshots if snapshot.step)

    def forget(self, run_id: int) -> None:
        """Drop a past run and its weights; the current one stays."""
        if self._current is not None and run_id != self._current.run_id:
            self._workers.pop(run_id, None)

    def _command(self, command: Callable[[Worker], None]) -> None:
        if self._current is not None:
            command(self._current)
