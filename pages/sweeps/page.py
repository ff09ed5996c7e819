"""Sweeps: what the rate does, or any one or two settings, from many short runs."""

from __future__ import annotations

import streamlit as st

from pages.sweeps import grid_sweep, rate_sweep

RATE, ANY = "Learning rate", "Any one or two settings"

what = st.segmented_control(
    "What to sweep",
    [RATE, ANY],
    default=RATE,
    required=True,
    key="swept",
    persist_state="session",
    label_visibility="collapsed",
)
if what == ANY:
    grid_sweep.show()
else:
    rate_sweep.show()
