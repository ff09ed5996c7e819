"""Routes beside Streamlit's own, and what is made ready before the first visitor."""

from __future__ import annotations

import gc
import gzip
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from core.learning import warm_up
from core.lesson.counting import tables
from core.runs import ENDING
from core.text import embedded_corpus
from pages.parts import leaving
from pages.parts.live.component import ASSETS
from pages.parts.live.dragging import drag
from pages.parts.live.stream import live

_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}  # the URL holds the version


def routes() -> list[BaseRoute]:
    """The live stream, the browser's modules, Plotly's script, and a sign of life."""
    return [
        WebSocketRoute("/live/{token}", live),
        WebSocketRoute("/drag/{token}", drag),
        Route("/assets/plotly.min.js", _plotly),
        # The version is part of the path, so that every module that another imports has it too.
        Mount("/assets/live/{version}", StaticFiles(directory=ASSETS)),
        Route("/healthz", _health),
    ]


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Compile, load and compress once, so that no visitor waits for it."""
    await anyio.to_thread.run_sync(make_ready)
    leaving.begin()
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(ENDING.end)


def make_ready() -> None:
    """All that takes time once; ends by freezing what the collector need not look at again."""
    warm_up()
    for page_part in ("charts", "controls", "lesson.shell", "results", "runs", "run_picker"):
        import_module(f"pages.parts.{page_part}")  # and with them pandas and plotly
    corpus = embedded_corpus()
    corpus.examples("train", 3)
    corpus.examples("val", 3)
    len(corpus.known)  # made once; the side bar counts them on every page
    tables(corpus)  # the first chapter's, which counts runs of up to six characters
    _compressed_plotly()
    # A script run ends with a full collection, which takes 120 ms under the interpreter's lock
    # once torch, numba and streamlit are loaded. What is there by now stays, so it is left out.
    gc.collect()
    gc.freeze()


@cache
def _compressed_plotly() -> bytes:
    script = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    return gzip.compress(script, compresslevel=6, mtime=0)


async def _plotly(request: Request) -> Response:
    script = await anyio.to_thread.run_sync(_compressed_plotly)
    headers = dict(_FOREVER)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    else:
        script = gzip.decompress(script)
    return Response(script, media_type="text/javascript", headers=headers)


async def _health(_request: Request) -> JSONResponse:
    runs = sum(thread.name.startswith("run-") for thread in threading.enumerate())
    return JSONResponse({"status": "ok", "runs": runs, "sessions": len(leaving.PRESENT)})
