"""What one visitor has: a trainer, sweepers and a searcher with their channels, and a corpus."""

from __future__ import annotations

import time
from collections.abc import Hashable
from contextlib import suppress
from functools import partial
from typing import Any, Literal
from weakref import ReferenceType, WeakSet, ref

import streamlit as st

from core.config import RunConfig
from core.errors import StoreError
from core.jobs import Jobs, Writing, count_in_background
from core.lesson.side_by_side import SideBySide
from core.rooms import Seat
from core.runs import BUSY, RunRecord, Speed, State
from core.sweep import GridSweeper, Sweeper
from core.text import embedded_corpus
from pages.live.dragging import DRAGS, Drag
from pages.live.frames import RunFrames
from pages.live.guest import Guest
from pages.live.job_frames import GridFrames, SearchFrames
from pages.live.moments import PASTS, Past
from pages.live.stream import CHANNELS, Channel
from pages.live.sweep_frames import RatesFrames, SweepFrames
from pages.visit import browser, held_memory, limits, saving, state, workspace
from pages.visit.presses import Presses
from pages.visit.sampled import Sampled
from server import sessions, streamlit_inside

END_SECONDS = 60.0  # that a run may take to end, after the chunk of work in hand
PRESS = "\n"  # begins a press that comes by the run's socket; no field for a question takes one
CAN_GO_ON = BUSY | {State.PAUSED, State.DIVERGED}
SESSIONS: WeakSet[Session] = WeakSet()  # of all visitors


class Session:
    """What one visitor has: a trainer and sweepers with their channels, a corpus, a question.

    Attributes:
        owner: what the visitor's browser is known by; None where it keeps no cookies.
        workspace: where the runs are kept; None where they aren't.
        page: path of the page that was drawn last.
        end: why it is over, with nothing to be found in it; empty as long as it isn't.
        offered: what was read of a list or a text that the visitor brought and may use, by its
            bytes and how it was asked for.
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
        self.offered: dict[tuple[bytes, Hashable], Any] = {}
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
        self.side_by_side = SideBySide()
        self.writing = Writing()
        self.searcher, self.saved_searches = saving.new_searcher(self.workspace, self.trainer)
        self.is_search_brought_back = self.saved_searches is None
        self.frames = RunFrames()
        self.channels: dict[str, Channel[Any]] = {
            self.trainer.token: Channel(self.trainer.shown, self.frames, partial(_hear, ref(self))),
            self.sweeper.token: Channel(self.sweeper.snapshot, SweepFrames()),
            self.grid.token: Channel(self.grid.snapshot, GridFrames()),
            self.side_by_side.token: Channel(self.side_by_side.snapshot, RatesFrames()),
            self.searcher.token: Channel(self.searcher.snapshot, SearchFrames()),
        }
        self.past = Past(self.trainer, self.frames)
        self.presses = Presses()
        self.pace: Speed = None  # that was chosen, as the page was drawn last
        self.drag = Drag(limits.check)
        self.guest: Guest | None = None  # a run of somebody else that is looked at
        self.seat: Seat | None = None  # in a room
        self.room_said = ""  # what became of a room, until it was read
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
        if newest is not None and not has_link():
            self.corpus = newest.corpus
            state.load(newest.config)

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
            if self.saved_searches is not None:
                self.saved_searches.save_again()

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
        if self.is_search_brought_back or self.saved_searches is None:
            return
        if self.searcher.snapshot() is None:
            others = (other for other in SESSIONS if other is not self and not other.is_closed)
            alive = [other.saved_searches.key for other in others if other.saved_searches]
            newest = self.saved_searches.newest(alive)
            if newest is not None:
                self.searcher.restore(newest)
        self.is_search_brought_back = True

    @property
    def is_search_elsewhere(self) -> bool:
        """Whether the search that was brought back went on elsewhere a moment ago."""
        now = self.searcher.snapshot()
        is_at_rest = now is not None and now.state is State.STOPPED
        return self.saved_searches is not None and self.saved_searches.is_elsewhere and is_at_rest

    def start(self, config: RunConfig, *, is_paused: bool = False, pace: Speed = None) -> None:
        """Begin a run of these settings on the visitor's words."""
        self.trainer.set_pace(pace)
        self._count()
        self.trainer.start(config, self.corpus, is_paused=is_paused)
        limits.keep_within(self.trainer)
        limits.hold_within(self)
        self.channels[self.trainer.token].nudge()

    def hear(self, text: str) -> None:
        """Do what the view of the run sends: a press of Pause or Resume, or a question.

        These two need no run of the page, as the view shows the button that can be pressed next.
        """
        if not text.startswith(PRESS):
            self.frames.hear(text)
            return
        now, self.seen_at = self.trainer.snapshot(), time.monotonic()
        if now is None or self.is_closed:
            return
        if text == f"{PRESS}pause" and now.state in BUSY:
            self.trainer.pause()
        elif text == f"{PRESS}resume" and now.state in CAN_GO_ON:
            self.trainer.set_pace(self.pace)
            self.trainer.resume()

    def prepare(self, config: RunConfig, after: int | None = None) -> None:
        """Show the untrained model of these settings: before the first run, or after this one.

        Args:
            config: all settings.
            after: number of a run that has ended, if the model is to take its place in the view.
        """
        now = self.trainer.snapshot()
        if now is None:
            self._count()
            self.trainer.prepare(config, self.corpus)
        elif now.run_id == after:
            self._count()
            self.trainer.prepare_next(config, self.corpus)

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
        for jobs in self._jobs:
            jobs.stop()
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
            self.side_by_side.snapshot(),
            self.searcher.snapshot(),
            self.offered,
            self.sampled,
            self.writing.snapshot(),
            list(self.lesson_work.values()),
        )
        return held_memory.size_of((*held, *more)) + sum(
            streamlit_inside.upload_sizes(self.session_id)
        )

    @property
    def _jobs(self) -> tuple[Jobs[Any, Any], ...]:
        return self.sweeper, self.grid, self.side_by_side, self.writing, self.searcher

    def forget_samples(self, run_id: int) -> None:
        """Drop what was sampled last, and the file of many, if this run wrote it."""
        if self.sampled is not None and run_id in self.sampled.writer.runs:
            self.sampled = None
        many = self.writing.snapshot()
        if many is not None and run_id in many.runs:
            self.writing.forget_everything()

    def forget(self) -> None:
        """End all work, and drop all that there is; nothing of it is kept later."""
        self.end = "forgotten"
        if self.seat is not None:
            self.seat.give_up()
        self.trainer.forget_everything()
        for jobs in self._jobs:
            jobs.forget_everything()
        self.drag.forget()
        self.corpus = embedded_corpus()
        self.sampled = None
        self.offered.clear()
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


def _hear(of: ReferenceType[Session], text: str) -> None:
    mine = of()
    if mine is not None:
        mine.hear(text)


def has_link() -> bool:
    """Whether the URL holds settings; a name with a dot belongs to a widget of a chapter."""
    return any("." not in name and name not in state.ROOM_PARAMETERS for name in st.query_params)
