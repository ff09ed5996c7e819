"""The presenter's tray: pace, three sliders and Train, out of sight until a key pulls it out."""

from __future__ import annotations

import streamlit as st

from pages.settings import controls
from pages.visit import session, state

SLIDERS = ("base_lr", "n_hidden", "n_embd")


def tray() -> None:
    """Draw the tray; the bar's script opens and closes it."""
    with st.container(key="tray", horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.button(
            "Train",
            key="tray_train",
            type="primary",
            # The same press as of the button in the page, so that what it does is in one place.
            on_click=session.current().presses.waiting.append,
            args=("train",),
        )
        state.TRAY_PACE.put(state.PACE.one_of(controls.PACES))
        st.selectbox(
            "Pace", list(controls.PACES), key=state.TRAY_PACE.key, on_change=_take_pace, width=200
        )
        controls.model_settings(SLIDERS)


def _take_pace() -> None:
    chosen = state.TRAY_PACE.one_of(controls.PACES)
    state.PACE.put(chosen)
    session.trainer().set_pace(controls.PACES[chosen])
