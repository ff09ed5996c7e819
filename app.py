"""The server: Streamlit on pages/frame.py, with the live stream and its assets beside it."""

from __future__ import annotations

import logging

import streamlit as st
from starlette.middleware import Middleware

from pages.parts.live import server
from pages.parts.workspaces import Workspaces

_log = logging.getLogger("namesmith")


def say_and_log(error: Exception) -> bool:
    """Log an error that no page expected; the visitor gets a sentence, never a traceback."""
    _log.error("a page failed", exc_info=error)
    st.error(
        "Something went wrong on this page; the details are in the server's log. Your runs and "
        "settings are still there: go on, or open another page."
    )
    return True


app = st.App(
    "pages/frame.py",
    routes=server.routes(),
    lifespan=server.lifespan,
    middleware=[Middleware(Workspaces)],
    on_script_error=say_and_log,
)
