"""The Train page as a person uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_SECONDS, wait_for, wait_until

STATE = "[data-testid=live-progress]"
MENU = re.compile("^Pace and more")
IN_MENU = ("At once", "Reset")


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def at_rest(page: Page) -> None:
    """Wait until the page is drawn: before that, what's pressed may move away under the mouse."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def open_train(page: Page, url: str, query: str = "", pace: str = "Full speed") -> None:
    """Open the Train page; what is not about watching a run does not wait for it."""
    page.goto(url + query)
    expect(button(page, "Train")).to_be_enabled()
    at_rest(page)
    if pace != "Watch":
        choose_pace(page, pace)


def press(page: Page, name: str) -> None:
    if name in IN_MENU:
        with menu(page):
            button(page, name).click()
    else:
        button(page, name).click()


@contextmanager
def menu(page: Page) -> Iterator[None]:
    """What few presses need, open beside the buttons of the run."""
    opener = page.get_by_role("button", name=MENU)
    opener.click()
    expect(button(page, "Reset")).to_be_visible()
    yield

    def is_closed() -> bool:  # a first Escape may close no more than a list within it
        page.keyboard.press("Escape")
        return bool(button(page, "Reset").is_hidden())

    wait_until(is_closed)


def expect_state(page: Page, state: str, seconds: float = PATIENCE_SECONDS) -> None:
    expect(page.locator(STATE).first).to_have_attribute("data-state", state, timeout=seconds * 1000)


def step(page: Page) -> int:
    """The step that the progress line shows."""
    shown = page.locator(f"{STATE} dd").first.inner_text()
    found = re.match(r"[\d,]+", shown)
    return int(found.group().replace(",", "")) if found else 0


def wait_for_step(page: Page, at_least: int) -> None:
    wait_for(
        page,
        """n => {
          const shown = document.querySelector("[data-testid=live-progress] dd")?.textContent
          return shown && Number(shown.split(" ")[0].replaceAll(",", "")) >= n
        }""",
        arg=at_least,
    )


def choose_pace(page: Page, pace: str) -> None:
    with menu(page):
        page.get_by_role("combobox", name="Pace").click()
        page.get_by_role("option", name=pace, exact=True).click()


# What a person can press, move or type in within the window; one inside another counts once.
CONTROLS = """() => {
  const all = "button, input, select, textarea, summary, [role=slider], [role=switch]"
  const box = (node) => node.getBoundingClientRect()
  const isSeen = (node) => {
    const label = node.closest("label")
    const place = node.matches("input") && box(node).width < 12 && label ? label : node
    const { top, bottom, left, right, width, height } = box(place)
    const isInside = top < innerHeight && bottom > 0 && left < innerWidth && right > 0
    const isShown = place.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    return width && height && isInside && isShown && !node.parentElement.closest(all)
  }
  const found = [...document.querySelectorAll(all)].filter(isSeen)
  return found.map((node) => node.outerHTML.slice(0, 90))
}"""
BOTTOM = """() => Math.max(...["embedding", "names", "network", "loss", "progress"].map((part) => {
  const node = document.querySelector(`[data-testid=live-${part}]`)
  return (node.closest("figure") ?? node).getBoundingClientRect().bottom
}))"""


def controls_in_view(page: Page) -> list[str]:
    found: list[str] = page.evaluate(CONTROLS)
    return found


def lowest(page: Page) -> float:
    """Where the last of progress, curve, map, names and network ends, in pixels from the top."""
    found: float = page.evaluate(BOTTOM)
    return found


def focus_start(page: Page) -> None:
    """Have Tab go from the start of the page, wherever the last click was."""
    page.evaluate(
        """() => {
          const start = document.createElement("span")
          start.tabIndex = -1
          document.body.prepend(start)
          start.focus()
        }"""
    )


def tabs_to_train(page: Page) -> int:
    """How many presses of Tab it takes from the start of the page to Train."""
    expect(page.get_by_test_id("live-loss")).to_be_visible()  # which the order goes by
    focus_start(page)
    for n in range(1, 50):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.st-key-train button')"):
            return n
    raise AssertionError("Tab doesn't come to Train")
