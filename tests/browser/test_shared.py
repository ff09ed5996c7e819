"""A link to a run in another browser: to look at, to scrub, to copy; and taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_SECONDS, Server, wait_for
from tests.browser.train_page import button, expect_state, open_train, press

pytestmark = pytest.mark.browser


def test_a_shared_run_is_seen_and_copied_in_another_browser(
    page: Page, server: Server, browser: Browser
) -> None:
    open_train(page, server.url, "?steps=300&n_hidden=12")
    press(page, "Train")
    expect_state(page, "finished")
    press(page, "Share")
    press(page, "Make a link to this run")
    code = page.get_by_test_id("stCode").filter(has_text="?run=")
    link = code.inner_text().strip()
    with page.expect_download() as saved:
        page.get_by_role("link", name="the curve").click()
    assert saved.value.suggested_filename == "namesmith-loss.png"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Presenter's view").click()
    expect(page.get_by_role("button", name="Full screen (F)")).to_be_visible()
    page.keyboard.press("q")
    dialog = page.get_by_role("dialog", name="Scan to open")
    expect(dialog.locator(".nm-codes-link")).to_have_text(link.removeprefix("http://"))
    expect(dialog.get_by_role("status")).to_contain_text("this machine alone")
    picture = dialog.get_by_role("img", name="QR code of the link to Run 1")
    box = picture.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 0.6 * page.evaluate("innerHeight")
    dialog.get_by_role("button", name="These settings").click()
    expect(dialog.locator(".nm-codes-link")).to_contain_text("n_hidden=12")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Leave the presenter's view").click()
    press(page, "Share")

    other = browser.new_context(viewport={"width": 1440, "height": 900})
    guest = other.new_page()
    guest.set_default_timeout(1000 * PATIENCE_SECONDS)
    guest.goto(link)
    expect(guest.get_by_text("shared with you")).to_be_visible()
    expect_state(guest, "finished")
    expect(button(guest, "Train")).to_have_count(0)
    for part in ("live-loss", "live-embedding", "live-names", "live-network"):
        expect(guest.get_by_test_id(part).first).to_be_visible()
    slider = guest.get_by_role("slider", name="Step of the run")
    slider.press("Home")
    expect(guest.get_by_test_id("scrubber-step")).to_have_text("Step 0")
    press(guest, "Copy to my runs")
    expect(guest.get_by_text("among your own runs now, as run 1")).to_be_visible()
    guest.goto(server.url + "runs")
    expect(guest.get_by_text("1 run", exact=True)).to_be_visible()

    press(page, "Stop sharing")
    expect(button(page, "Make a link to this run")).to_be_visible()
    guest.goto(link)
    expect(guest.get_by_text("This link opens no run")).to_be_visible()
    press(guest, "Back to my own runs")
    expect(button(guest, "Train")).to_be_enabled()
    assert wait_for(guest, "!location.search.includes('run=')")
    other.close()
