"""Buttons whose press is never lost, however soon the page is asked to run again."""

from __future__ import annotations

from typing import Any, NoReturn

import streamlit as st

from pages.visit import session
from server import streamlit_inside


def pressed(label: str, *, key: str, **options: Any) -> bool:
    """Draw a button; whether it was pressed, once for each press.

    `st.button` says so only in the run of the script that the press began. When another message
    comes before that run has reached the button (the end of a training run does, or a second
    click), Streamlit begins anew without the press. This one is noted before the script runs, and
    stays noted until a run has got as far as the button. Presses are reported in their order,
    however the buttons stand.

    Args:
        label: what it does.
        key: its name in the page; with it the button stays the same one when its help changes.
        options: as `st.button` takes them, without a callback.
    """
    draw(label, key=key, **options)
    # From here to what the caller does nothing may touch Streamlit, or the press could be lost.
    return was_pressed(key)


def draw(label: str, *, key: str, **options: Any) -> None:
    """Draw a button for `was_pressed`, which is asked before or after."""
    presses = session.current().presses
    st.button(label, key=key, on_click=presses.waiting.append, args=(key,), **options)


def was_pressed(key: str) -> bool:
    """Whether a button was pressed, be it drawn in this run of the page or not."""
    return session.current().presses.take(key)


def draw_again() -> NoReturn:
    """Begin this run of the page anew: of its part, where no more of it is drawn."""
    st.rerun(scope="fragment" if streamlit_inside.draws_a_part() else "app")


def finish_presses() -> None:
    """Let the next press have its turn; at the end of a whole run of a page, or of its part.

    Drops a press of a button that is not there any more.
    """
    if session.current().presses.is_more_to_come():
        draw_again()
