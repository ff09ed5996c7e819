"""Who may compute now, and who may train at all: first come, first served."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TypeVar

from core.environment import ENVIRONMENT
from core.learning import lower_priority

Item = TypeVar("Item")
Turn = Callable[[], bool]

SHORTEST_TURN = 0.001  # seconds; what comes with a turn takes about a fifth of that
OVERHEAD_WEIGHT = 0.05  # of the newest turn in the mean of what comes with one
MOST_OVERHEAD = 0.02  # seconds; a turn that took longer says nothing of others
LONGEST_REST = 0.25  # seconds that a turn waits at most for others to have the machine
REST_SECONDS = 0.01  # between two looks at whether they still need it
IDLE_SECONDS = 5.0  # after which a thread of a seat that nobody takes ends


class Seats:
    """A fair semaphore: a seat goes to whoever has waited longest, never to a newcomer.

    Without seats, 64 trainers in compiled code keep every core from the server's own thread; with
    as many seats as cores a page still answers. Who has many turns to take leaves them to the
    threads of the seats: to hand a seat from thread to thread can cost more than the turn.

    Attributes:
        are_to_rest: whether others need the whole machine for a moment; then turns wait for a bit.
    """

    def __init__(self, count: int | None = None, now: Callable[[], float] = time.monotonic) -> None:
        """So many seats, or as many as there are cores; `now` tells seconds, from any start."""
        self.count = count or os.cpu_count() or 1
        self._now = now
        self.are_to_rest: Callable[[], bool] = lambda: False
        self._lock = threading.Lock()
        self._n_free = self.count
        self._waiting: deque[threading.Lock | _Turns] = deque()
        self._idle: list[SimpleQueue[_Turns]] = []  # of the threads that wait for a seat's work
        self._overhead = 0.0  # seconds of a turn that are not its work
        self._granted = threading.local()  # to the thread of a seat, for the turn it takes now

    @property
    def n_waiting(self) -> int:
        """How many wait for a seat."""
        return len(self._waiting)

    def share(self, turn_seconds: float) -> float:
        """How long each may work in a seat, so that all who wait get theirs within `turn_seconds`.

        Less by what turns took beyond their work, as waiting for the interpreter's lock or for a
        core. At least `SHORTEST_TURN`: where very many wait, all wait a little longer, rather than
        that more goes into taking turns than into the work.
        """
        whole = turn_seconds * self.count / (self.count + self.n_waiting)
        granted = max(SHORTEST_TURN, whole - self._overhead)
        self._granted.seconds = granted
        return granted

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
            turns = self._next()
            if turns is not None:
                self._seat(turns)

    def take_turns(self, turn: Turn) -> None:
        """Have `turn` called, in a seat each time, until it returns False; blocks until then.

        The calls come from threads of the seats' own, never two at once. What a call raises is
        raised here.
        """
        turns = _Turns(turn)
        with self._lock:
            if self._n_free:
                self._n_free -= 1
                self._seat(turns)
            else:
                self._waiting.append(turns)
        turns.wait()

    def _next(self) -> _Turns | None:
        """Let the next one have a seat that is free now; the turns, if it is some; locked."""
        if not self._waiting:
            self._n_free += 1
            return None
        first = self._waiting.popleft()
        if isinstance(first, _Turns):
            return first
        first.release()
        return None

    def _seat(self, turns: _Turns) -> None:
        """Let a thread begin with these turns in a seat that is theirs; locked."""
        if self._idle:
            self._idle.pop().put(turns)
        else:
            threading.Thread(target=self._serve, args=(turns,), name="seat", daemon=True).start()

    def _serve(self, turns: _Turns | None) -> None:
        """Take turns as long as there are some, whoever's they are, and then wait for others."""
        lower_priority()
        mine: SimpleQueue[_Turns] = SimpleQueue()
        while turns is not None:
            while turns is not None:
                self._rest()
                self._granted.seconds = 0.0
                started = self._now()
                goes_on = turns.take_one()
                taken = self._now() - started
                with self._lock:
                    self._count_overhead(taken)
                    if goes_on:
                        self._waiting.append(turns)
                    turns = self._next()
                    if turns is None:
                        self._idle.append(mine)
            turns = self._await_work(mine)

    def _rest(self) -> None:
        end = self._now() + LONGEST_REST
        while self.are_to_rest() and self._now() < end:
            time.sleep(REST_SECONDS)

    def _count_overhead(self, taken: float) -> None:
        """Of a turn that had a share of time: how much more it took; locked."""
        granted = self._granted.seconds
        if granted:
            more = min(max(0.0, taken - granted), MOST_OVERHEAD)
            self._overhead += OVERHEAD_WEIGHT * (more - self._overhead)

    def _await_work(self, mine: SimpleQueue[_Turns]) -> _Turns | None:
        try:
            return mine.get(timeout=IDLE_SECONDS)
        except Empty:
            with self._lock:
                if mine in self._idle:
                    self._idle.remove(mine)
                    return None
            return mine.get()  # somebody was just about to put some in


class _Turns:
    """Somebody's turns, until one of them is the last."""

    def __init__(self, turn: Turn) -> None:
        self._turn: Turn | None = turn
        self._over = threading.Lock()
        self._over.acquire()
        self._error: BaseException | None = None

    def take_one(self) -> bool:
        """Whether another one is to follow."""
        assert self._turn is not None
        try:
            if self._turn():
                return True
        except BaseException as error:  # its owner's to deal with, not the seat's
            self._error = error
        self._turn = None  # before its owner goes on: it holds all that the owner has
        self._over.release()
        return False

    def wait(self) -> None:
        """Block until the last one; raises what it raised."""
        self._over.acquire()
        if self._error is not None:
            raise self._error


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
# With 128 on two cores the slowest still gets 4 frames a second (docs/performance.md).
ADMISSION = AdmissionQueue(ENVIRONMENT.max_training)


def _first(items: Iterator[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        return
