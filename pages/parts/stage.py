"""The way through the pages, and the presenter's view, which shows a page and nothing around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from pages.parts import session
from pages.parts.live import component

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
    told = component.show(
        "bar",
        key="bar",
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
    return asked if asked in pages else here


def _switch() -> None:
    session.put("is_presenting", not session.is_presenting())
