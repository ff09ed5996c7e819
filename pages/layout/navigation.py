"""All pages of the app in their order: found and checked once, copied for each run of a page."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import streamlit as st
from streamlit.navigation.page import Page

from core.lesson.contents import CHAPTERS


def work() -> list[Page]:
    """The pages on which one works, Train first; only in a run of the frame."""
    return _copies(_work())


def lesson() -> list[Page]:
    """The contents of the lesson, its chapters and its glossary; only in a run of the frame."""
    return _copies(_lesson())


def room(*, is_shown: bool) -> Page:
    """The page of a room, in the menu while one is in it; only in a run of the frame."""
    return copy.copy(_room(is_shown))


@cache
def titles() -> Mapping[str, tuple[str, int | None]]:
    """Path of each page to its title, and to its number if it is a chapter."""
    numbers = {chapter.slug: number for number, chapter in enumerate(CHAPTERS, start=1)}
    found = {page.url_path: page.title for page in (*_work(), *_lesson(), _room(False))}
    return MappingProxyType({path: (title, numbers.get(path)) for path, title in found.items()})


def _copies(pages: tuple[Page, ...]) -> list[Page]:
    # One that Streamlit is showing to a visitor knows so; that must not reach another's.
    return [copy.copy(page) for page in pages]


@cache  # Streamlit looks for the file of each, which takes longer than to draw a few widgets
def _work() -> tuple[Page, ...]:
    return (
        st.Page("train/page.py", title="Train", icon=":material/play_circle:", default=True),
        st.Page("sweeps/page.py", title="Sweeps", url_path="sweeps", icon=":material/tune:"),
        st.Page("search/page.py", title="Search", url_path="search", icon=":material/search:"),
        st.Page(
            "embeddings/page.py",
            title="Embeddings",
            url_path="embeddings",
            icon=":material/scatter_plot:",
        ),
        st.Page("sample/page.py", title="Sample", url_path="sample", icon=":material/edit_note:"),
        st.Page("runs/page.py", title="Runs", url_path="runs", icon=":material/table_rows:"),
    )


@cache
def _room(is_shown: bool) -> Page:
    return st.Page(
        "rooms/page.py",
        title="Room",
        url_path="room",
        icon=":material/groups:",
        visibility="visible" if is_shown else "hidden",
    )


@cache
def _lesson() -> tuple[Page, ...]:
    return (
        st.Page("lesson/contents.py", title="Contents", url_path="lesson"),
        *(
            st.Page(
                f"lesson/{chapter.slug}/page.py",
                title=f"{number}. {chapter.title}",
                url_path=chapter.slug,
            )
            for number, chapter in enumerate(CHAPTERS, start=1)
        ),
        st.Page("lesson/glossary.py", title="Glossary"),
    )
