"""Threads that help a compiled call, each on a core of its own; they wait here in between."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

THREAD_NICENESS = 10  # below the server's own thread

Work = Callable[[], object]


class Helpers:
    """Threads that come when they are called and are there until the process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_free = 0
        self._calls: SimpleQueue[Work] = SimpleQueue()

    def call(self, n_helpers: int, work: Work) -> None:
        """Let this many threads do the work, beside the caller, who does not wait for them."""
        with self._lock:
            missing = n_helpers - self._n_free
            self._n_free -= n_helpers
            for _ in range(missing):
                self._n_free += 1
                threading.Thread(target=self._help, name="helper", daemon=True).start()
        for _ in range(n_helpers):
            self._calls.put(work)

    def _help(self) -> None:
        lower_priority()
        while True:
            self._calls.get()()
            with self._lock:
                self._n_free += 1


def keep_priority() -> None:
    """Have `lower_priority` do nothing from now on: this process is no server."""
    _IS_NO_SERVER.set()


def lower_priority() -> None:
    """Let the server's own thread go first, where the system can tell threads apart."""
    if _IS_NO_SERVER.is_set():
        return
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), THREAD_NICENESS)


_IS_NO_SERVER = threading.Event()
HELPERS = Helpers()
