"""The session's own things: the only place that touches st.session_state."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit
from weakref import WeakSet

import streamlit as st

from core.config import RunConfig, settings_of
from core.environment import ENVIRONMENT
from core.errors import StoreError
from core.jobs import count_in_background
from core.runs import RunRecord, Snapshot, Speed, State, Trainer
from core.runs.store import OWN
from core.sweep import GridSweeper, Sweeper
from core.text import Corpus, embedded_corpus
from pages.live.dragging import DRAGS, Drag
from pages.live.frames import RunFrames
from pages.live.grid_frames import GridFrames
from pages.live.moments import PASTS, Past
from pages.live.search_frames import SearchFrames
from pages.live.stream import CHANNELS, Channel
from pages.live.sweep_frames import SweepFrames
from pages.visit import browser, held_memory, limits, saving, workspace
from pages.visit.presses import Presses
from pages.visit.sampled import Sampled
from server import sessions, streamlit_inside
from server.streamlit_inside import is_connected

Option = TypeVar("Option")

# A connection may be lost this long before the trainer ends.
GRACE_SECONDS = ENVIRONMENT.grace_seconds
END_SECONDS = 60.0  # that a run may take to end, after the chunk of work in hand

_SETTING, _ASLEEP = "setting:", "is_asleep"
SESSIONS: WeakSet[Session] = WeakSet()  # of all visitors
ENDED_AWAY: deque[tuple[str, int]] = deque(maxlen=1000)  # keys of runs, and the steps they were at
_TAKING_OVER = threading.Lock()
_RUN = threading.local()  # the visitor's session, as found by the script run that has this thread


class Guest:
    """A run of somebody else with its live view; nothing of it is kept, and nothing moves it."""

    def __init__(self, record: RunRecord) -> None:
        self.record = record
        self.trainer = Trainer()
        self.trainer.take_up(record)
        self.frames = RunFrames()
        self.channel = Channel(self.trainer.shown, self.frames)
        self.past = Past(self.trainer, self.frames)

    def open(self) -> None:
        """Let the live view in."""
        CHANNELS[self.trainer.token] = self.channel
        PASTS[self.trainer.token] = self.past

    def close(self) -> None:
        """Let no view in any more."""
        CHANNELS.pop(self.trainer.token, None)
        PASTS.pop(self.trainer.token, None)


class Session:
    """What one visitor has: a trainer and sweepers with their channels, a corpus, a question.

    Attributes:
        owner: what the visitor's browser is known by; None where it keeps no cookies.
        workspace: where the runs are kept; None where they aren't.
        page: path of the page that was drawn last.
        end: why it is over, with nothing to be found in it; empty as long as it isn't.
        text_offered: a text that the visitor brought and may use, as bytes and as read.
        sampled: the names or sentences that were sampled last.
        lesson_work: results of the chapters, by all that they depend on.
    """

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        sessions.PRESENT.add(self)
        self.owner = browser.owner(st.context.cookies)
        self.workspace = workspace.of(self.owner)
        self.page = ""
        self.end: Literal["", "idle", "forgotten"] = ""
        self.text_offered: tuple[bytes, Corpus] | None = None
        self.sampled: Sampled | None = None
        self.lesson_work: dict[Hashable, Any] = {}
        self.trainer = saving.new_trainer(self.workspace)
        self.is_brought_back = self.workspace is None
        self.n_moves = 0 if self.workspace is None else saving.writer().n_moves
        self.n_written_again: int | None = None  # runs, until it was said
        self.is_closed = False
        self.cut_off = ""  # key of the run that the last close ended
        self.seen_at = time.monotonic()
        self.corpus = embedded_corpus()
        self.sweeper = Sweeper()
        self.grid = GridSweeper()
        self.searcher, self.kept_searches = saving.new_searcher(self.workspace, self.trainer)
        self.is_search_brought_back = self.kept_searches is None
        self.frames = RunFrames()
        self.channels: dict[str, Channel[Any]] = {
            self.trainer.token: Channel(self.trainer.shown, self.frames),
            self.sweeper.token: Channel(self.sweeper.snapshot, SweepFrames()),
            self.grid.token: Channel(self.grid.snapshot, GridFrames()),
            self.searcher.token: Channel(self.searcher.snapshot, SearchFrames()),
        }
        self.past = Past(self.trainer, self.frames)
        self.presses = Presses()
        self.drag = Drag(limits.check)
        self.guest: Guest | None = None  # a run of somebody else that is looked at
        self.n_connections = 0  # rises with each, so that an old one is known from a new one

    def bring_back(self) -> None:
        """Have the last runs of before, once they can be read; a new run does not wait for them."""
        if self.is_brought_back or self.trainer.snapshot() is not None or self.workspace is None:
            return
        others = [other.trainer for other in SESSIONS if other is not self]
        try:
            newest = saving.bring_back(self.trainer, self.workspace, saving.keys_of(others))
        except StoreError:
            return  # every page says so
        self.is_brought_back = True
        limits.keep_within(self.trainer)
        limits.hold_within(self)
        if newest is not None and not _has_link():
            self.corpus = newest.corpus
            load(newest.config)

    def follow_store(self) -> None:
        """Have its runs in the file that is in the place of the one they were kept in."""
        if self.workspace is None:
            return
        n_moves = saving.writer().follow()
        if n_moves == self.n_moves:
            return
        with suppress(StoreError):  # every page says so
            self.n_written_again = saving.write_again(self.trainer, self.workspace)
            self.n_moves = n_moves
            if self.kept_searches is not None:
                self.kept_searches.keep_again()

    def say_moved(self) -> None:
        """Say once that this was so."""
        if self.n_written_again is not None and self.workspace is not None:
            said = partial(setattr, self, "n_written_again", None)
            saving.say_moved(self.workspace, self.n_written_again, said)

    def bring_back_search(self) -> None:
        """Have the last search of before, that no other tab has in hand.

        Raises:
            StoreError: if it cannot be read now.
        """
        if self.is_search_brought_back or self.kept_searches is None:
            return
        if self.searcher.snapshot() is None:
            others = (other for other in SESSIONS if other is not self and not other.is_closed)
            alive = [other.kept_searches.key for other in others if other.kept_searches]
            newest = self.kept_searches.newest(alive)
            if newest is not None:
                self.searcher.restore(newest)
        self.is_search_brought_back = True

    @property
    def is_search_elsewhere(self) -> bool:
        """Whether the search that was brought back went on elsewhere a moment ago."""
        now = self.searcher.snapshot()
        is_at_rest = now is not None and now.state is State.STOPPED
        return self.kept_searches is not None and self.kept_searches.is_elsewhere and is_at_rest

    def start(self, config: RunConfig, *, is_paused: bool = False, pace: Speed = None) -> None:
        """Begin a run of these settings on the visitor's words."""
        self.trainer.set_pace(pace)
        self._count()
        self.trainer.start(config, self.corpus, is_paused=is_paused)
        limits.keep_within(self.trainer)
        limits.hold_within(self)
        self.channels[self.trainer.token].nudge()

    def prepare(self, config: RunConfig) -> None:
        """Before the first run, show the untrained model of these settings."""
        if self.trainer.snapshot() is None:
            self._count()
            self.trainer.prepare(config, self.corpus)

    def _count(self) -> None:
        if self.corpus.unit == "word":
            count_in_background(self.corpus)

    def open(self) -> None:
        """Let the live views in; also after a close, when the visitor came back after all."""
        self.is_closed = False
        if self.cut_off:
            self._take_up_cut_off()
        CHANNELS.update(self.channels)
        DRAGS[self.trainer.token] = self.drag
        PASTS[self.trainer.token] = self.past
        if self.guest is not None:
            self.guest.open()

    def close(self) -> None:
        """End all work of this visitor, and let no view in any more."""
        self.is_closed = True
        now = self.trainer.snapshot()
        if now is not None and not now.has_ended:
            self.cut_off = now.key
        self.trainer.stop()
        self.sweeper.stop()
        self.grid.stop()
        self.searcher.stop()
        self.drag.dragging.stop()
        DRAGS.pop(self.trainer.token, None)
        PASTS.pop(self.trainer.token, None)
        for token in self.channels:
            CHANNELS.pop(token, None)
        self.look_at(None)

    def n_bytes(self, *more: object) -> int:
        """What would go from memory with this visitor, and with what else they hold."""
        held = (
            self.corpus,
            self.trainer.runs(),
            self.sweeper.snapshot(),
            self.grid.sweeps(),
            self.searcher.snapshot(),
            self.text_offered,
            self.sampled,
            list(self.lesson_work.values()),
        )
        return held_memory.size_of((*held, *more)) + sum(
            streamlit_inside.upload_sizes(self.session_id)
        )

    def forget_samples(self, run_id: int) -> None:
        """Drop what was sampled last, if it is from this run."""
        if self.sampled is not None and self.sampled.snapshot.run_id == run_id:
            self.sampled = None

    def forget(self) -> None:
        """End all work, and drop all that there is; nothing of it is kept later."""
        self.end = "forgotten"
        self.trainer.forget_everything()
        for jobs in (self.sweeper, self.grid, self.searcher):
            jobs.forget_everything()
        self.drag.forget()
        self.corpus = embedded_corpus()
        self.text_offered = self.sampled = None
        self.lesson_work.clear()
        self.close()

    def _take_up_cut_off(self) -> None:
        """Let the run that a close ended wait where it was, unless it goes on elsewhere by now."""
        now, key = self.trainer.snapshot(), self.cut_off
        if now is not None and now.key == key and not now.has_ended:
            return  # amid its last chunk of work; when it ends, the live view draws the page again
        self.cut_off = ""
        if now is None or now.key != key or not self.trainer.join(END_SECONDS):
            return
        others = [other.trainer for other in SESSIONS if other is not self]
        if not saving.is_elsewhere(self.workspace, key, saving.keys_of(others)):
            self.trainer.take_up_stopped()
            limits.keep_within(self.trainer)

    def look_at(self, record: RunRecord | None) -> Guest | None:
        """Have a run of somebody else to look at, in place of one that was there before."""
        if self.guest is not None:
            self.guest.close()
        self.guest = None if record is None else Guest(record)
        if self.guest is not None:
            self.guest.open()
        return self.guest


def current() -> Session:
    """The visitor's session; made on the first call."""
    # A run of a page asks for it a hundred times.
    context = streamlit_inside.run_context()
    mine: Session | None = getattr(_RUN, "session", None)
    if mine is None or context is None or _RUN.context is not context:
        mine = st.session_state.get("session")
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
    mine: Session | None = st.session_state.get("session")
    if mine is None or mine.session_id != session_id:
        mine = _left_behind(session_id) or Session(session_id)
        st.session_state["session"] = mine
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
    mine: Session | None = st.session_state.get("session")
    return mine is not None and mine.end == end


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
    st.session_state[_ASLEEP] = True
    return streamlit_inside.session_id()


def is_asleep() -> bool:
    """Whether the visitor was let go and has not come back."""
    return _ASLEEP in st.session_state


def wake() -> str:
    """Let the next run of the page make a session again; the id of its connection."""
    st.session_state.pop(_ASLEEP, None)
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
    if current is not None and not _has_link():
        load(current.config)
    return mine


def _page() -> str:
    return urlsplit(st.context.url or "").path


def _has_link() -> bool:
    """Whether the URL holds settings; a name with a dot belongs to a widget of a chapter."""
    return any("." not in name for name in st.query_params)


def trainer() -> Trainer:
    """The session's trainer."""
    return current().trainer


def sweeper() -> Sweeper:
    """The session's learning-rate sweeper."""
    return current().sweeper


def snapshot() -> Snapshot | None:
    """The current run as it is now, or None before the first one."""
    return trainer().snapshot()


def corpus() -> Corpus:
    """The words that the next run learns from."""
    return current().corpus


def remember(name: str, default: Any) -> Any:
    """A value that lasts as long as the session, set on first use."""
    return st.session_state.setdefault(name, default)


def one_of(name: str, options: Iterable[Option]) -> Option:
    """The one that a control was set to; the first where it holds none, as anyone can send."""
    among = list(options)
    held = remember(name, among[0])
    return next((option for option in among if option == held), among[0])


def put(name: str, value: Any) -> None:
    """Set a value that lasts as long as the session."""
    st.session_state[name] = value


def held(front: str) -> dict[str, Any]:
    """What is held under the names that begin so, such as a chapter's widgets."""
    state = {str(name): value for name, value in st.session_state.items()}
    return {name: value for name, value in state.items() if name.startswith(front)}


def is_presenting() -> bool:
    """Whether the presenter's view is on: no settings, no navigation, larger text."""
    return bool(remember("is_presenting", False))


def remember_selection(table_key: str) -> list[int]:
    """Rows that are picked in the table with this key."""
    state = st.session_state.get(table_key)
    return list(state["selection"]["rows"]) if state else []


def pick_rows(table_key: str, rows: Sequence[int]) -> None:
    """Pick rows in the table with this key; only before it is drawn, as in a callback."""
    st.session_state[table_key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}


def remember_cell(table_key: str) -> tuple[int, str] | None:
    """Row and column of the cell that is picked in the table with this key."""
    state = st.session_state.get(table_key)
    cells = state["selection"]["cells"] if state else []
    return (int(cells[0][0]), str(cells[0][1])) if cells else None


def kept(view_key: str, name: str) -> Any:
    """What a live view keeps under a name, or None; of any type, as anyone can send it."""
    state = st.session_state.get(view_key)
    return state.get(name) if isinstance(state, Mapping) else None


def setting_key(name: str) -> str:
    """Key of the widget of a setting."""
    return _SETTING + name


def setting(name: str, default: Any) -> Any:
    """What the widget of a setting holds, or what it starts from."""
    return st.session_state.setdefault(_SETTING + name, default)


def put_settings(values: Mapping[str, Any]) -> None:
    """Move the widgets of settings; only before they are drawn, as in a callback."""
    for name, value in values.items():
        st.session_state[_SETTING + name] = value


def load(config: RunConfig) -> None:
    """Move the widgets of all settings to a config; only before they are drawn, as in a callback.

    A setting that follows another and agrees with it holds None.
    """
    values = config.to_settings()
    put_settings(
        {
            known.key: known.held(values[known.key]) if known.key in values else None
            for known in settings_of(RunConfig)
        }
    )


def rename(workspace: str, key: str, name: str) -> None:
    """Give a kept run a name in every tab that has it."""
    for other in list(SESSIONS):
        if other.workspace == workspace:
            for run in other.trainer.runs():
                if run.key == key:
                    other.trainer.rename(run.run_id, name)


def forget(workspace: str, keys: Collection[str]) -> None:
    """Drop kept runs in every tab that has them; one that goes on stays."""
    for other in list(SESSIONS):
        if other.workspace == workspace:
            for run in other.trainer.runs():
                if run.key in keys:
                    other.trainer.forget(run.run_id)


def forget_everything(mine: Session) -> None:
    """Drop all that a visitor has, in every tab and on the disk, and nothing of anyone else.

    Where the machine is the visitor's own, so is all that is there. Where visitors share their
    kept runs, those that others have in hand stay, and so do the words that these learn from.

    Raises:
        StoreError: if what is kept can't be dropped now.
    """
    is_shared = mine.workspace == OWN and workspace.is_open()
    alike = [each for each in SESSIONS if each.workspace == mine.workspace and not each.end]
    going = [
        each
        for each in alike
        if each is mine or (_is_same(each, mine) if is_shared else mine.workspace is not None)
    ]
    staying = [each for each in alike if each not in going]
    for each in going:
        each.forget()
        if each is not mine:
            sessions.forget_later(
                each.session_id, 0.0
            )  # where no browser is there to draw it again
    sessions.draw_again(each.session_id for each in going if each is not mine)
    if mine.workspace is not None:
        keys = {run.key for each in staying for run in each.trainer.runs()}
        keys |= {each.kept_searches.key for each in staying if each.kept_searches}
        saving.writer().forget_all(mine.workspace, keys)


def _is_same(one: Session, other: Session) -> bool:
    return one.owner is not None and one.owner == other.owner


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
