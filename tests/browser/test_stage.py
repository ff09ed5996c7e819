"""The presenter's view in a real browser: its keys, its tray, and words that one can read."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, wait_for, wait_until
from tests.browser.train_page import button, expect_state, lowest, open_train, press

pytestmark = pytest.mark.browser

# The smallest words in sight, as a share of the window's height.
SMALLEST = """() => {
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  let [least, what] = [Infinity, ""]
  while (nodes.nextNode()) {
    const { textContent, parentElement } = nodes.currentNode
    const { width, height } = parentElement.getBoundingClientRect()
    const seen = parentElement.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    if (!textContent.trim() || !width || height < 2 || !seen) continue
    const share = parseFloat(getComputedStyle(parentElement).fontSize) / innerHeight
    if (share < least) [least, what] = [share, textContent]
  }
  return [least, what]
}"""


def present(page: Page) -> None:
    page.get_by_role("button", name="Presenter's view").click()
    expect(page.get_by_role("button", name="Full screen (F)")).to_be_visible()


def expect_all_words_can_be_read_at_the_back(page: Page) -> None:
    """In this window, and in a larger one from the start."""
    expect_words_can_be_read(page)
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.reload()
    begin, screen = (
        page.get_by_role("button", name=name) for name in ("Presenter's view", "Full screen (F)")
    )
    expect(begin.or_(screen).first).to_be_visible()
    if not screen.is_visible():
        present(page)
    expect_state(page, "finished")
    expect_words_can_be_read(page)


def expect_words_can_be_read(page: Page) -> None:
    expect(page.locator("[data-testid=live-embedding] .main-svg").first).to_be_visible()
    wait_for(page, f"({SMALLEST})()[0] >= 0.0219")


def test_the_stage_is_driven_by_keys_and_its_words_can_be_read(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_train(page, server.url, "?steps=500")
    present(page)
    page.get_by_role("button", name="Next (right arrow)").click()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement === document.body")  # no ring after a click
    expect(button(page, "Train")).to_have_count(1)

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Help")).to_be_hidden()
    expect(page.get_by_role("button", name="Full screen (F)")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Full screen (F)")).to_be_hidden()

    present(page)
    page.keyboard.press("t")
    tray = page.locator(".st-key-tray")
    expect(tray.get_by_role("slider")).to_have_count(3)
    expect(tray.get_by_role("slider").first).to_be_visible()
    tray.get_by_role("button", name="Train", exact=True).click()
    expect_state(page, "finished")
    wait_until(lambda: lowest(page) <= 720)  # once the view has its place
    page.keyboard.press("Escape")
    expect(tray.get_by_role("slider").first).to_be_hidden()
    expect_all_words_can_be_read_at_the_back(page)


def test_a_text_has_the_question_and_the_whole_map_above_the_fold(
    page: Page, server: Server
) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_train(page, server.url, "?steps=500&data=words")
    present(page)
    press(page, "Train")
    expect_state(page, "finished")
    for part in ("live-asked", "live-embedding"):
        box = page.get_by_test_id(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 720
    expect_all_words_can_be_read_at_the_back(page)
