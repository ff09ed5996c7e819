"""The live socket gives nothing to whoever has no business with it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.browser.conftest import Server, wait_until
from tests.browser.train_page import expect_state, open_train, press

pytestmark = pytest.mark.browser


def live_url(page: Page, server: Server) -> str:
    open_train(page, server.url, "?steps=200")
    press(page, "Train")
    expect_state(page, "finished")
    url: str = page.evaluate("window.liveSockets.at(-1).url")
    return url


def refused(url: str, origin: str | None) -> bool:
    try:
        with connect(url, origin=Origin(origin) if origin else None, open_timeout=5):
            return False
    except InvalidStatus:
        return True


def test_the_right_token_from_the_own_page_gets_a_description_and_whole_frames(
    page: Page, server: Server
) -> None:
    url = live_url(page, server)
    with connect(url, origin=Origin(server.url.rstrip("/")), open_timeout=5) as stream:
        description, frame = stream.recv(timeout=5), stream.recv(timeout=5)
    assert isinstance(description, bytes)
    assert b'"kind":"run-description"' in description
    assert isinstance(frame, bytes)
    assert b'"kind":"run-frame"' in frame
    assert len(frame) <= 16_384


def test_a_wrong_token_and_a_foreign_origin_get_nothing(page: Page, server: Server) -> None:
    url = live_url(page, server)
    own = server.url.rstrip("/")
    assert refused(url[:-1] + ("A" if url[-1] != "A" else "B"), own)
    assert refused(url.rsplit("/", 1)[0] + "/", own)
    assert refused(url, "http://example.org")
    assert refused(url, f"http://127.0.0.1:{server.port + 1}")
    assert refused(url, "null")


def test_the_token_of_a_closed_tab_opens_nothing(page: Page, server: Server) -> None:
    url = live_url(page, server)
    page.close()
    wait_until(lambda: refused(url, server.url.rstrip("/")), 30)
