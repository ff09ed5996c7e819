"""A run's own page in Firefox and in WebKit, from disk: it plays, answers and trains there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from socket import socket
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from websockets.sync.client import ClientConnection, connect

from scripts.make_demo import FOLDER
from tests.browser.conftest import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.long]

FIREFOX = ("firefox-esr", "firefox")
PATIENCE_SECONDS = 120.0
WEBKIT_SECONDS = 400  # on a screen without a graphics card it has a picture a second
# Nobody is to be asked anything, and nothing fetched.
PREFERENCES = """
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("app.update.disabledForTesting", true);
"""
# What a reader does; the same in every browser.
VISIT = """async () => {
  const until = async (what) => {
    for (;;) {
      const found = what()
      if (found) return found
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const seen = (selector) => document.querySelector(selector)
  const all = (selector) => [...document.querySelectorAll(selector)]
  const named = (tag, text) => all(tag).find((node) => node.textContent === text)
  const button = (text) => named("button", text)
  const type = (node, text) => {
    node.value = text
    for (const kind of ["input", "change"]) node.dispatchEvent(new Event(kind, { bubbles: true }))
  }
  const bytesOf = (canvas) =>
    canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
  const isPainted = (canvas) => bytesOf(canvas).some(Boolean)

  await until(() => seen("[data-testid=live-network] svg"))
  const canvases = () => all("[data-testid=live-loss] canvas")
  await until(() => canvases().some(isPainted))
  button("Play").click()
  await until(() => /^Step [1-9][0-9]?$/.test(seen("[data-testid=scrubber-step]").textContent))
  const played = seen(".nm-names figcaption").textContent
  button("Hold").click()
  button("Now").click()
  type(seen(".nm-network input"), "qu")
  await until(() => seen(".nm-network-words").textContent.includes("“.qu”"))
  button("Check").click()
  const difference = Number(await until(() => seen(".nm-own").dataset.difference))
  type(named("label", "Steps").querySelector("input"), "500")
  button("Train").click()
  const run = () => namesmithPage.source.shown
  await until(() => run().id > 1 && run().state === "finished")
  const losses = run().evaluations.map(([, loss]) => loss)
  return { title: document.title, played, difference, losses, names: run().now.samples }
}"""


class Firefox:
    """A tab of Firefox, driven over its WebDriver BiDi socket."""

    def __init__(self, link: ClientConnection) -> None:
        self.link = link
        self.numbers = count(1)
        self.events: list[dict[str, Any]] = []
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self.tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and wait for its answer; what happens meanwhile is among the events."""
        number = next(self.numbers)
        self.link.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message: dict[str, Any] = json.loads(self.link.recv(timeout=PATIENCE_SECONDS))
            if message.get("id") == number:
                assert message["type"] == "success", message
                result: dict[str, Any] = message["result"]
                return result
            self.events.append(message)

    def open(self, url: str) -> None:
        self.ask("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def run(self, function: str) -> Any:
        """What an asynchronous function of the page gives, as JSON can say it."""
        found = self.ask(
            "script.evaluate",
            expression=f"({function})().then(JSON.stringify)",
            target={"context": self.tab},
            awaitPromise=True,
        )
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])


def installed(*names: str) -> str:
    """Path of the first of these programs that is there; the test is skipped where none is."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        assert not os.environ.get("CI"), f"{names[0]} is missing, and .ci/run installs it"
        pytest.skip(f"{names[0]} isn't installed")
    return found


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    program = installed(*FIREFOX)
    profile = folder / "profile"
    profile.mkdir()
    (profile / "user.js").write_text(PREFERENCES)
    command = [program, "--headless", "--no-remote", "--remote-debugging-port=0"]
    with subprocess.Popen(
        [*command, "--profile", str(profile)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"HOME": str(folder)},
    ) as process:
        try:
            assert process.stderr is not None
            said = (re.search(r"BiDi listening on (ws://\S+)", line) for line in process.stderr)
            address = next(filter(None, said))[1]
            with connect(f"{address}/session", max_size=None) as link:
                yield Firefox(link)
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_SECONDS)


@contextmanager
def webkit(folder: Path) -> Iterator[Callable[[str, Any], Any]]:
    """WebKit for GTK, on a screen of its own that nobody looks at: a way to ask its driver."""
    driver, screen = installed("WebKitWebDriver"), installed("broadwayd")
    (browser,) = Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser")
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # As root, as in a container, it has no sandbox.
    own = {"XDG_RUNTIME_DIR": str(folder), "HOME": str(folder), "BROADWAY_DISPLAY": ":7"}
    own |= {"GDK_BACKEND": "broadway", "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    options = {"binary": str(browser), "args": ["--automation"]}

    def ask(path: str, body: Any) -> Any:
        address = f"http://127.0.0.1:{port}/session{path}"
        with urlopen(Request(address, json.dumps(body).encode()), timeout=WEBKIT_SECONDS) as answer:
            return json.load(answer)["value"]

    sessions: list[str] = []

    def begin() -> list[str]:
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        with suppress(URLError):  # the driver isn't there yet
            sessions.append(ask("", {"capabilities": wanted})["sessionId"])
        return sessions

    with (
        subprocess.Popen([screen, ":7"], env=os.environ | own, **quiet) as shown,
        subprocess.Popen([driver, f"--port={port}"], env=os.environ | own, **quiet) as driving,
    ):
        try:
            wait_until(begin)
            yield lambda path, body: ask(f"/{sessions[0]}{path}", body)
            end = Request(f"http://127.0.0.1:{port}/session/{sessions[0]}", method="DELETE")
            urlopen(end, timeout=PATIENCE_SECONDS).close()
        finally:
            driving.terminate()
            shown.terminate()


def expect_all_done(visit: dict[str, Any]) -> None:
    assert visit["title"] == "Names from scratch"
    assert "wrote at step" in visit["played"]
    assert visit["difference"] <= 1e-4
    assert visit["losses"][0] > 10
    assert visit["losses"][-1] < 3.5
    assert len(visit["names"]) == 10


def test_a_page_from_disk_plays_answers_and_trains_in_webkit(tmp_path: Path) -> None:
    with webkit(tmp_path) as ask:
        ask("/timeouts", {"script": 1000 * WEBKIT_SECONDS})
        ask("/url", {"url": (FOLDER / "names.html").as_uri()})
        visit = ask("/execute/async", {"script": f"({VISIT})().then(arguments[0])", "args": []})
    expect_all_done(visit)


def test_a_page_from_disk_plays_answers_and_trains_in_firefox(tmp_path: Path) -> None:
    with firefox(tmp_path) as tab:
        tab.open((FOLDER / "names.html").as_uri())
        visit = tab.run(VISIT)
    expect_all_done(visit)
    said = [it["params"] for it in tab.events if it.get("method") == "log.entryAdded"]
    assert [it for it in said if it["level"] in {"error", "warn"}] == []
    sent = [it["params"] for it in tab.events if it.get("method") == "network.beforeRequestSent"]
    urls = [it["request"]["url"] for it in sent if it["context"] == tab.tab]
    assert [url for url in urls if not url.startswith(("file:", "blob:", "data:"))] == []
