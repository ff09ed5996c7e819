"""The tour beside the first training: it points, covers nothing of that, and is left for good."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Server, wait_for
from tests.browser.train_page import button, press, wait_for_step

pytestmark = pytest.mark.browser

STEPS = {
    "This is a guess": "live-network",
    "This is how wrong it was": "live-loss",
    "This is a letter’s place": "live-embedding",
    "This is what it would write now": "live-names",
    "One question": "live-loss",
}

# What is pointed at, whether all of the box is in the window, and what of the part it covers.
POINTED = """() => {
  const box = document.querySelector("[data-testid=tour]").getBoundingClientRect()
  const parts = [...document.querySelectorAll("[data-toured]")]
  const part = parts[0].getBoundingClientRect()
  const overlap = (from, to) => Math.min(box[to], part[to]) - Math.max(box[from], part[from])
  return {
    at: parts.map((node) => node.dataset.testid),
    isInside: box.top >= 0 && box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight,
    covered: Math.max(0, overlap("left", "right")) * Math.max(0, overlap("top", "bottom")),
    isSeen: part.top >= 0 && part.bottom <= innerHeight,
  }
}"""
PLACES = """() => ["network", "loss", "embedding", "names"].map((part) => {
  const { x, y, width, height } = document
    .querySelector(`[data-testid=live-${part}]`).getBoundingClientRect()
  return [x, y, width, height]
})"""
HAS_FOCUS = "document.querySelector('[data-testid=tour]').contains(document.activeElement)"


def ask_for(page: Page, *, by_key: bool = False) -> Locator:
    """By the link beside Train's title, or by the help, which a stage and other pages have too."""
    if by_key:
        page.keyboard.press("?")
        button(page, "Take the tour").click()
    else:
        page.get_by_role("link", name="Take the tour").click()
    tour = page.get_by_role("region", name="Tour")
    expect(tour).to_be_visible()
    return tour


def expect_step(page: Page, title: str) -> None:
    """The box is at this step, wholly in the window, and covers nothing of its part."""
    expect(page.get_by_test_id("tour").get_by_role("heading")).to_have_text(title)
    pointed: Any = {"at": [STEPS[title]], "isInside": True, "covered": 0, "isSeen": True}
    wait_for(
        page,
        f"expected => JSON.stringify(({POINTED})()) === expected",
        arg=json.dumps(pointed, separators=(",", ":")),
    )


def walk(page: Page) -> None:
    for title in STEPS:
        expect_step(page, title)
        button(page, "Done" if title == list(STEPS)[-1] else "Next").click()
    expect(page.get_by_test_id("tour")).to_have_count(0)


@pytest.mark.long
def test_the_tour_begins_with_the_first_training_and_once_left_comes_only_when_asked_for(
    newcomer: Page, server: Server
) -> None:
    page = newcomer
    page.goto(server.url)
    expect(button(page, "Train")).to_be_enabled()
    expect(page.get_by_test_id("live-loss").locator(".main-svg").first).to_be_visible()
    tour = page.get_by_role("region", name="Tour")
    expect(tour).to_have_count(0)
    places = page.evaluate(PLACES)
    press(page, "Train")
    expect(tour).to_be_visible()
    assert page.evaluate(PLACES) == places
    assert not page.evaluate(HAS_FOCUS)

    # By keys: Tab comes to it, Enter goes on, and focus stays there.
    page.keyboard.press("Tab")
    while not page.evaluate(HAS_FOCUS):
        page.keyboard.press("Tab")
    button(page, "Next").focus()
    for n, title in enumerate(STEPS, start=1):
        expect_step(page, title)
        expect(tour).to_contain_text(f"{n} of 5")
        if title == "This is how wrong it was":
            button(page, "Back").press("Enter")
            expect_step(page, "This is a guess")
            button(page, "Next").press("Enter")
            expect_step(page, title)
        if n < len(STEPS):
            button(page, "Next").press("Enter")
            assert page.evaluate(HAS_FOCUS)
    assert violations(page) == []
    page.get_by_role("button", name="It knows the names by heart").click()
    expect(tour.get_by_role("status")).to_contain_text("Not quite.")
    page.get_by_role("button", name="The right letter gets better odds").click()
    expect(tour.get_by_role("status")).to_contain_text("Right.")
    button(page, "Leave the tour").press("Enter")
    expect(tour).to_have_count(0)
    expect(page.locator("[data-toured]")).to_have_count(0)

    # Another training and a reload don't bring it back.
    press(page, "Train")
    expect(page.get_by_text("Run 2", exact=True).first).to_be_visible()
    wait_for_step(page, 5)
    expect(tour).to_have_count(0)
    page.reload()
    wait_for_step(page, 10)
    expect(tour).to_have_count(0)

    # From another page it leads to Train; Escape ends it.
    page.get_by_role("link", name="Runs", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Runs")).to_be_visible()
    ask_for(page, by_key=True)
    expect_step(page, "This is a guess")
    page.keyboard.press("Escape")
    expect(tour).to_have_count(0)

    # On a stage Escape ends the tour first.
    page.set_viewport_size({"width": 1280, "height": 720})
    page.get_by_role("button", name="Presenter's view").click()
    expect(page.get_by_role("button", name="Full screen (F)")).to_be_visible()
    ask_for(page, by_key=True)
    walk(page)
    ask_for(page, by_key=True)
    page.keyboard.press("Escape")
    expect(tour).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Full screen (F)")).to_be_hidden()

    # On a phone the first step's part is out of sight until it's asked to be shown.
    page.set_viewport_size({"width": 390, "height": 844})
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    ask_for(page)
    assert page.evaluate(scrolled) == 0
    button(page, "Show me").click()
    walk(page)


def test_a_browser_that_keeps_nothing_is_not_shown_the_tour_and_works(
    newcomer: Page, server: Server
) -> None:
    newcomer.add_init_script(
        """Object.defineProperty(window, "localStorage", {
          get() { throw new DOMException("no", "SecurityError") },
        })"""
    )
    newcomer.goto(server.url)
    expect(button(newcomer, "Train")).to_be_enabled()
    press(newcomer, "Train")
    wait_for_step(newcomer, 5)
    expect(newcomer.get_by_test_id("tour")).to_have_count(0)
    ask_for(newcomer)
