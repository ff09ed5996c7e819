"""A long job in a thread of its own, whose readers get snapshots."""

from __future__ import annotations

import threading
from collections.abc import Callable

from core.learning import lower_priority
from core.runs import State, error_message

SNAPSHOT_SECONDS = 0.1


class Background(threading.Thread):
    """The thread of one job; a subclass says what the work is and what a snapshot has.

    Attributes:
        is_stopped: set to end it soon; looked at between pieces of work.
    """

    what = "job"  # in the words of an error

    def __init__(
        self, number: int, *, now: Callable[[], float], next_version: Callable[[], int]
    ) -> None:
        super().__init__(name=f"{self.what}-{number}", daemon=True)
        self.is_stopped = False
        self.number = number
        self.next_version = next_version
        self._now = now
        self._begun_at = self._published_at = now()

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
