"""Popovers and expanders whose parts are drawn from when they're first opened, as few are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from pages.visit import state


@contextmanager
def popover(label: str, *, key: str, **options: Any) -> Iterator[bool]:
    """A popover, and whether its parts are to be drawn: from when it's first opened.

    Args:
        label: of its button, always the same.
        key: of the popover.
        options: what else `st.popover` takes.
    """
    with _drawn_once_open(
        st.popover(label, key=key, on_change="rerun", **options), key
    ) as is_drawn:
        yield is_drawn


@contextmanager
def expander(label: str, *, key: str, beside: str = "") -> Iterator[bool]:
    """An expander, and whether its parts are to be drawn: from when it's first opened.

    With another label Streamlit takes it for another expander, closed and with all its parts made
    anew. So what changes is written behind the label by a style.

    Args:
        label: always the same.
        key: of the expander.
        beside: what stands behind the label for now, in plain letters and digits.
    """
    with _drawn_once_open(st.expander(label, key=key, on_change="rerun"), key) as is_drawn:
        yield is_drawn
    if beside:
        st.html(f'<style>.st-key-{key} summary p::after {{ content: "{beside}" }}</style>')


@contextmanager
def _drawn_once_open(shown: Any, key: str) -> Iterator[bool]:
    opened = state.tab().opened_parts
    if shown.open:
        opened.add(key)
    with shown:
        yield key in opened
