"""The server: Streamlit on pages/frame.py, with the live stream and its assets beside it."""

from __future__ import annotations

import sys

import streamlit as st

from core.errors import NamesmithError

try:
    from core.text import load_names
    from pages.parts import failures
    from pages.parts.live import server

    load_names()
except NamesmithError as error:  # what the server needs at hand is not as it must be
    sys.exit(str(error))

failures.log_once()

app = st.App(
    "pages/frame.py",
    routes=server.routes(),
    lifespan=server.lifespan,
    on_script_error=failures.say_and_log,
)
