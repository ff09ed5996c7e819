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
    asked = told.go
    # A browser that comes back to a new session brings one that was taken long ago.
    if asked == session.remember("page_taken", asked):
        return here
    path = str(asked["path"])
    if path in pages and path != here:
        return path
    session.put("page_taken", asked)
    return here


def _switch() -> None:
    session.put("is_presenting", bool(session.remember(_KEY, {})["present"]))
