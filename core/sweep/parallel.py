"""Long jobs side by side on all cores of this machine, taken up slice by slice."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from typing import Any, Protocol, TypeVar

import joblib


class Job(Protocol):
    """Work that is taken up again and again until it is done."""

    def advance(self) -> bool:
        """Work for a moment; whether it is done."""


JobT = TypeVar("JobT", bound=Job)


def in_parallel(jobs: Iterable[JobT]) -> Generator[tuple[JobT, bool], None, None]:
    """Bring all jobs to their end; those that were begun go before those that were not.

    Threads suffice: the engine lets go of the interpreter's lock. Close the iterator
    (`contextlib.closing`) to stop early: the threads are done when that returns.

    >>> class Countdown:
    ...     left = 2
    ...     def advance(self):
    ...         self.left -= 1
    ...         return not self.left
    >>> [is_done for _, is_done in in_parallel([Countdown()])]
    [False, True]

    Args:
        jobs: taken one by one, each when a core is free for it.

    Yields:
        Each job after each slice of its work, and whether it is done.
    """
    queue = _Queue(iter(jobs))
    parallel = joblib.Parallel(
        n_jobs=-1,
        backend="threading",
        return_as="generator_unordered",
        batch_size=1,
        pre_dispatch="n_jobs",
    )
    worked: Iterator[tuple[JobT, bool]] = iter(())
    try:
        while queue.has_more():  # again for jobs put back after joblib had seen an empty queue
            worked = parallel(queue.tasks())
            # `yield from` would close it before its threads are done.
            for each in worked:  # noqa: UP028
                yield each
    finally:
        queue.close()
        for _ in worked:  # joblib ends its threads when its results are used up
            pass


class _Queue:
    """Jobs that wait for a core; joblib takes from it in whichever thread becomes free."""

    def __init__(self, jobs: Iterator[Any]) -> None:
        self._jobs = jobs
        self._begun: deque[Any] = deque()
        self._is_closed = False

    def tasks(self) -> Iterator[Any]:
        while self.has_more():
            yield joblib.delayed(self._advance)(self._begun.popleft())

    def has_more(self) -> bool:
        """Whether there is one; then it is the first in line."""
        if not self._begun and not self._is_closed:
            self._begun.extend(job for job in (next(self._jobs, None),) if job is not None)
        return bool(self._begun) and not self._is_closed

    def close(self) -> None:
        self._is_closed = True
        self._begun.clear()

    def _advance(self, job: Any) -> tuple[Any, bool]:
        is_done = self._is_closed or job.advance()
        if not is_done and not self._is_closed:
            self._begun.appendleft(job)
        return job, is_done
