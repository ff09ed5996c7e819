"""The Train page as a person uses it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_SECONDS, wait_for

STATE = "[data-testid=live-progress]"


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def open_train(page: Page, url: str, query: str = "", pace: str = "Full speed") -> None:
    """Open the Train page; what is not about watching a run does not wait for it."""
    page.goto(url + query)
    expect(button(page, "Train")).to_be_enabled()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    if pace != "Watch":
        choose_pace(page, pace)


def press(page: Page, name: str) -> None:
    button(page, name).click()


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
    page.get_by_role("combobox", name="Pace").click()
    page.get_by_role("option", name=pace, exact=True).click()
