"""The server: Streamlit on pages/frame.py, with the live stream and its assets beside it."""

from __future__ import annotations

import streamlit as st

from pages.parts import failures
from pages.parts.live import server

failures.log_once()

app = st.App(
    "pages/frame.py",
    routes=server.routes(),
    lifespan=server.lifespan,
    on_script_error=failures.say_and_log,
)
