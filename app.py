"""The server: Streamlit on pages/frame.py, with the live stream and its assets beside it."""

from __future__ import annotations

import gc
import sys

import streamlit as st
from starlette.middleware import Middleware

from core.errors import NamesmithError

gc.disable()  # what is loaded stays, and to look through it again and again takes half a second
try:
    from server import signals

    uvicorn_server = signals.listen()  # first, as the rest takes seconds

    from core.text import load_names
    from pages import serving
    from pages.files import bring_back
    from pages.layout import opening
    from pages.visit import browser
    from server import connections, failures, middleware, streamlit_inside

    load_names()
except NamesmithError as error:  # what the server needs at hand is not as it must be
    sys.exit(str(error))
gc.freeze()
gc.enable()

failures.log_once()
failures.count_repeats()
if uvicorn_server is not None:
    connections.bound(uvicorn_server)
middleware.mend_sockets()
streamlit_inside.mend()
bring_back.let_files_in()

app = st.App(
    "pages/frame.py",
    routes=serving.routes(),
    lifespan=serving.lifespan,
    middleware=[
        Middleware(middleware.Door),
        Middleware(browser.Cookies),
        Middleware(opening.Opening),
    ],
    on_script_error=failures.say_and_log,
)
