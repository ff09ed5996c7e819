"""What is left in memory when a thousand visitors have come, trained briefly and gone."""

from __future__ import annotations

import asyncio
import time

from benchmarks.serving import Server, serving
from benchmarks.timing import Figures, say
from benchmarks.visitors import Visitor

QUERY = "steps=200000"
AT_ONCE = 10
SETTLED = 100  # sessions that the others are compared with; by then all that is made once is there
SESSIONS = 1000
QUICK_SESSIONS = 200
STAY_SECONDS = 0.5  # of training


def measure(is_quick: bool) -> Figures:
    """Memory, threads and sockets after the first visitors and after all of them."""
    n_sessions = QUICK_SESSIONS if is_quick else SESSIONS
    with serving("live", {"NAMESMITH_WORKSPACES": "1"}) as server:
        started = time.perf_counter()
        errors = _come_and_go(server, SETTLED)
        first, n_threads = _left(server), server.n_threads()
        say(f"sessions: {first:.0f} MB after {SETTLED}")
        errors += _come_and_go(server, n_sessions - SETTLED)
        last = _left(server)
        say(f"sessions: {last:.0f} MB after {n_sessions}")
        for error in sorted(set(errors)):
            say(f"sessions: {error}")
        return {
            "sessions": float(n_sessions),
            "sessions_seconds": time.perf_counter() - started,
            "sessions_memory_mb_after_first": first,
            "sessions_memory_mb_after_all": last,
            "sessions_memory_after_all_over_first": last / first,
            "sessions_more_threads": float(server.n_threads() - n_threads),
            "sessions_sockets_left": float(server.n_sockets()),
            "sessions_left": float(server.n_sessions()),
            "sessions_errors": float(len(errors) + server.log().count("Traceback")),
        }


def _come_and_go(server: Server, n_sessions: int) -> list[str]:
    errors: list[str] = []
    for _ in range(n_sessions // AT_ONCE):
        errors += asyncio.run(_wave(server.port))
    return errors


async def _wave(port: int) -> list[str]:
    visitors = [Visitor(port, QUERY) for _ in range(AT_ONCE)]
    try:
        await asyncio.gather(*(_visit(visitor) for visitor in visitors))
        return [error for visitor in visitors for error in visitor.errors]
    finally:
        for visitor in visitors:
            visitor.vanish()


async def _visit(visitor: Visitor) -> None:
    await visitor.arrive()
    await visitor.train()
    await asyncio.sleep(STAY_SECONDS)


def _left(server: Server) -> float:
    """Megabytes, once all that the visitors left should be gone."""
    server.await_emptiness()
    return server.memory_mb()
