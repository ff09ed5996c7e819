"""Long jobs of a session, each in a thread of its own, whose readers get snapshots."""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from core.learning import lower_priority
from core.runs import ENDING, State, error_message

SNAPSHOT_SECONDS = 0.1

SnapshotT = TypeVar("SnapshotT")
ThreadT = TypeVar("ThreadT", bound="Background[Any]")


class Jobs(Generic[ThreadT, SnapshotT]):
    """Runs one job at a time for one session; every method but `join` returns at once.

    Attributes:
        token: unguessable name of these jobs, for the live stream.
    """

    def __init__(self, now: Callable[[], float]) -> None:
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

    def _begin(self, thread: ThreadT) -> None:
        self._threads = [old for old in self._threads if old.is_alive()] + [thread]
        thread.start()


class Background(threading.Thread, Generic[SnapshotT]):
    """The thread of one job; a subclass says what the work is and what a snapshot has.

    Attributes:
        is_stopped: set to end it soon; looked at between pieces of work.
    """

    what = "job"  # in the words of an error
    snapshot: SnapshotT

    def __init__(
        self, number: int, *, now: Callable[[], float], next_version: Callable[[], int]
    ) -> None:
        super().__init__(name=f"{self.what}-{number}", daemon=True)
        self.is_stopped = False
        self.number = number
        self.next_version = next_version
        self._now = now
        self._begun_at = self._published_at = now()
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
            self._show(State.FAILED, error_message(error, self.what, self.number))
        else:
            self._show(State.FINISHED if is_complete else State.STOPPED)

    def work(self) -> bool:
        """Do it, calling `show_progress` between pieces of it; whether all of it is done."""
        raise NotImplementedError

    def publish(self, state: State, seconds: float, error: str) -> None:
        """Make the next snapshot and put it in place of the last one."""
        raise NotImplementedError

    def show_progress(self) -> None:
        """Publish a snapshot unless the last one is new enough."""
        if self._now() - self._published_at >= SNAPSHOT_SECONDS:
            self._show(State.RUNNING)

    def _show(self, state: State, error: str = "") -> None:
        self._published_at = self._now()
        self.publish(state, self._published_at - self._begun_at, error)
