"""Presence: whose session this page load has, from its first script run to the end of its tab."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Literal
from urllib.parse import urlsplit

import streamlit as st

from core.environment import ENVIRONMENT
from core.runs import RunRecord, Snapshot, State, Trainer
from core.text import Corpus
from pages.visit import browser, state, workspace
from pages.visit.holdings import END_SECONDS, SESSIONS, Session, has_link
from server import sessions, streamlit_inside
from server.streamlit_inside import is_connected

# A connection may be lost this long before the trainer ends.
GRACE_SECONDS = ENVIRONMENT.grace_seconds

ENDED_AWAY: deque[tuple[str, int]] = deque(maxlen=1000)  # keys of runs, and the steps they were at
_TAKING_OVER = threading.Lock()
_RUN = threading.local()  # the visitor's session, as found by the script run that has this thread


def current() -> Session:
    """The visitor's session; made on the first call."""
    # A run of a page asks for it a hundred times.
    context = streamlit_inside.run_context()
    mine: Session | None = getattr(_RUN, "session", None)
    if mine is None or context is None or _RUN.context is not context:
        mine = state.held_session()
    # Another tab may have taken it over, while this one's connection was lost.
    if mine is None or mine.session_id != streamlit_inside.session_id():
        return arrive()
    _RUN.context, _RUN.session = context, mine
    return mine


def arrive() -> Session:
    """Note, at the start of each run of a page, that the visitor is there; makes the session."""
    session_id = streamlit_inside.session_id()
    if is_over("forgotten"):  # in another tab
        drop_everything()
    mine: Session | None = state.held_session()
    if mine is None or mine.session_id != session_id:
        mine = _left_behind(session_id) or Session(session_id)
        state.hold_session(mine)
        SESSIONS.add(mine)
    mine.seen_at, mine.page = time.monotonic(), _page()
    mine.bring_back()
    mine.follow_store()
    _connect(mine)
    mine.open()
    _RUN.context, _RUN.session = streamlit_inside.run_context(), mine
    return mine


def is_over(end: Literal["idle", "forgotten"]) -> bool:
    """Whether the visitor's session has ended so, and the page still holds it."""
    mine: Session | None = state.held_session()
    return mine is not None and mine.end == end


def is_whole() -> bool:
    """Whether the page still holds the visitor's session, and that isn't over."""
    mine: Session | None = state.held_session()
    is_mine = mine is not None and mine.session_id == streamlit_inside.session_id()
    return mine is not None and is_mine and not mine.end


def has_workspace() -> bool:
    """Whether runs of this visitor are kept."""
    return workspace.of(browser.owner(st.context.cookies)) is not None


def drop_everything() -> None:
    """Forget all that the page holds of a session that is over; the next one begins anew."""
    _connect.clear()
    streamlit_inside.clear_page()
    _RUN.session = None
    sessions.GONE.note()


def fall_asleep() -> str:
    """Drop a session that is over until the visitor comes back; the id of its connection."""
    drop_everything()
    state.tab().is_asleep = True
    return streamlit_inside.session_id()


def is_asleep() -> bool:
    """Whether the visitor was let go and has not come back."""
    return state.tab().is_asleep


def wake() -> str:
    """Let the next run of the page make a session again; the id of its connection."""
    state.tab().is_asleep = False
    return streamlit_inside.session_id()


def _left_behind(session_id: str) -> Session | None:
    """The session of a tab of this browser that was loaded again: its run goes on in this one.

    Nobody else's: only who brings the same cookie has it again. Where two tabs were loaded again
    at the same moment, each has the one of its page.
    """
    owner = browser.owner(st.context.cookies)
    if owner is None or not streamlit_inside.is_serving():
        return None
    page = _page()
    with _TAKING_OVER:
        found = [
            other
            for other in SESSIONS
            if other.owner == owner
            and not (other.is_closed or other.end or is_connected(other.session_id))
        ]
        if not found:
            return None
        mine = max(found, key=lambda each: (each.page == page, each.seen_at))
        mine.session_id = session_id
    current = mine.trainer.snapshot()
    if current is not None and not has_link():
        state.load(current.config)
    return mine


def _page() -> str:
    return urlsplit(st.context.url or "").path


def trainer() -> Trainer:
    """The session's trainer."""
    return current().trainer


def snapshot() -> Snapshot | None:
    """The current run as it is now, or None before the first one."""
    return trainer().snapshot()


def choose_anew() -> None:
    """Have what was chosen now seen at once where a run is over, its curve behind."""
    now, tab = snapshot(), state.tab()
    if now is not None and now.has_ended:
        tab.anew_after = tab.compared_run = now.run_id


def corpus() -> Corpus:
    """The words that the next run learns from."""
    return current().corpus


def corpora() -> list[Corpus]:
    """The data that this visitor has: in use, and of the session's runs."""
    mine = current()
    ids = (run.run_id for run in mine.trainer.runs())
    return [mine.corpus, *(run.corpus for run in mine.trainer.read_some(ids))]


def is_presenting() -> bool:
    """Whether the presenter's view is on: no settings, no navigation, larger text."""
    return state.tab().is_presenting


def has_ended_away(run: RunRecord) -> bool:
    """Whether a run ended because its visitor was away, and hasn't moved since."""
    is_at_rest = run.state in {State.STOPPED, State.PAUSED}
    return is_at_rest and (run.key, run.step) in ENDED_AWAY


@st.cache_resource(
    scope="session", show_spinner=False, on_release=lambda connection: _disconnected(*connection)
)
def _connect(_mine: Session) -> tuple[Session, int]:
    """Held as long as the connection: it is released when the tab may be gone."""
    _mine.n_connections += 1
    return _mine, _mine.n_connections


def _disconnected(mine: Session, connection: int) -> None:
    if mine.end:
        sessions.forget_later(mine.session_id)  # unless its connection stays, without it
        return
    # This runs on the server's event loop, also for a short loss of the connection: wait and see.
    timer = threading.Timer(GRACE_SECONDS, _close_if_gone, (mine, connection))
    timer.daemon = True
    timer.start()


def _close_if_gone(mine: Session, connection: int) -> None:
    if not is_connected(mine.session_id):
        now = mine.trainer.snapshot()
        mine.close()
        sessions.forget_later(mine.session_id)
        is_going = now is not None and now.state in {State.RUNNING, State.QUEUED}
        ended = mine.trainer.snapshot() if is_going and mine.trainer.join(END_SECONDS) else None
        if ended is not None:
            ENDED_AWAY.append((ended.key, ended.step))
    elif mine.n_connections == connection:
        _disconnected(mine, connection)  # it came back, but no script ran since to connect again
