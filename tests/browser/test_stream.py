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


def refused(url: str, origin: str | None) -> bool:
    try:
        with connect(url, origin=Origin(origin) if origin else None, open_timeout=30):
            return False
    except InvalidStatus:
        return True


def test_the_socket_is_for_its_own_page_with_the_right_token_and_as_long_as_its_tab_is_open(
    page: Page, server: Server
) -> None:
    open_train(page, server.url, "?steps=200")
    press(page, "Train")
    expect_state(page, "finished")
    url: str = page.evaluate("window.liveSockets.at(-1).url")
    own = server.url.rstrip("/")
    with connect(url, origin=Origin(own), open_timeout=30) as stream:
        description, frame = stream.recv(timeout=30), stream.recv(timeout=30)
    assert isinstance(description, bytes)
    assert b'"kind":"run-description"' in description
    assert isinstance(frame, bytes)
    assert b'"kind":"run-frame"' in frame
    assert len(frame) <= 16_384

    assert refused(url[:-1] + ("A" if url[-1] != "A" else "B"), own)
    assert refused(url.rsplit("/", 1)[0] + "/", own)
    assert refused(url, "http://example.org")
    assert refused(url, f"http://127.0.0.1:{server.port + 1}")
    assert refused(url, "null")

    page.close()
    wait_until(lambda: refused(url, own))
