"""Routes beside Streamlit's own, and what is made ready before the first visitor."""

from __future__ import annotations

import asyncio
import gc
import gzip
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from core.learning import lower_priority, warm_up, warm_up_for
from core.learning.engines.fused import WIDE_FROM
from core.lesson.counting import tables
from core.runs import ENDING, SEATS
from core.text import embedded_corpus
from pages.charts.plotly_scripts import SMALL, WHOLE, compressed
from pages.layout import idle
from pages.live.component import ASSETS
from pages.live.dragging import drag
from pages.live.history import history
from pages.live.moments import moments
from pages.live.stream import live
from pages.rooms import hub
from pages.visit import saving, workspace
from server import sessions, signals
from server.gate import GATE
from server.load import LOAD, watch
from server.memory import Collector

_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}  # the URL holds the version

# A thread that holds the interpreter's lock is asked for it after so long; the server's own thread
# has to ask at each of its many small steps, and by default would wait 5 ms each time.
SWITCH_SECONDS = 0.001


COUNT_AFTER_SECONDS = 3.0  # from the start; a chapter that is opened sooner counts for itself


def routes() -> list[BaseRoute]:
    """The live stream, earlier moments, the browser's modules, Plotly, and a sign of life."""
    return [
        WebSocketRoute("/live/{token}", live),
        WebSocketRoute("/drag/{token}", drag),
        Route("/live/{token}/moments/{run}", moments),
        Route("/live/{token}/history/{run}", history),
        *(Route(f"/assets/{name}", _plotly) for name in (WHOLE, SMALL)),
        # The version is part of the path, so that every module that another imports has it too.
        Mount("/assets/live/{version}", StaticFiles(directory=ASSETS)),
        Route("/health", _health),
        Route("/healthz", _health),
        Route("/learning_rate", _sweeps),  # what the page was called in older links
    ]


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Compile, load and compress once, so that no visitor waits for it; look after the garbage."""
    sys.setswitchinterval(SWITCH_SECONDS)
    was_compiled = await anyio.to_thread.run_sync(make_ready)
    # Beside the first visitor, who may not need it yet.
    threading.Thread(target=saving.open_store, name="open-store", daemon=True).start()
    threading.Thread(target=_count, name="count", daemon=True).start()
    if was_compiled:
        threading.Thread(target=compile_for_words, name="compile", daemon=True).start()
    SEATS.are_to_rest = lambda: GATE.is_rushed
    collector = Collector(
        lambda: GATE.n_turns,
        lambda: GATE.is_empty,
        n_gone=lambda: sessions.GONE.count,
        give_back=sessions.give_back,
    )
    collector.start()
    watching = [asyncio.create_task(each) for each in (watch(), idle.watch(), hub.watch())]
    sessions.begin()
    if said := workspace.announcement():
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()
    signals.first(ENDING.end, saving.close)  # at once, while the server waits for its visitors
    try:
        yield
    finally:
        collector.stop()
        for task in watching:
            task.cancel()
        await anyio.to_thread.run_sync(ENDING.end)  # first, as ended runs are still to be kept
        await anyio.to_thread.run_sync(saving.close)


def make_ready() -> bool:
    """All that takes time once; ends by freezing what the collector need not look at again.

    Returns:
        Whether the engine had to be compiled, as at the first start.
    """
    was_compiled = warm_up()
    for room in (
        "results",
        "run_picker",
        "settings.controls",
        "lesson.parts.shell",
        "train.last_runs",
    ):
        import_module(f"pages.{room}")  # and with them pandas and plotly
    corpus = embedded_corpus()
    corpus.examples("train", 3)
    corpus.examples("val", 3)
    len(corpus.known)  # made once; the side bar counts them on every page
    for script in (WHOLE, SMALL):
        compressed(script)
    # A full search for garbage takes 120 ms under the interpreter's lock once torch, numba and
    # streamlit are loaded. What is there by now stays, so it is left out.
    gc.freeze()
    return was_compiled


def compile_for_words() -> None:
    """What takes a minute at the first run on a large vocabulary, before there is one."""
    lower_priority()
    warm_up_for(WIDE_FROM)


def _count() -> None:
    """Count the first chapter's tables, of runs of up to six characters, once a page is out."""
    lower_priority()
    time.sleep(COUNT_AFTER_SECONDS)
    tables(embedded_corpus())


async def _plotly(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    script = await anyio.to_thread.run_sync(compressed, name)
    headers = dict(_FOREVER)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    else:
        script = gzip.decompress(script)
    return Response(script, media_type="text/javascript", headers=headers)


async def _sweeps(request: Request) -> RedirectResponse:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"sweeps{query}")


async def _health(_request: Request) -> JSONResponse:
    runs = sum(thread.name.startswith("run-") for thread in threading.enumerate())
    return JSONResponse(
        {
            "status": "ok",
            "runs": runs,
            "sessions": len(sessions.PRESENT),
            "turns_waiting": SEATS.n_waiting,
            "pages_waiting": GATE.n_waiting,
            "late_ms": round(1000 * LOAD.late_seconds, 1),
            "frames_per_second": round(1 / LOAD.frame_seconds, 1),
            "busy": LOAD.is_busy,
        }
    )
