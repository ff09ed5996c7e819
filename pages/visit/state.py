"""What one page load holds in Streamlit's session state: every name of it stands here.

Three kinds: the fields of `Tab`, for what is no widget's own value; `Held`, `Table` and `Kept`, for
the widgets whose values other code reads or moves; and the session itself. All of it is gone with a
reload, and with `clear`. A widget that only its own line reads has its key there.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import streamlit as st

from core.config import RunConfig
from core.runs.codec.label import DataLabel
from core.settings import Setting, settings_of
from core.text import Corpus
from pages.live.walk import WalkData

if TYPE_CHECKING:  # a start of the server needs no database
    from core.runs.store import Query, StoredRun

T = TypeVar("T")
Option = TypeVar("Option")

ROOM_PARAMETERS = ("room", "host")  # of a link: a room’s code, and a secret of its host
_SESSION, _TAB = "session", "tab"


@dataclass
class Tab:
    """What one page load holds beside its widgets and the session; made on first use by `tab`."""

    # The link that opened the page.
    link_read: bool = False
    link_goes: bool = False  # whether it starts a run, until that is begun
    link_error: str = ""
    link_given: Mapping[str, str] | None = None  # what it sets of chapters' widgets, until said
    link_left_out: str = ""  # what of that no widget took, in words
    said_until: dict[str, float] = field(default_factory=dict)  # by text, on the monotonic clock
    meant: DataLabel | None = None  # somebody's own data that it's for, until it's given
    meant_config: RunConfig | None = None  # its settings, until then
    meant_said: str = ""  # whether what was given is that, in words
    hidden: frozenset[str] | None = None  # parts and settings; None until the link is read
    hidden_said: str = ""  # what it couldn't hide, in words
    shared_token: str | None = None  # of the run it opens; None until the link is read
    shared_of: tuple[str, float] | None = None  # key of that run, and when it was saved
    shared_copied: str = ""  # what became of a copy, in words

    # The frame.
    is_asleep: bool = False  # the session was ended as idle, and the visitor isn't back
    is_presenting: bool = False  # no settings, no navigation, larger text
    shows_codes: bool = False  # QR codes of links to what is shown
    stage_height: int | None = None  # of the window in pixels, once the browser has said
    requested_page: str | None = None  # its path, until it's there
    is_bar_seen: bool = False
    handled_request: Any = None  # the bar's last request that was followed
    opened_parts: set[str] = field(default_factory=set)  # popovers and expanders, by their keys

    # The room.
    room_read: bool = False  # whether the link was looked at for one
    room_known: bool = False  # whether one was in a room
    room_looked: str = ""  # nickname of the member whose run is looked at
    room_secret: str = ""  # by which a second browser becomes host, until it's used

    # Data and files.
    brown_wrong: str = ""  # with the copy of the corpus that was found, until another one is read
    brought_back_fields: int = 0  # emptied so far; each has a key of its own
    brought_back_said: tuple[str, bool, str] = ("", True, "")  # file, whether it was taken, words

    # Runs.
    drawn_for: dict[str, object] = field(default_factory=dict)  # of Train's parts, see `part`
    compared_run: int | None = None  # its curve stays in the chart, without being picked
    anew_after: int | None = None  # the run after which other data or a preset were chosen
    picked_of: Corpus | None = None  # what the picked runs of the table learned from
    settings_before: tuple[RunConfig, Corpus, int | None] | None = None  # and the run of then
    dragged_runs: list[int] = field(default_factory=list)  # begun by 'Train as I drag'
    walk: WalkData | None = None  # the step that was just taken, in slow motion
    opened_runs: dict[tuple[int | str, ...], int] = field(default_factory=dict)  # from jobs' pages
    widened: dict[str, tuple[int, Any, Any]] = field(default_factory=dict)  # see `widen`
    layout: Any = None  # the t-SNE on Embeddings, under way or done
    spelled: tuple[str, bool] = ("", False)  # the name so far on Sample, and whether it has ended

    # The table of saved runs.
    saved_asked: Query | None = None  # what the rows were last chosen by
    saved_offset: int = 0  # of the first row on the page
    saved_rows: Sequence[StoredRun] = ()  # on the page
    saved_picked: list[str] = field(default_factory=list)  # keys of runs, on whatever page

    committee: tuple[tuple[str, ...], Sequence[str]] | None = None  # keys of runs, and what's said

    # The lesson, by slug of the chapter.
    done_chapters: set[str] = field(default_factory=set)
    control_held: tuple[str, str, Any] | None = None  # chapter, its control, and that one's value
    guesses: dict[str, str] = field(default_factory=dict)  # that were made before looking


def tab() -> Tab:
    """What this page load holds."""
    found: Tab | None = st.session_state.get(_TAB)
    if found is None:
        found = st.session_state[_TAB] = Tab()
    return found


def held_session() -> Any:
    """The session that this page load has; None before there is one."""
    return st.session_state.get(_SESSION)


def hold_session(mine: object) -> None:
    """Have this session from now on."""
    st.session_state[_SESSION] = mine


@dataclass(frozen=True)
class Held(Generic[T]):
    """A widget's value. It may be moved only before the widget is drawn, as in a callback.

    Attributes:
        key: of the widget.
        first: what it starts from.
    """

    key: str
    first: T

    def get(self) -> T:
        """The value; from now on `first` where there is none."""
        return self.start_from(self.first)

    def put(self, value: T) -> None:
        """Move the widget."""
        st.session_state[self.key] = value

    def start_from(self, value: T) -> T:
        """The value; from now on this one where there is none."""
        held: T = st.session_state.setdefault(self.key, value)
        return held

    def peek(self) -> T | None:
        """The value, or None where there is none; sets nothing."""
        held: T | None = st.session_state.get(self.key)
        return held

    def one_of(self, options: Iterable[Option]) -> Option:
        """The option that it holds; the first where it holds none, as anyone can send that."""
        among = list(options)
        held = st.session_state.setdefault(self.key, among[0])
        return next((option for option in among if option == held), among[0])


@dataclass(frozen=True)
class Table:
    """What is picked in a table."""

    key: str

    def rows(self) -> list[int]:
        """Places of the rows that are picked."""
        state = st.session_state.get(self.key)
        return list(state["selection"]["rows"]) if state else []

    def pick(self, rows: Sequence[int]) -> None:
        """Pick these rows; only before the table is drawn, as in a callback."""
        picked = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
        st.session_state[self.key] = picked

    def cell(self) -> tuple[int, str] | None:
        """Row and column of the cell that is picked."""
        state = st.session_state.get(self.key)
        cells = state["selection"]["cells"] if state else []
        return (int(cells[0][0]), str(cells[0][1])) if cells else None


@dataclass(frozen=True)
class Kept:
    """What a view of our own, a chart or an editor keeps under a name."""

    key: str
    name: str

    def get(self) -> Any:
        """The value, or None; of any type, as anyone can send it."""
        state = st.session_state.get(self.key)
        return state.get(self.name) if isinstance(state, Mapping) else None


PACE: Held[str] = Held("pace", "")
TRAY_PACE: Held[str] = Held("tray_pace", "")
DRAGS = Held("drags", False)  # 'Train as I drag'
STEPS_AT_A_TIME = Held("n_steps", 1)
DATA_KIND = Held("data_kind", "Names")
TEXT_LINES = Held("text_lines", False)  # whether the ends of lines are tokens
TEXT_WITHOUT_LONG = Held("text_without_long", 0)  # hash of the text whose long words are left out
DATA_TEXT = Held("data_text", "A small language")
BASELINE_RUN = Held("baseline_run", 0)  # runs are numbered from 1
RUNS_TABLE = Table("runs_table")  # of the last runs
SAVED_COLUMNS: Held[list[str]] = Held("kept_columns", [])
GRID_POINT: Held[tuple[int, int] | None] = Held("grid_point", None)  # sweep, and place in it
SEARCHED_RUN: Held[int | None] = Held("searched_run", None)
SHOW_AT_ONCE = Held("show_at_once", False)  # the lesson's answers, before a guess
WRITE_WITH = Held("write_with", "run")  # or 'all' seeds, or these 'counted'
SAMPLE_PART = Held("sample_part", "written")  # or 'own'

BAR_GO, BAR_PRESENT, BAR_HEIGHT, BAR_CODES = (
    Kept("bar", name) for name in ("go", "present", "height", "codes")
)
WALL_LOOK = Kept("wall", "look")
ROOM_PART = Held("room_part", "How to join")
CLICKED_POINT = Kept("grid", "point")
CLICKED_RUN = Kept("search", "run")
SPELLED_BAR = Kept("spelling_chart", "selection")

# Fronts of the keys of settings, by what they are settings of.
TRAIN, COPY, SAMPLE, SWEEP, GRID, SEARCH = (
    "setting:", "copy:", "sample_", "sweep_", "grid_", "search_",
)  # fmt: skip


def of_setting(setting: Setting, group: str = TRAIN) -> Held[Any]:
    """The widget of a setting; it holds None where the setting follows another.

    Args:
        setting: of the table of settings.
        group: one of the fronts above.
    """
    first = None if setting.follows else setting.held(setting.default)
    return Held(setting_key(setting.key, group), first)


def setting_key(name: str, group: str = TRAIN) -> str:
    """Key of the widget of a setting."""
    return group + name


def n_values_group(name: str) -> str:
    """Front for the settings of one axis of a sweep, which goes over this setting."""
    return f"{GRID}{name}_"


def widen(key: str, low: Any, high: Any) -> None:
    """Move a slider with two ends; only before it's drawn, as in a callback.

    Streamlit takes no value for one that has a first value too, so it gets another key.
    """
    n = tab().widened.get(key, (0,))[0]
    tab().widened[key] = (n + 1, low, high)


def first_range(key: str, usual: tuple[Any, Any]) -> tuple[str, Any, Any]:
    """Key and first ends of such a slider."""
    n, low, high = tab().widened.get(key, (0, *usual))
    return f"{key}:{n}" if n else key, low, high


def put_settings(values: Mapping[str, Any]) -> None:
    """Move the widgets of Train's settings; only before they are drawn, as in a callback."""
    for name, value in values.items():
        st.session_state[setting_key(name)] = value


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


def dragged_position(setting: Setting) -> Kept:
    """Where a slider of our own was let go."""
    return Kept(f"drag:{setting.key}", "position")


def run_name(run_id: int) -> Held[str]:
    """The field for a run's name in the table of the last runs."""
    return Held(f"name:{run_id}", "")


def edited_rows(table: Hashable) -> Kept:
    """What was written into a table of saved runs; another table for other rows or columns."""
    return Kept(f"kept_table:{table}", "edited_rows")


def beginning_of(corpus: Corpus) -> Held[str]:
    """The beginning of a sentence on Sample that both models go on with."""
    return Held(f"comes_after:{corpus.name}", "")


def own_text_of(corpus: Corpus) -> Held[str]:
    """The visitor's own name or sentence on Sample."""
    return Held(f"own:{corpus.name}", "")


def own_list_of(corpus: Corpus) -> Held[str]:
    """The visitor's own list of names or sentences on Sample, one a line."""
    return Held(f"own_list:{corpus.name}", "")


def question_of(corpus: Corpus) -> Held[str | None]:
    """The question of a corpus that was chosen for it."""
    return Held(f"comes_after:{corpus.name}:question", None)


def linked(name: str, first: Any = None) -> Held[Any]:
    """A chapter's widget by its name in a link, such as 'forward.row'."""
    return Held(name, first)


def of_chapter(slug: str, name: str, first: Any = None) -> Held[Any]:
    """A value of a chapter, be it a widget's or not; a link can set it.

    Args:
        slug: of the chapter.
        name: of the value in it, such as 'row'.
        first: what it starts from.
    """
    return linked(f"{slug}.{name}", first)


def table_of_chapter(slug: str, name: str) -> Table:
    """A table of a chapter in which something can be picked."""
    return Table(f"{slug}.{name}")


MOST_HELD = 200  # characters of a chapter's value that others may follow


def held_of_chapter(slug: str) -> dict[str, Any]:
    """What the widgets of a chapter hold, by their keys; numbers and short texts alone."""

    def is_plain(value: object) -> bool:
        is_short = isinstance(value, str) and len(value) <= MOST_HELD
        return is_short or value is None or type(value) in {bool, int, float}

    front, own = f"{slug}.", f"{slug}.prediction"
    keys = [key for key in st.session_state if str(key).startswith(front) and key != own]
    return {str(key): st.session_state[key] for key in keys if is_plain(st.session_state[key])}


def put_of_chapter(held: Mapping[str, Any]) -> None:
    """Move widgets of a chapter; only before they are drawn."""
    for key, value in held.items():
        st.session_state[key] = value
