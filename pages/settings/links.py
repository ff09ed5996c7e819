"""What a link sets of a chapter's own widgets: refused in words where no widget takes it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.errors import shown
from pages.visit import session
from pages.wording.escaping import plain

LONGEST = 300  # characters of a value
TEXTS = ("windows.name", "look_up.list")  # may hold any text, also 'inf'
MAY_BE_EMPTY = (*TEXTS, "idea.swaps")
SHOW_SECONDS = 20.0  # in which a page may be drawn many times
_GIVEN, _LEFT_OUT = "link_given", "link_left_out"


def refuse(go_on: Callable[[dict[str, str]], None]) -> None:
    """In a session's first run, take out of the URL what no widget survives.

    Args:
        go_on: draws the page anew with what is left, and doesn't return.
    """
    if session.remember(_GIVEN, None) is not None:
        return
    # A name with a dot belongs to a widget of a chapter.
    given = {name: text for name, text in st.query_params.to_dict().items() if "." in name}
    session.put(_GIVEN, given)
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
    for name in ("link_error", _LEFT_OUT):
        text = session.remember(name, "")
        until = session.remember(f"{name}_until", time.monotonic() + SHOW_SECONDS) if text else 0.0
        if text and time.monotonic() <= until:
            st.warning(text)


def is_new() -> bool:
    """Whether the link set something, and it was not yet said what became of it."""
    return bool(session.remember(_GIVEN, {}))


def left_out() -> str:
    """What of the link no widget of this page took, once it is drawn; empty if all is well."""
    given: Mapping[str, str] = session.remember(_GIVEN, {})
    session.put(_GIVEN, {})  # said once
    now = st.query_params.to_dict()
    refused = [
        (name, text)
        for name, text in given.items()
        if now.get(name) != text and not _is(session.remember(name, None), text)
    ]
    said = ", ".join(f"{plain(name, LONGEST)} = {plain(shown(text))}" for name, text in refused[:5])
    if not said:
        return ""
    session.put(_LEFT_OUT, f"Left out of the link, as it can't be used here: {said}.")
    return str(session.remember(_LEFT_OUT, ""))


def _is(held: Any, text: str) -> bool:
    """Whether this is what a widget holds; then it is not in the URL, as it's the default."""
    if str(held) == text:
        return True
    try:
        return bool(float(text.replace(",", "")) == float(held))
    except (TypeError, ValueError):
        return str(held).lower() == text.lower()
