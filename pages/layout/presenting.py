"""The way through the pages, and the presenter's view, which shows a page and nothing around it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

import plotly.graph_objects as go
import streamlit as st

from pages.charts import plotly_scripts
from pages.layout import link_codes
from pages.layout.link_codes import LinkCode
from pages.live import component
from pages.visit import lesson_progress, state

FONT_SIZE = 13  # of words in a chart on a page
LEAST_FONT_SIZE = 16  # on a stage
READABLE = 0.024  # of the height of a screen, for words that are read at the back of a room
HIGHEST = 0.46  # of the height of a screen, for a figure below its controls
HIGHEST_SCREEN = 10_000  # in pixels; more than that is no screen
USUAL_HEIGHT = 720  # of a stage in pixels, until the browser has said
_STYLES = Path(__file__).parents[2] / "web" / "styles"


class PageLink(TypedDict):
    """A page of the app: its path and title, its number if it is a chapter, and if that is done."""

    path: str
    title: str
    number: int | None
    is_done: bool


class BarData(TypedDict):
    """For the bar.

    Attributes:
        here: path of this page; empty for the first one.
        is_lesson: whether the whole bar is shown.
        is_presenting: whether the presenter's view is on.
        height: of the window in pixels, as far as the page knows it.
        pages: all pages in their order.
        charts: address of Plotly's script, which saves charts, below the app's root.
        room: code of the room that one is in; empty where one has left it; null for never in one.
        codes: links to what is shown; null unless the browser asked for them.
    """

    here: str
    is_lesson: bool
    is_presenting: bool
    height: int
    pages: list[PageLink]
    charts: str
    room: str | None
    codes: list[LinkCode] | None


def bar(
    here: str, pages: Mapping[str, tuple[str, int | None]], lesson: Sequence[str], room: str | None
) -> str:
    """Show the bar: back, on, the chapters, and the switch of the presenter's view.

    Args:
        here: path of this page; empty for the first one.
        pages: all pages in their order, path to title and number of the chapter.
        lesson: paths of the pages on which the whole bar is shown.
        room: code of the room that one is in; empty where one has left it; None for never.

    Returns:
        The path of the page that the visitor requested just now; `here` when there is none.
    """
    lesson_progress.note(here)
    tab = state.tab()
    done = lesson_progress.done()
    data: BarData = {
        "here": here,
        "is_lesson": here in lesson,
        "is_presenting": tab.is_presenting,
        "height": _height(),
        "pages": [
            {"path": path, "title": title, "number": number, "is_done": path in done}
            for path, (title, number) in pages.items()
        ],
        "charts": plotly_scripts.address(plotly_scripts.WHOLE),
        "room": room,
        "codes": link_codes.codes(here) if tab.is_presenting and tab.shows_codes else None,
    }
    # A request is state, not an event: every message brings it, so none can be lost.
    kept = component.show(
        "bar",
        key=state.BAR_GO.key,
        page=here,
        data=data,
        on_change={
            state.BAR_GO.name: lambda: None,
            state.BAR_PRESENT.name: _switch,
            state.BAR_HEIGHT.name: _take_height,
            state.BAR_CODES.name: _switch_codes,
        },
    )
    # Also in the page's head, to be there from the start; here it comes after Streamlit's own.
    st.html(_STYLES / "pages.css")
    if tab.is_presenting:
        st.html(_STYLES / "presenting.css")
    if tab.requested_page == here:
        tab.requested_page = None
    # A browser that comes back to a new session brings a request that was handled long ago.
    if not tab.is_bar_seen:
        tab.is_bar_seen, tab.handled_request = True, kept.go
    if kept.go not in (None, tab.handled_request):
        tab.handled_request = kept.go
        path = kept.go.get("path") if isinstance(kept.go, dict) else None
        is_known = isinstance(path, str) and path in pages
        tab.requested_page = path if is_known and path != here else None
    # Requested until it is there: a message of the page before may come in between.
    return here if tab.requested_page is None else tab.requested_page


def enlarge(figure: go.Figure) -> None:
    """Give a figure of a page the height, and all its words the size, that a stage asks for."""
    size = max(LEAST_FONT_SIZE, READABLE * _height())
    if figure.layout.height:
        height = min(figure.layout.height * size / FONT_SIZE, HIGHEST * _height())
        figure.update_layout(height=max(height, figure.layout.height))
    figure.update_layout(font_size=size)
    for each in (figure.for_each_xaxis, figure.for_each_yaxis):
        each(lambda axis: axis.update(tickfont_size=size, title_font_size=size))
    figure.for_each_annotation(lambda note: note.update(font_size=size))
    figure.for_each_trace(lambda trace: trace.update(textfont_size=size), {"type": "scatter"})
    figure.for_each_trace(lambda trace: trace.update(textfont_size=size), {"type": "bar"})
    figure.for_each_trace(lambda trace: _thicken(trace, size / FONT_SIZE), {"type": "scatter"})
    if figure.layout.height:
        figure.for_each_yaxis(lambda axis: _thin_out(axis, figure.layout.height / size))


def _thicken(trace: go.Scatter, by: float) -> None:
    if trace.line.width:
        trace.line.width *= by


def _thin_out(axis: go.layout.YAxis, most: float) -> None:
    """Leave out every second label, or more, where all of them would lie on each other."""
    if axis.ticktext and len(axis.ticktext) == len(axis.tickvals or ()):
        step = math.ceil(1.4 * len(axis.ticktext) / most)
        axis.update(tickvals=axis.tickvals[::step], ticktext=axis.ticktext[::step])


def _height() -> int:
    return state.tab().stage_height or USUAL_HEIGHT


def _take_height() -> None:
    height = state.BAR_HEIGHT.get()
    if type(height) in {int, float} and 0 < height <= HIGHEST_SCREEN:
        state.tab().stage_height = int(height)


def _switch() -> None:
    """As the browser has it; a run right after a change of page knows nothing of the bar."""
    requested = state.BAR_PRESENT.get()
    if requested is not None:
        state.tab().is_presenting = bool(requested)


def _switch_codes() -> None:
    state.tab().shows_codes = bool(state.BAR_CODES.get())
