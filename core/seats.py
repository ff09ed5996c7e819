"""Who may compute now, and who may train at all: first come, first served."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

THREAD_NICENESS = 10  # below the server's own thread


class Seats:
    """A fair semaphore: a seat goes to whoever has waited longest, never to a newcomer.

    Without seats, 64 trainers in compiled code keep every core from the server's own thread; with
    as many seats as cores a page still answers.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count or os.cpu_count() or 1
        self._lock = threading.Lock()
        self._n_free = self.count
        self._waiting: deque[threading.Lock] = deque()

    @property
    def n_waiting(self) -> int:
        """How many stand in line."""
        return len(self._waiting)

    def share(self, turn_seconds: float) -> float:
        """How long each may hold a seat, so that all in line get theirs within `turn_seconds`."""
        return turn_seconds * self.count / (self.count + self.n_waiting)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a seat for the length of the block."""
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def acquire(self) -> None:
        """Wait for a seat."""
        with self._lock:
            if self._n_free:
                self._n_free -= 1
                return
            called = threading.Lock()
            called.acquire()
            self._waiting.append(called)
        called.acquire()  # until release() hands the seat over

    def release(self) -> None:
        """Give the seat to the one who has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._n_free += 1


def lower_priority() -> None:
    """Let the server's own thread go first, where the system can tell threads apart."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), THREAD_NICENESS)


class Line:
    """Who may train at the same time: those in front; the others wait and know their place."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._tickets: dict[object, None] = {}  # in the order of coming

    def place(self, ticket: object) -> int:
        """Stand in line, unless one does already; 0 may train, 1 is the next to be let in."""
        with self._lock:
            self._tickets.setdefault(ticket)
            if len(self._tickets) <= self.limit:
                return 0
            return max(0, list(self._tickets).index(ticket) - self.limit + 1)

    def leave(self, ticket: object) -> None:
        """Make room for the next."""
        with self._lock:
            self._tickets.pop(ticket, None)


SEATS = Seats()
# With 64 on two cores the slowest still gets 6 frames a second (docs/performance.md).
LINE = Line(int(os.environ.get("NAMESMITH_MAX_TRAINING", "64")))
