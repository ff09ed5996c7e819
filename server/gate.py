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
DUE_SECONDS = 1.0  # that pages which are to come are waited for
LOOK_SECONDS = 0.25  # between two looks at whether they still are
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
        self._giving_way: deque[threading.Lock] = deque()  # in line behind all of these
        self._n_due, self._due_until = 0, 0.0  # pages that are about to come, and until when

    @property
    def n_waiting(self) -> int:
        """How many wait to be let in."""
        return len(self._waiting) + len(self._giving_way)

    @property
    def is_rushed(self) -> bool:
        """Whether so many wait that they need the whole machine for a moment."""
        return self.n_waiting >= RUSH

    @property
    def is_empty(self) -> bool:
        """Whether nobody is inside or about to be."""
        return not (self._n_inside or self.n_waiting or self._are_due())

    def expect(self, count: int) -> None:
        """So many pages are about to come, as the server itself has asked for them."""
        with self._lock:
            self._n_due = count + (self._n_due if self._are_due() else 0)
            self._due_until = time.monotonic() + DUE_SECONDS

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait to be let in, and make room at the end of the block, however it ends."""
        with self._lock:
            self.n_turns += 1
            self._n_due = max(0, self._n_due - 1)
            let_in = self._line_up(self._waiting)
        self._wait(let_in, self._waiting, self._patience)
        try:
            yield
        finally:
            with self._lock:
                self._leave()

    def give_way(self, patience: float = GIVE_WAY_SECONDS) -> None:
        """Let those who wait, and those who are to come, go first, from inside of one's turn."""
        with self._lock:
            self._leave()
            let_in = self._line_up(self._giving_way)
        self._wait(let_in, self._giving_way, patience)

    def _line_up(self, line: deque[threading.Lock]) -> threading.Lock:
        """What is free as soon as one is let in, which may be at once; locked."""
        let_in = threading.Lock()
        let_in.acquire()
        line.append(let_in)
        self._let_in()
        return let_in

    def _wait(self, let_in: threading.Lock, line: deque[threading.Lock], patience: float) -> None:
        since = time.monotonic()
        # As long as the line moves on, more of them inside would only make all of them late.
        while (left := max(since, self._left_at) + patience - time.monotonic()) > 0:
            if let_in.acquire(timeout=min(left, LOOK_SECONDS)):
                return
            with self._lock:
                self._let_in()
        with self._lock:
            if let_in in line:
                line.remove(let_in)
                self._n_inside += 1

    def _leave(self) -> None:
        """Make room, for the next if there is one; locked."""
        self._left_at = time.monotonic()
        self._n_inside -= 1
        self._let_in()

    def _let_in(self) -> None:
        """Let as many in as there is room for; locked."""
        while self._n_inside < self._count:
            line = self._waiting
            if not line and not self._are_due():
                line = self._giving_way
            if not line:
                return
            line.popleft().release()
            self._n_inside += 1

    def _are_due(self) -> bool:
        return self._n_due > 0 and time.monotonic() < self._due_until


GATE = Gate(os.cpu_count() or 1)
