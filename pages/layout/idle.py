"""Who leaves a page open and does nothing is let go, and has everything back at a press."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

import streamlit as st

from core.environment import ENVIRONMENT
from core.runs import State
from pages.layout import heading
from pages.visit import limits, session
from pages.visit.holdings import SESSIONS, Session
from server import sessions, streamlit_inside

IDLE_SECONDS = 60 * ENVIRONMENT.idle_minutes  # 0 for never
LOOK_SECONDS = max(0.5, min(30.0, IDLE_SECONDS / 4 or 30.0))  # between two looks


def let_go_of(sessions: Iterable[Session], now: float, seconds: float = IDLE_SECONDS) -> list[str]:
    """Mark those that were idle for so long, and end what is left of their work.

    Args:
        sessions: of all visitors.
        now: as `time.monotonic` has it.
        seconds: without a click and without a run, after which one is idle.

    Returns:
        The ids of those whose page is to be drawn again, to say so.
    """
    found = []
    for mine in sessions:
        if mine.end or mine.is_closed:
            continue
        if is_busy(mine):
            mine.seen_at = now
        elif now - mine.seen_at >= seconds:
            mine.end = "idle"
            mine.close()
            found.append(mine.session_id)
    return found


def look() -> list[str]:
    """One look at all visitors; the ids of those who were let go."""
    present = list(SESSIONS)
    found = let_go_of(present, time.monotonic()) if IDLE_SECONDS else []
    for mine in present:
        limits.hold_within(mine)
    return found


def is_busy(mine: Session) -> bool:
    """Whether a run, a sweep or a search of this visitor is under way."""
    jobs = (mine.trainer, mine.sweeper, mine.grid, mine.searcher)
    snapshots = [job.snapshot() for job in jobs]  # once each, as they move
    return any(now is not None and now.state in {State.RUNNING, State.QUEUED} for now in snapshots)


async def watch() -> None:
    """Look for the idle, and at what visitors hold, as long as the server's loop runs."""
    while IDLE_SECONDS or ENVIRONMENT.is_public:
        await asyncio.sleep(LOOK_SECONDS)
        found = await asyncio.to_thread(look)
        gone = {each for each in sessions.ASLEEP.copy() if not streamlit_inside.is_connected(each)}
        sessions.ASLEEP.difference_update(gone)
        sessions.draw_again(found)


def hold() -> None:
    """Before all else of a page: say to one who was let go what happened, and draw nothing more."""
    if session.is_over("idle"):
        sessions.ASLEEP.add(session.fall_asleep())
    if not session.is_asleep():
        return
    heading.brand()
    heading.name_tab("Asleep")
    heading.heading("You’ve been away", has_ways_in=False)
    with st.container(border=True):
        st.markdown(_words(session.has_workspace()))
        st.button("Go on", type="primary", on_click=_wake)
    st.stop()


def _wake() -> None:
    sessions.ASLEEP.discard(session.wake())


def _words(has_kept_runs: bool) -> str:
    minutes = f"{ENVIRONMENT.idle_minutes:g} minute{'' if ENVIRONMENT.idle_minutes == 1 else 's'}"
    what = (
        "Your runs are kept and come back; words that you brought you’d have to bring again."
        if has_kept_runs
        else "Your browser takes no cookies from this page, so your runs couldn’t be kept."
    )
    return (
        f"Nothing was pressed here for {minutes} and nothing was training, so this server has "
        f"made room for others. {what}"
    )
