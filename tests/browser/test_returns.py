"""A page that was cut off from the server says what is true soon after it is back."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.conftest import Console, Server, running, wait_until
from tests.browser.train_page import (
    button,
    expect_state,
    open_train,
    press,
    step,
    wait_for_step,
)

pytestmark = pytest.mark.browser

SOON = 10_000  # ms from the return until the page is right
AWAY = re.compile(r"It ended at step ([\d,]+) while you were away")


# A stream whose sockets are refused or come through as the test says, with no time between them.
REFUSED_STREAM = """async (answers) => {
  const { Stream } = await import("/shell/stream.js")
  const Native = { WebSocket, setTimeout }
  const asked = []
  let n = 0
  await new Promise((resolve) => {
    window.setTimeout = (call) => queueMicrotask(call)
    window.WebSocket = class extends EventTarget {
      constructor() {
        super()
        queueMicrotask(() => {
          const isOpen = answers[n++]
          if (n > answers.length) return resolve()
          if (isOpen) this.dispatchEvent(new Event("open"))
          this.dispatchEvent(new Event("close"))
        })
      }
      close() {}
    }
    new Stream("ws://x/live/t", { onFrame() {}, onLink() {}, onRefused: () => asked.push(n) })
  })
  Object.assign(window, Native)
  return asked
}"""


class Proxy:
    """Passes every byte on to a server, until it is cut.

    Attributes:
        url: where it listens, with a slash at the end.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._is_cut = False
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End what is open, and refuse what comes."""
        self._is_cut = True
        for each in list(self._open):
            self._end(each)

    def mend(self) -> None:
        """Pass on again."""
        self._is_cut = False

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                browser, _ = self._listener.accept()
                if self._is_cut:
                    browser.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._port))
                self._open |= {browser, server}
                for pair in ((browser, server), (server, browser)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        self._end(source)
        self._end(target)

    def _end(self, each: socket.socket) -> None:
        self._open.discard(each)
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


class OfWhatIsCut(Console):
    """Leaves out what the browser says of a connection that a test cut, which may come late."""

    def take(self, message: ConsoleMessage) -> None:
        if "net::ERR_" not in message.text:
            super().take(message)


@pytest.fixture
def console() -> Console:
    return OfWhatIsCut()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose runs end two seconds after their page, and that forgets it after ten more."""
    folder = tmp_path_factory.mktemp("strict")
    given = {"NAMESMITH_WORKSPACES": "1", "NAMESMITH_STORE": str(folder / "runs.db")}
    with running(folder, NAMESMITH_GRACE_SECONDS="2", **given) as server:
        yield server


@pytest.fixture
def proxy(strict: Server) -> Iterator[Proxy]:
    wait_until(lambda: strict.health()["runs"] == 0, 30)  # of the test before
    proxy = Proxy(strict.port)
    yield proxy
    proxy.close()


def test_a_stream_that_is_refused_asks_the_page_ever_more_rarely(modules: Page) -> None:
    asked = modules.evaluate(REFUSED_STREAM, [False] * 20)
    assert asked == [2, 4, 8, 16]
    # One that came through begins to count anew.
    assert modules.evaluate(REFUSED_STREAM, [False, True, False, True, False, False]) == [6]


def start(page: Page, proxy: Proxy) -> int:
    """Begin a run and cut the page off; the step that it shows."""
    open_train(page, proxy.url, "?steps=1000000", pace="Watch")
    press(page, "Train")
    wait_for_step(page, 50)
    proxy.cut()
    expect_state(page, "disconnected")
    return step(page)


def ended_at(page: Page) -> int:
    """The step at which the page says that its run ended, which it has to say soon."""
    said = page.get_by_text(AWAY)
    expect(said).to_be_visible(timeout=SOON)
    found = AWAY.search(said.inner_text())
    assert found
    return int(found[1].replace(",", ""))


def test_back_after_the_session_was_dropped_the_kept_run_is_there(
    page: Page, strict: Server, proxy: Proxy, console: Console
) -> None:
    wait_until(lambda: strict.health()["sessions"] == 0, 60)
    reached = start(page, proxy)
    wait_until(lambda: strict.health()["sessions"] == 0, 60)
    proxy.mend()
    last = ended_at(page)
    assert last >= reached
    expect_state(page, "paused", SOON / 1000)
    press(page, "Resume")
    wait_for_step(page, last + 1)
    expect_state(page, "running")
    console.errors.clear()


def test_back_within_the_grace_the_run_goes_on(page: Page, proxy: Proxy, console: Console) -> None:
    open_train(page, proxy.url, "?steps=1000000", pace="Watch")
    press(page, "Train")
    wait_for_step(page, 50)
    reached = step(page)
    proxy.cut()
    proxy.mend()
    wait_for_step(page, reached + 100)
    expect_state(page, "running")
    expect(button(page, "Pause")).to_be_enabled()
    expect(page.get_by_text(AWAY)).to_have_count(0)
    console.errors.clear()  # the browser complains of what was cut


def test_back_after_the_grace_it_says_where_the_run_ended_and_goes_on(
    page: Page, strict: Server, proxy: Proxy, console: Console
) -> None:
    reached = start(page, proxy)
    wait_until(lambda: strict.health()["runs"] == 0, 30)
    proxy.mend()
    last = ended_at(page)
    assert last >= reached
    expect_state(page, "paused", SOON / 1000)
    assert step(page) == last
    expect(button(page, "Pause")).to_have_count(0)
    press(page, "Resume")
    wait_for_step(page, last + 1)
    expect_state(page, "running")
    expect(page.get_by_text(AWAY)).to_have_count(0)
    press(page, "Pause")
    expect_state(page, "paused")
    expect(page.get_by_text(AWAY)).to_have_count(0)
    console.errors.clear()


def test_a_run_that_was_over_before_the_grace_was_is_shown_with_its_losses(
    page: Page, strict: Server, proxy: Proxy, console: Console
) -> None:
    open_train(page, proxy.url, "?steps=150&n_hidden=8", pace="100")
    press(page, "Train")
    expect_state(page, "finished")
    # Streamlit fetches what draws a result when the first one comes, and never again if that fails.
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_be_attached()  # of one run it is folded
    press(page, "Train")
    expect_state(page, "running")
    wait_for_step(page, 120)
    proxy.cut()  # a third of a second before it ends
    expect_state(page, "disconnected")
    wait_until(lambda: strict.health()["runs"] == 0, 30)
    proxy.mend()
    expect_state(page, "finished", SOON / 1000)
    expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=SOON)
    expect(page.get_by_text(AWAY)).to_have_count(0)
    console.errors.clear()


def test_a_run_that_waited_before_waits_after(
    page: Page, strict: Server, proxy: Proxy, console: Console
) -> None:
    open_train(page, proxy.url, "?steps=1000000", pace="Watch")
    press(page, "Train")
    wait_for_step(page, 50)
    press(page, "Pause")
    expect_state(page, "paused")
    reached = step(page)
    proxy.cut()
    expect_state(page, "disconnected")
    wait_until(lambda: strict.health()["runs"] == 0, 30)
    proxy.mend()
    expect_state(page, "paused", SOON / 1000)
    expect(page.get_by_text(AWAY)).to_have_count(0)  # it didn't end, as it didn't go
    press(page, "Resume")
    wait_for_step(page, reached + 1)
    console.errors.clear()


def test_the_badge_of_another_page_is_right_again_too(
    page: Page, strict: Server, proxy: Proxy, console: Console
) -> None:
    open_train(page, proxy.url, "?steps=1000000", pace="Watch")
    press(page, "Train")
    wait_for_step(page, 50)
    page.get_by_role("link", name="Sample").click()
    expect(button(page, "Sample")).to_be_visible()
    expect_state(page, "running")
    proxy.cut()
    expect_state(page, "disconnected")
    wait_until(lambda: strict.health()["runs"] == 0, 30)
    proxy.mend()
    expect_state(page, "paused", SOON / 1000)
    page.get_by_role("link", name="Train").click()
    assert ended_at(page) >= 50
    console.errors.clear()
