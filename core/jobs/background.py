"""Long jobs of a session, each in a thread of its own, whose readers get snapshots."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from core.learning import lower_priority
from core.runs import ENDING, State, error_message

SNAPSHOT_SECONDS = 0.1


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class JobSnapshot:
    """What can be seen of any job at one moment; it never changes.

    Attributes:
        version: rises with every snapshot of these jobs.
        job_id: number of the job in its session, from 1.
        state: running, finished, stopped or failed.
        seconds: time that it has taken, in all.
        error: for a failed job, what went wrong in words.
    """

    version: int = 0
    job_id: int = 0
    state: State = State.RUNNING
    seconds: float = 0.0
    error: str = ""

    @property
    def is_running(self) -> bool:
        """Whether it goes on now."""
        return self.state is State.RUNNING

    @property
    def n_done(self) -> int:
        """Pieces of its work that have their answer."""
        raise NotImplementedError

    @property
    def n_runs(self) -> int:
        """Pieces of its work in all."""
        raise NotImplementedError

    @property
    def seconds_left(self) -> float:
        """Estimated from the pieces that are done; inf before the first one."""
        n_done = self.n_done
        return self.seconds / n_done * (self.n_runs - n_done) if n_done else float("inf")


SnapshotT = TypeVar("SnapshotT", bound=JobSnapshot)
ThreadT = TypeVar("ThreadT", bound="Background[Any]")


class Jobs(Generic[ThreadT, SnapshotT]):
    """Runs one job at a time for one session; every method but `join` returns at once.

    Attributes:
        token: unguessable name of these jobs, for the live stream.
    """

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        """Make it without a job; `now` gives seconds, from any start."""
        self.token = secrets.token_urlsafe(24)
        self._now = now
        self._threads: list[ThreadT] = []  # that may go on; the current one is the last
        self._ids = itertools.count(1)
        self._versions = itertools.count(1)

    def stop(self) -> None:
        """End the job within about a tenth of a second; what is done stays."""
        for thread in self._threads:
            thread.stop()

    def forget_everything(self) -> None:
        """End the job, and drop all that is known of this one and of those before."""
        self.stop()
        self._threads = []  # one that is still ending belongs to nobody

    def join(self, timeout: float) -> bool:
        """Wait until no thread is left; whether that came in time."""
        for thread in self._threads:
            thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads)

    def snapshot(self) -> SnapshotT | None:
        """The newest job as it is now, at most 100 ms old, or None before the first one."""
        newest: SnapshotT | None = self._threads[-1].snapshot if self._threads else None
        return newest

    def _begin(self, make: Callable[..., ThreadT], begun: SnapshotT, **more: Any) -> None:
        """Begin a job in place of the one under way.

        Args:
            make: makes its thread.
            begun: what can be seen of it at first.
            more: what else `make` takes.
        """
        self.stop()
        begun = replace(begun, job_id=next(self._ids))
        thread = make(begun, now=self._now, next_version=self._versions.__next__, **more)
        self._threads = [old for old in self._threads if old.is_alive()] + [thread]
        thread.start()


class Background(threading.Thread, Generic[SnapshotT]):
    """The thread of one job; a subclass says what the work is and what it has found.

    Attributes:
        snapshot: the latest one; replaced as a whole, never changed.
        is_stopped: set to end it soon; looked at between pieces of work.
    """

    what = "job"  # in the words of an error
    snapshot: SnapshotT

    def __init__(
        self, begun: SnapshotT, *, now: Callable[[], float], next_version: Callable[[], int]
    ) -> None:
        """Of the first snapshot; a subclass ends by calling `show`."""
        super().__init__(name=f"{self.what}-{begun.job_id}", daemon=True)
        self.is_stopped = False
        self.number = begun.job_id
        self.snapshot = begun
        self._next_version = next_version
        self._now = now
        self._begun_at = self._published_at = now()
        self._seconds_before = begun.seconds  # of a job that goes on
        ENDING.include(self)  # by itself, as those whose job it is may forget it

    def stop(self) -> None:
        """Have it end soon."""
        self.is_stopped = True

    def run(self) -> None:
        """Work to the end, or until it is stopped; what is done by then stays."""
        lower_priority()
        try:
            is_complete = self.work()
        except Exception as error:
            self.show(State.FAILED, error_message(error, self.what, self.number))
        else:
            self.show(State.FINISHED if is_complete else State.STOPPED)

    def work(self) -> bool:
        """Do it, calling `show_progress` between pieces of it; whether all of it is done."""
        raise NotImplementedError

    def found(self, state: State) -> dict[str, Any]:
        """What is known by now: fields of the snapshot."""
        raise NotImplementedError

    def show_progress(self) -> None:
        """Publish a snapshot unless the last one is new enough."""
        if self._now() - self._published_at >= SNAPSHOT_SECONDS:
            self.show(State.RUNNING)

    def show(self, state: State, error: str = "") -> None:
        """Replace the snapshot by what is known now."""
        self._published_at = self._now()
        self.snapshot = replace(
            self.snapshot,
            version=self._next_version(),
            state=state,
            seconds=self._seconds_before + self._published_at - self._begun_at,
            error=error,
            **self.found(state),
        )
