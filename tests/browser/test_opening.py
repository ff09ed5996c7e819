"""How a page opens: nothing moves, nothing is fetched twice, and the console stays empty."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from pages.charts.plotly_scripts import SMALL, address
from tests.browser.conftest import Server
from tests.browser.train_page import button

pytestmark = pytest.mark.browser

MOST_SHIFT = 0.05
WATCH_SHIFTS = """
window.shift = 0
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shift += value
}).observe({ type: "layout-shift", buffered: true })
"""


def test_train_opens_without_a_move_and_fetches_nothing_twice(page: Page, server: Server) -> None:
    page.add_init_script(WATCH_SHIFTS)
    fetched: Counter[str] = Counter()
    page.on("request", lambda request: fetched.update([request.url]))
    page.goto(server.url)
    expect(button(page, "Train")).to_be_visible()
    expect(page.get_by_test_id("live-loss").locator(".main-svg").first).to_be_visible()
    expect(page.get_by_test_id("live-names").locator("li").first).not_to_be_empty()
    assert page.evaluate("window.shift") <= MOST_SHIFT
    scripts = {url: n for url, n in fetched.items() if ".js" in url}
    assert [url for url in scripts if "plotly" in url] == [server.url + address(SMALL)]
    assert set(scripts.values()) == {1}


def test_a_deep_link_asks_for_nothing_that_is_not_there(page: Page, server: Server) -> None:
    refused: list[str] = []
    page.on("response", lambda answer: refused.extend([answer.url] * (answer.status >= 400)))
    for path in ("sample", "counting"):
        page.goto(server.url + path)
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("location.pathname") == f"/{path}"
    assert not refused
