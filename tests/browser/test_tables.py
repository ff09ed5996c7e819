"""Tables on the pages: none hands its cells to a spreadsheet as they are."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.train_page import expect_state, open_train, press

pytestmark = pytest.mark.browser


def toolbar(page: Page, table: int = 0) -> list[str]:
    """What the buttons of a table's toolbar are called."""
    place = page.get_by_test_id("stDataFrame").nth(table)
    place.hover()
    bar = page.get_by_test_id("stElementToolbar").nth(table)
    expect(bar.get_by_role("button", name="Fullscreen")).to_be_visible()
    return [it.get_attribute("aria-label") or "" for it in bar.get_by_role("button").all()]


def test_no_table_can_be_downloaded_past_the_apps_own_csv(page: Page, server) -> None:
    open_train(page, server.url, "?steps=300&n_hidden=8")
    for number in (1, 2):  # of one run there is no table yet
        press(page, "Train")
        expect(page.get_by_text(f"Run {number}", exact=True).first).to_be_visible()
        expect_state(page, "finished")
    left = ["Show/hide columns", "Search", "Fullscreen"]  # and no 'Download as CSV'
    assert toolbar(page) == left
    for name in ("Sample", "Embeddings", "Runs"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        assert toolbar(page) == left
