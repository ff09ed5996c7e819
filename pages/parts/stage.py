"""The way through the pages, and the presenter's view, which shows a page and nothing around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from pages.parts import session
from pages.parts.live import component

_KEY = "bar"
_STYLES = Path(__file__).parent / "styles"


def bar(here: str, pages: Mapping[str, tuple[str, int | None]], lesson: Sequence[str]) -> str:
    """Draw the bar: back, on, the chapters, and the switch of the presenter's view.

    Args:
        here: path of this page; empty for the first one.
        pages: all pages in their order, path to title and number of the chapter.
        lesson: paths of the pages on which the bar stands in full.

    Returns:
        The path of the page that the visitor asked for just now; `here` when there is none.
    """
    # What was asked for is state, not an event: every message brings it, so none can be lost.
    told = component.show(
        "bar",
        key=_KEY,
        page=here,
        data={
            "here": here,
            "isLesson": here in lesson,
            "isPresenting": session.is_presenting(),
            "pages": [
                {"path": path, "title": title, "number": number}
                for path, (title, number) in pages.items()
            ],
        },
        on_change={"go": lambda: None, "present": _switch},
    )
    st.html(_STYLES / "pages.css")
    if session.is_presenting():
        st.html(_STYLES / "presenting.css")
    if session.remember("page_wanted", None) == here:
        session.put("page_wanted", None)
    # A browser that comes back to a new session brings a wish that was taken long ago.
    taken = session.remember("page_taken", told.go)
    if told.go not in (None, taken):
        session.put("page_taken", told.go)
        path = told.go["path"]
        session.put("page_wanted", path if path in pages and path != here else None)
    # Wanted until it is there: a message of the page before may come in between.
    wanted: str | None = session.remember("page_wanted", None)
    return here if wanted is None else wanted


def _switch() -> None:
    """As the browser has it; a run right after a change of page knows nothing of the bar."""
    wish = session.remember(_KEY, {}).get("present")
    if wish is not None:
        session.put("is_presenting", bool(wish))
