"""What a link sets of a chapter's own widgets: refused in words where no widget takes it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from core.errors import shown
from pages.visit import state
from pages.wording.escaping import plain

LONGEST = 300  # characters of a value
TEXTS = ("windows.name", "look_up.list")  # may hold any text, also 'inf'
MAY_BE_EMPTY = (*TEXTS, "idea.swaps")
SHOW_SECONDS = 20.0  # in which a page may be drawn many times


def refuse(go_on: Callable[[dict[str, str]], None]) -> None:
    """In a session's first run, take out of the URL what no widget survives.

    Args:
        go_on: draws the page anew with what is left, and doesn't return.
    """
    if state.tab().link_given is not None:
        return
    # A name with a dot belongs to a widget of a chapter.
    given = {name: text for name, text in st.query_params.to_dict().items() if "." in name}
    state.tab().link_given = given
    bad = [name for name, text in given.items() if not can_be_drawn(name, text)]
    if bad:
        go_on({n: text for n, text in st.query_params.to_dict().items() if n not in bad})


def can_be_drawn(name: str, text: str) -> bool:
    """Whether a widget can be given this text; it may still refuse it.

    >>> can_be_drawn("counting.seed", "1e999"), can_be_drawn("windows.name", "inf")
    (False, True)
    """
    if len(text) > LONGEST or (not text and name not in MAY_BE_EMPTY):
        return False
    if name in TEXTS:
        return True
    try:
        return math.isfinite(float(text))
    except ValueError:
        return True


def warn() -> None:
    """Show what became of the link, for a while from when it was first shown."""
    mine, now = state.tab(), time.monotonic()
    for text in filter(None, (mine.link_error, mine.link_left_out)):
        if now <= mine.said_until.setdefault(text, now + SHOW_SECONDS):
            st.warning(text)


def is_new() -> bool:
    """Whether the link set something, and it was not yet said what became of it."""
    return bool(state.tab().link_given)


def left_out() -> str:
    """What of the link no widget of this page took, once it is drawn; empty if all is well."""
    mine = state.tab()
    given, mine.link_given = mine.link_given or {}, {}  # said once
    now = st.query_params.to_dict()
    refused = [
        (name, text)
        for name, text in given.items()
        if now.get(name) != text and not _is(state.linked(name).peek(), text)
    ]
    said = ", ".join(f"{plain(name, LONGEST)} = {plain(shown(text))}" for name, text in refused[:5])
    if not said:
        return ""
    mine.link_left_out = f"Left out of the link, as it can't be used here: {said}."
    return mine.link_left_out


def _is(held: Any, text: str) -> bool:
    """Whether this is what a widget holds; then it is not in the URL, as it's the default."""
    if str(held) == text:
        return True
    try:
        return bool(float(text.replace(",", "")) == float(held))
    except (TypeError, ValueError):
        return str(held).lower() == text.lower()
