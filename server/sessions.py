"""What a visitor leaves behind, words, uploads, runs and drawings, is dropped after a while."""

from __future__ import annotations

import asyncio
import ctypes
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from weakref import WeakSet

from core.environment import ENVIRONMENT
from server import streamlit_inside
from server.gate import GATE

# After the grace, in which the run ends; a phone that was put away for a moment finds its runs.
KEEP_SECONDS = 5 * ENVIRONMENT.grace_seconds

PRESENT: WeakSet[object] = WeakSet()  # the sessions that are in memory, closed ones among them
ASLEEP: set[str] = set()  # connections of visitors who were let go, as they did nothing
_loops: list[asyncio.AbstractEventLoop] = []  # the server's own, while it serves


class Gone:
    """Counts the sessions that were dropped; what they held is then to be searched for.

    Attributes:
        count: so far; it rises, also where two go at once and only one is counted.
    """

    def __init__(self) -> None:
        self.count = 0

    def note(self) -> None:
        """One more has gone."""
        self.count += 1


GONE = Gone()


def begin() -> None:
    """From now on closed sessions are dropped; to be called in the server's loop."""
    _loops[:] = [asyncio.get_running_loop()]


def forget_later(session_id: str, seconds: float = KEEP_SECONDS) -> None:
    """Drop a closed session unless its visitor comes back by then.

    Streamlit keeps one for two minutes and then until other visitors come, its uploads too.
    """
    if _loops:
        timer = threading.Timer(seconds, _forget, (session_id, _loops[0]))
        timer.daemon = True
        timer.start()


def _forget(session_id: str, loop: asyncio.AbstractEventLoop) -> None:
    with suppress(RuntimeError, TimeoutError):  # the server has ended meanwhile
        asyncio.run_coroutine_threadsafe(_close(session_id), loop).result(timeout=10)
        GONE.note()


async def _close(session_id: str) -> None:
    if streamlit_inside.is_serving() and not streamlit_inside.is_connected(session_id):
        streamlit_inside.close(session_id)


def draw_again(session_ids: Iterable[str], page: str | None = None) -> None:
    """Have pages drawn, as if their browsers had asked; Streamlit does it for nobody else.

    Args:
        session_ids: of their connections.
        page: path of the one to go to; by default they stay where they are.
    """
    for loop in _loops:
        with suppress(RuntimeError):  # the server has ended meanwhile
            loop.call_soon_threadsafe(_draw, list(session_ids), page)


def _draw(session_ids: Sequence[str], page: str | None) -> None:
    GATE.expect(sum(map(streamlit_inside.is_connected, session_ids)))
    for session_id in session_ids:
        streamlit_inside.draw_again(session_id, page)


def give_back() -> None:
    """Let the C library hand free memory back to the system; glibc does not by itself."""
    with suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL("libc.so.6").malloc_trim(0)
