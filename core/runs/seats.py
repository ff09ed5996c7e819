"""Who may compute now, and who may train at all: first come, first served."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from core.environment import ENVIRONMENT

Item = TypeVar("Item")


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
        """How many wait for a seat."""
        return len(self._waiting)

    def share(self, turn_seconds: float) -> float:
        """How long each may hold a seat, so that all who wait get theirs within `turn_seconds`."""
        return turn_seconds * self.count / (self.count + self.n_waiting)

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def in_turn(self, work: Iterable[Item]) -> Iterator[Item]:
        """The items of longer work, each computed while a seat is held; none is in between."""
        waiting = iter(work)
        while True:
            with self:
                computed = list(_first(waiting))
            if not computed:
                return
            yield computed[0]

    @contextmanager
    def free_ones(self) -> Iterator[int]:
        """Hold every seat that is free now, and so waited for by nobody; how many they are.

        For one who has a seat and can use more; whoever comes meanwhile waits for it to end.
        """
        with self._lock:
            n_taken, self._n_free = self._n_free, 0
        try:
            yield n_taken
        finally:
            for _ in range(n_taken):
                self.release()

    def acquire(self) -> None:
        """Wait for a seat."""
        with self._lock:
            if self._n_free:
                self._n_free -= 1
                return
            handed_over = threading.Lock()
            handed_over.acquire()
            self._waiting.append(handed_over)
        handed_over.acquire()  # until release() gives the seat

    def release(self) -> None:
        """Give the seat to the one who has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._n_free += 1


class AdmissionQueue:
    """Who may train at the same time: the first so many; the others know their position.

    >>> queue = AdmissionQueue(limit=1)
    >>> [queue.position(visitor) for visitor in ("ann", "bea", "cat")]
    [0, 1, 2]
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._tickets: dict[object, None] = {}  # in the order of coming

    def position(self, ticket: object) -> int:
        """Join the queue, unless one is in it; 0 may train, 1 is the next to be let in."""
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
ADMISSION = AdmissionQueue(ENVIRONMENT.max_training)


def _first(items: Iterator[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        return
