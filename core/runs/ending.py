"""What works in threads ends before the interpreter does: compiled code can't be cut short."""

from __future__ import annotations

import atexit
import threading
import time
from typing import Protocol
from weakref import WeakSet

END_SECONDS = 1.5  # that all of them may take together


class Works(Protocol):
    """What has threads of its own, that can be stopped and waited for."""

    def stop(self) -> None:
        """Ask the work to end; returns at once."""

    def join(self, timeout: float) -> object:
        """Wait until no thread is left, or for the time to pass."""


class Ending:
    """All that works, and its end; what is no longer referred to is forgotten.

    Attributes:
        has_begun: set when everything is to end, for work that asks between its steps.
    """

    def __init__(self) -> None:
        self.has_begun = threading.Event()
        self._lock = threading.Lock()
        self._at_work: WeakSet[Works] = WeakSet()

    def include(self, work: Works) -> None:
        """From now on, this is ended with the rest."""
        with self._lock:
            self._at_work.add(work)

    def end(self, seconds: float = END_SECONDS) -> None:
        """Stop all that works, and wait for it, for so long at most."""
        self.has_begun.set()
        with self._lock:
            at_work = list(self._at_work)
        for work in at_work:
            work.stop()
        until = time.monotonic() + seconds
        for work in at_work:
            work.join(max(0.0, until - time.monotonic()))


ENDING = Ending()
# A thread in compiled code whose interpreter goes is the end of the whole process, by signal 6.
atexit.register(ENDING.end)
