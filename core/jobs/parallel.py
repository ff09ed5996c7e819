"""Long jobs side by side: on all cores of this machine, or on a cluster."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from typing import Any, Protocol, TypeVar

import joblib

from core.environment import Environment
from core.jobs.cluster import give_up, parallel_on


class Job(Protocol):
    """Work that is taken up again and again until it is done."""

    def advance(self) -> bool:
        """Work for a moment; whether it is done, or wants to be looked at."""


JobT = TypeVar("JobT", bound=Job)


def in_parallel(jobs: Iterable[JobT]) -> Generator[tuple[JobT, bool], None, None]:
    """Bring all jobs to their end; those that were begun go before those that were not.

    On this machine threads suffice, as the engine lets go of the interpreter's lock. With
    `NAMESMITH_DASK` jobs are sent to the workers of that cluster instead, where each works until
    it is done; one whose worker is lost is begun again by another, from where it was sent.

    Close the iterator (`contextlib.closing`) to stop early: threads are done when that returns.

    >>> class Countdown:
    ...     left = 2
    ...     def advance(self):
    ...         self.left -= 1
    ...         return not self.left
    >>> [is_done for _, is_done in in_parallel([Countdown()])]
    [False, True]

    Args:
        jobs: taken one by one, each when a core is free for it. An iterator that has none now may
            have some later, once a job is done.

    Yields:
        Each job after each slice of its work, and whether it is done. On a cluster there are no
        slices, and the job is a copy.

    Raises:
        ClusterError: if the cluster cannot be reached, or Dask is not installed.
    """
    address = Environment.now().dask
    queue = _Queue(iter(jobs), is_sliced=not address)
    options: dict[str, Any] = {
        "n_jobs": -1,
        "return_as": "generator_unordered",
        "batch_size": 1,
        "pre_dispatch": "n_jobs",
    }
    if address:
        parallel = parallel_on(address, **options)
    else:
        parallel = joblib.Parallel(backend="threading", **options)
    worked: Iterator[tuple[JobT, bool]] = iter(())
    try:
        while queue.has_more():  # again for jobs put back after joblib had seen an empty queue
            worked = parallel(queue.tasks())
            while (each := next(worked, None)) is not None:
                yield each
    finally:
        queue.close()
        if address:
            give_up(worked)
        for _ in worked:  # joblib ends its threads when its results are used up
            pass


class _Queue:
    """Jobs that wait for a core; joblib takes from it in whichever thread becomes free."""

    def __init__(self, jobs: Iterator[Any], *, is_sliced: bool) -> None:
        self._jobs = jobs
        self._begun: deque[Any] = deque()
        self._is_sliced = is_sliced
        self._is_closed = False

    def tasks(self) -> Iterator[Any]:
        work = joblib.delayed(self._advance if self._is_sliced else _to_the_end)
        while self.has_more():
            yield work(self._begun.popleft())

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


def _to_the_end(job: JobT) -> tuple[JobT, bool]:
    while not job.advance():
        pass
    return job, True
