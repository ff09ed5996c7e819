"""A server of the tests' own and a real Chromium; a test fails on any error in the console."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from pages.live.component import ASSETS
from scripts.environment import system_browser

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Of what should take a second or two: only a fault takes longer, on a machine that is busy too.
PATIENCE_SECONDS = 90.0
expect.set_options(timeout=1000 * PATIENCE_SECONDS)
JOB_TIMEOUT = 300_000  # milliseconds: of a sweep or a search, which take a quarter of a minute

GRACE_SECONDS = 1.0
START_SECONDS = 240.0

# Lets a test cut the live socket from inside the page, and count what the charts do.
WATCH_SOCKETS = """
const Native = WebSocket
window.liveSockets = []
window.WebSocket = class extends Native {
  constructor(url, protocols) {
    super(url, protocols)
    if (String(url).includes("/live/")) window.liveSockets.push(this)
  }
}
"""

# So that no tour begins beside what a test is about: each browser would be one that never had it.
HAD_TOUR = """
try {
  localStorage.setItem("namesmith.tour", "begun")
} catch {
  // Of a blank page, which has no storage.
}
"""


@dataclass
class Server:
    """A running app.

    Attributes:
        url: where it serves, with a slash at the end.
    """

    url: str
    port: int
    process: subprocess.Popen[bytes]

    def health(self) -> dict[str, object]:
        with urlopen(f"{self.url}healthz", timeout=5) as answer:
            found: dict[str, object] = json.load(answer)
        return found


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[Server]:
    """A server of its own, whose log is in the folder; killed at the end if it still goes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / f"log-{port}.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=ROOT,
            env=os.environ | {"NAMESMITH_GRACE_SECONDS": str(GRACE_SECONDS)} | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        server = Server(f"http://127.0.0.1:{port}/", port, process)
        try:
            wait_until(lambda: _answers(server), START_SECONDS, log.read_text)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Of many, so that each browser begins without runs, as a test should."""
    folder = tmp_path_factory.mktemp("server")
    place = str(folder / "runs.db")
    with running(folder, NAMESMITH_WORKSPACES="1", NAMESMITH_STORE=place) as server:
        yield server


# For this folder and not for the session: while it is open its event loop runs in this thread, and
# other tests start loops of their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = system_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Files(SimpleHTTPRequestHandler):
    """The modules as they lie on the disk, and a blank page for everything else."""

    # Windows may have text/plain in its registry, and a browser runs no such module.
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".js": "text/javascript"}

    def do_GET(self) -> None:
        if self.path.endswith(".js"):
            super().do_GET()
            return
        page = b"<!doctype html><title>Blank</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def modules(browser: Browser) -> Iterator[Page]:
    """A blank page that can import the modules."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(ASSETS)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    yield page
    context.close()
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


@dataclass
class Console:
    """What the page complained about; a test that expects a complaint takes it out."""

    errors: list[str] = field(default_factory=list)

    def take(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
def page(browser: Browser, console: Console) -> Iterator[Page]:
    with visitor(browser, WATCH_SOCKETS, HAD_TOUR) as page, watched(page, console):
        yield page


@pytest.fixture
def newcomer(browser: Browser, console: Console) -> Iterator[Page]:
    """A page of a browser that was never here."""
    with visitor(browser) as page, watched(page, console):
        yield page


@contextmanager
def visitor(browser: Browser, *scripts: str, **options: Any) -> Iterator[Page]:
    """A page of a browser of its own.

    Args:
        browser: the program.
        scripts: what runs in each page before its own.
        options: Playwright's, of a context.
    """
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
    for script in scripts:
        context.add_init_script(script)
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE_SECONDS)
    yield page
    context.close()


@contextmanager
def watched(page: Page, console: Console) -> Iterator[None]:
    """Fail at the end if the page complained."""
    page.on("console", console.take)
    page.on("pageerror", lambda error: console.errors.append(str(error)))
    yield
    assert not console.errors


def wait_until(
    is_so: Callable[[], object],
    seconds: float = PATIENCE_SECONDS,
    describe: Callable[[], str] = lambda: "",
) -> None:
    """Poll what has no event to wait for; fails after the time."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError(f"not so after {seconds} s. {describe()}")
        time.sleep(0.1)


def wait_for(
    page: Page, expression: str, *, arg: object = None, seconds: float = PATIENCE_SECONDS
) -> Any:
    """What an expression or a function is in the page, as soon as it is true.

    Playwright's own way evaluates a string there, which the policy of the app's pages forbids.
    """
    found: list[Any] = []

    def is_so() -> object:
        found[:] = [page.evaluate(expression, arg)]
        return found[0]

    wait_until(is_so, seconds, lambda: expression)
    return found[0]


def _answers(server: Server) -> bool:
    try:
        return server.health()["status"] == "ok"
    except OSError:
        return False
