"""Ctrl+C and SIGTERM end the server in peace: within two seconds, with exit code 0."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

import uvicorn

from core.environment import ENVIRONMENT

END_SECONDS = 1.4  # from the signal to the end of the process, whatever still holds it up
HANG_UP_SECONDS = 0.4  # for the server's goodbye to its visitors, once all is kept


class Goodbye:
    """The end of a server, asked for by a signal.

    Uvicorn's own way waits for each browser to hang up and then sends itself the signal again,
    which Python takes as an interrupt: a traceback or 'Aborted!', and an exit code of failure.
    """

    def __init__(self, server: uvicorn.Server) -> None:
        self._server = server
        self._steps: list[Callable[[], object]] = []
        self._are_done = threading.Event()
        self._end_at: float | None = None  # from the signal on
        # Released by the signal. The thread is there before it, as starting one takes a lock that
        # the interrupted code may hold.
        self._asked = threading.Lock()
        self._asked.acquire()
        threading.Thread(target=self._end_in_time, name="goodbye", daemon=True).start()
        atexit.register(self._end_if_asked)

    def first(self, *steps: Callable[[], object]) -> None:
        """What has to be done before the end, in this order, if there is time for it."""
        self._steps += steps

    def take(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """A signal came: have the server hang up and return, as if nothing had happened."""
        if self._end_at is None:
            self._end_at = time.monotonic() + END_SECONDS
        self._server.force_exit = self._server.should_exit  # at the second one
        self._server.should_exit = True
        with suppress(RuntimeError):  # released before
            self._asked.release()

    def _end_in_time(self) -> None:
        self._asked.acquire()
        threading.Thread(target=self._do_steps, name="goodbye-steps", daemon=True).start()
        self._are_done.wait(self._seconds_left())
        if self._steps:  # else it had not begun to serve
            time.sleep(min(HANG_UP_SECONDS, self._seconds_left()))
        _leave()

    def _do_steps(self) -> None:
        try:
            for step in self._steps:
                step()
        finally:
            self._are_done.set()

    def _end_if_asked(self) -> None:
        """The server has returned; what is still being written is waited for."""
        if self._end_at is not None:
            self._are_done.wait(self._seconds_left())
            _leave()

    def _seconds_left(self) -> float:
        assert self._end_at is not None
        return max(0.0, self._end_at - time.monotonic())


def _leave() -> NoReturn:
    """End without the interpreter's own end, in which threads in compiled code are a crash."""
    with suppress(OSError, ValueError):  # nobody reads it any more
        if not ENVIRONMENT.is_replica:
            sys.stdout.write("\nGoodbye.\n")
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(0)


_listening: list[Goodbye] = []


def listen() -> uvicorn.Server | None:
    """From now on signals end the server in peace; the server, if it's Uvicorn that loads its app.

    It's nobody in a test, or where another server looks after signals in its own way.
    """
    server = getattr(signal.getsignal(signal.SIGINT), "__self__", None)
    if not isinstance(server, uvicorn.Server) or _listening:
        return None
    goodbye = Goodbye(server)
    _listening.append(goodbye)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, goodbye.take)
    if server.should_exit:  # it came while the app was being found
        goodbye.take()
    return server


def first(*steps: Callable[[], object]) -> None:
    """What has to be done before the end, in this order; not all of it where it takes too long."""
    for goodbye in _listening:
        goodbye.first(*steps)
