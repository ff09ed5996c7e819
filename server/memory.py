"""Python's search for garbage, at quiet moments instead of at the end of every run of a page.

A full search looks at all that lives and holds the interpreter's lock meanwhile: 120 ms for what
is loaded at the start, and more for every session. What is there after a search is therefore left
out of the next ones (`gc.freeze`), but for one among everything now and then.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from typing import Literal

YOUNG_SECONDS = 2.0  # between two searches among what is new, which take a few milliseconds
FULL_SECONDS = 60.0  # between two among everything, if nobody is at work
GONE_SECONDS = 20.0  # the same where somebody has gone since
LATEST_SECONDS = 300.0  # between two among everything, whoever is


class Collector:
    """Searches as long as pages are run, from a thread of its own.

    Args:
        n_runs: how often a page was run so far; none, and there is nothing to find.
        is_quiet: whether no page is run now.
        n_gone: how many visitors' sessions were dropped so far.
        give_back: hands free memory to the system, after a search among everything.
        now: seconds, from any start.
    """

    def __init__(
        self,
        n_runs: Callable[[], int],
        is_quiet: Callable[[], bool],
        now: Callable[[], float] = time.monotonic,
        *,
        n_gone: Callable[[], int] = lambda: 0,
        give_back: Callable[[], object] = lambda: None,
    ) -> None:
        self._n_runs = n_runs
        self._n_gone = n_gone
        self._give_back = give_back
        self._is_quiet = is_quiet
        self._now = now
        self._ended = threading.Event()
        self._full_at = now()
        self._n_at_full = self._n_at_last = n_runs()
        self._n_gone_at_full = n_gone()

    def start(self) -> None:
        """Begin to search."""
        threading.Thread(target=self._run, name="collector", daemon=True).start()

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()

    def search(self) -> Literal["nothing", "new", "all"]:
        """Search now; among what."""
        n_runs, n_gone, waited = self._n_runs(), self._n_gone(), self._now() - self._full_at
        has_somebody_gone = n_gone != self._n_gone_at_full
        pause = GONE_SECONDS if has_somebody_gone else FULL_SECONDS
        if (has_somebody_gone or n_runs != self._n_at_full) and (
            waited >= LATEST_SECONDS or (waited >= pause and self._is_quiet())
        ):
            self._full_at, self._n_at_full, self._n_at_last = self._now(), n_runs, n_runs
            self._n_gone_at_full = n_gone
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._give_back()
            return "all"
        if n_runs == self._n_at_last:
            return "nothing"
        self._n_at_last = n_runs
        gc.collect(1)
        gc.freeze()
        return "new"

    def _run(self) -> None:
        while not self._ended.wait(YOUNG_SECONDS):
            self.search()
