"""How many pages are drawn at once: as many as there are cores, first come, first served."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 0.3  # pages that compute for long keep nobody waiting longer than this
GIVE_WAY_SECONDS = 2.0  # the same for one that others are to go before
RUSH = 8  # waiting pages from which on all else that can wait does


class Gate:
    """Lets so many in at a time, and those who wait in any case where nobody comes out for long.

    Pages drawn at the same time share the interpreter's lock a few milliseconds each, so that all
    of them are late; in line, each is as quick as if it were alone. It is no lock: nothing is wrong
    if more are inside.

    Attributes:
        n_turns: how many have come so far.
    """

    def __init__(self, count: int, patience: float = PATIENCE_SECONDS) -> None:
        self._count = count
        self._patience = patience
        self._lock = threading.Lock()
        self._n_inside = 0
        self._left_at = time.monotonic()  # when somebody came out last
        self.n_turns = 0
        self._waiting: deque[threading.Lock] = deque()

    @property
    def n_waiting(self) -> int:
        """How many wait to be let in."""
        return len(self._waiting)

    @property
    def is_rushed(self) -> bool:
        """Whether so many wait that they need the whole machine for a moment."""
        return len(self._waiting) >= RUSH

    @property
    def is_empty(self) -> bool:
        """Whether nobody is inside."""
        return self._n_inside == 0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait to be let in, and make room at the end of the block, however it ends."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def give_way(self, patience: float = GIVE_WAY_SECONDS) -> None:
        """Let those who wait go first, from inside of one's turn."""
        self._leave()
        self._enter(patience)

    def _enter(self, patience: float | None = None) -> None:
        with self._lock:
            self.n_turns += 1
            if self._n_inside < self._count:
                self._n_inside += 1
                return
            let_in = threading.Lock()
            let_in.acquire()
            self._waiting.append(let_in)
        patience = self._patience if patience is None else patience
        since = time.monotonic()
        # As long as the line moves on, more of them inside would only make all of them late.
        while (left := max(since, self._left_at) + patience - time.monotonic()) > 0:
            if let_in.acquire(timeout=left):
                return  # `_leave` has counted it
        with self._lock:
            if let_in in self._waiting:
                self._waiting.remove(let_in)
                self._n_inside += 1

    def _leave(self) -> None:
        with self._lock:
            self._left_at = time.monotonic()
            if self._waiting and self._n_inside <= self._count:
                self._waiting.popleft().release()  # in place of the one who leaves
            else:
                self._n_inside -= 1


GATE = Gate(os.cpu_count() or 1)
