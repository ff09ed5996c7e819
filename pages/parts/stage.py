"""The way through the pages, and the presenter's view, which shows a page and nothing around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

import streamlit as st

from pages.parts import session
from pages.parts.live import component

_KEY = "bar"
_STYLES = Path(__file__).parent / "styles"


class PageLink(TypedDict):
    """A page of the app: its path, its title, and its number if it is a chapter."""

    path: str
    title: str
    number: int | None


class BarData(TypedDict):
    """For the bar.

    Attributes:
        here: path of this page; empty for the first one.
        is_lesson: whether the bar stands in full.
        is_presenting: whether the presenter's view is on.
        pages: all pages in their order.
    """

    here: str
    is_lesson: bool
    is_presenting: bool
    pages: list[PageLink]


def bar(here: str, pages: Mapping[str, tuple[str, int | None]], lesson: Sequence[str]) -> str:
    """Show the bar: back, on, the chapters, and the switch of the presenter's view.

    Args:
        here: path of this page; empty for the first one.
        pages: all pages in their order, path to title and number of the chapter.
        lesson: paths of the pages on which the bar stands in full.

    Returns:
        The path of the page that the visitor requested just now; `here` when there is none.
    """
    data: BarData = {
        "here": here,
        "is_lesson": here in lesson,
        "is_presenting": session.is_presenting(),
        "pages": [
            {"path": path, "title": title, "number": number}
            for path, (title, number) in pages.items()
        ],
    }
    # A request is state, not an event: every message brings it, so none can be lost.
    kept = component.show(
        "bar",
        key=_KEY,
        page=here,
        data=data,
        on_change={"go": lambda: None, "present": _switch},
    )
    st.html(_STYLES / "pages.css")
    if session.is_presenting():
        st.html(_STYLES / "presenting.css")
    if session.remember("requested_page", None) == here:
        session.put("requested_page", None)
    # A browser that comes back to a new session brings a request that was handled long ago.
    handled = session.remember("handled_request", kept.go)
    if kept.go not in (None, handled):
        session.put("handled_request", kept.go)
        path = kept.go["path"]
        session.put("requested_page", path if path in pages and path != here else None)
    # Requested until it is there: a message of the page before may come in between.
    requested: str | None = session.remember("requested_page", None)
    return here if requested is None else requested


def _switch() -> None:
    """As the browser has it; a run right after a change of page knows nothing of the bar."""
    requested = session.remember(_KEY, {}).get("present")
    if requested is not None:
        session.put("is_presenting", bool(requested))
