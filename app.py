"""The server: Streamlit on pages/frame.py, with the live stream and its assets beside it."""

from __future__ import annotations

import sys

import streamlit as st
from starlette.middleware import Middleware

from core.errors import NamesmithError

try:
    from pages.parts.live import goodbye

    uvicorn_server = goodbye.listen()  # first, as the rest takes seconds

    from core.text import load_names
    from pages.parts import bring_back, browser, failures, shortcuts
    from pages.parts.live import connections, door, flushing, server

    load_names()
except NamesmithError as error:  # what the server needs at hand is not as it must be
    sys.exit(str(error))

failures.log_once()
failures.count_repeats()
if uvicorn_server is not None:
    connections.bound(uvicorn_server)
door.mend_servers()
flushing.send_pages_whole()
shortcuts.take()
bring_back.let_files_in()

app = st.App(
    "pages/frame.py",
    routes=server.routes(),
    lifespan=server.lifespan,
    middleware=[Middleware(door.Door), Middleware(browser.Cookies)],
    on_script_error=failures.say_and_log,
)
