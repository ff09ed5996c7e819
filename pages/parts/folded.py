"""Popovers whose parts are drawn from when they're first opened: few visitors open them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from pages.parts import session


def was_opened(key: str) -> str:
    """Under which name the session knows whether a popover was opened."""
    return f"{key}_was_opened"


@contextmanager
def popover(label: str, *, key: str, **options: Any) -> Iterator[bool]:
    """A popover, and whether its parts are to be drawn: from when it's first opened.

    Args:
        label: of its button, always the same.
        key: of the popover.
        options: what else `st.popover` takes.
    """
    name = was_opened(key)
    shown = st.popover(label, key=key, on_change="rerun", **options)
    if shown.open:
        session.put(name, True)
    with shown:
        yield bool(session.remember(name, False))
