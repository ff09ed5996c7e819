"""The diagram under the hand: what a unit says, and when a weight moved, in a run and after it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Server, wait_for
from tests.browser.train_page import choose_pace, expect_state, open_train, press, wait_for_step

pytestmark = pytest.mark.browser

MOVED = re.compile(
    r"It moved mostly between steps [\d,]+ and [\d,]+, from −?\d\.\d+ to −?\d\.\d+\."
)
# A point on the clearest line, a little above the units.
LINE = """() => {
  const canvas = document.querySelector("[data-testid=live-network] canvas")
  const box = document.querySelector(".nm-unit-box").getBoundingClientRect()
  const { left, top, width } = canvas.getBoundingClientRect()
  const scale = canvas.width / width
  const y = Math.round((box.top - top - 14) * scale)
  const { data } = canvas.getContext("2d").getImageData(0, y, canvas.width, 1)
  let best = 0
  for (let x = 0; x < canvas.width; x++) if (data[4 * x + 3] > data[4 * best + 3]) best = x
  return data[4 * best + 3] && [left + best / scale, top + y / scale]
}"""


COUNT_RUNS = """
window.scriptRuns = 0
addEventListener("DOMContentLoaded", () => new MutationObserver((changes) => {
  const isRun = ({ target }) => target.dataset?.testScriptState === "running"
  window.scriptRuns += changes.filter(isRun).length
}).observe(document.body, { subtree: true, attributeFilter: ["data-test-script-state"] }))
"""


def words(page: Page) -> Locator:
    return page.get_by_test_id("live-network").locator(".nm-network-words")


def script_runs(page: Page) -> int:
    return int(page.evaluate("window.scriptRuns"))


def scrub(page: Page, key: str) -> None:
    page.get_by_role("slider", name="Step of the run").press(key)


def test_a_picked_line_says_when_it_moved_in_a_run_and_after_it(page: Page, server: Server) -> None:
    open_train(page, server.url)
    choose_pace(page, "2,000 a second")
    press(page, "Train")
    wait_for_step(page, 1000)
    page.get_by_test_id("live-network").scroll_into_view_if_needed()
    picked = ""
    while "weight" not in picked:  # the line may have moved from under the pointer
        page.mouse.click(*wait_for(page, LINE))
        page.mouse.move(5, 5)  # what is picked stays
        picked = words(page).inner_text()
    expect(words(page)).to_contain_text(MOVED)
    name = words(page).inner_text().split(":")[0]
    press(page, "At once")
    expect_state(page, "finished")
    expect(words(page)).to_contain_text(MOVED)
    moved = MOVED.findall(words(page).inner_text())
    scrub(page, "ArrowLeft")
    expect(words(page)).to_contain_text(moved[0])  # of the whole run, at whichever moment
    assert name in words(page).inner_text() or "doesn't show" in words(page).inner_text()


def test_a_unit_says_what_it_hears_and_pushes_by_pointer_and_by_key(
    page: Page, server: Server
) -> None:
    page.add_init_script(COUNT_RUNS)
    open_train(page, server.url, "?steps=2000")
    press(page, "Train")
    expect_state(page, "finished")
    network = page.get_by_test_id("live-network")
    for key in ("End", "Home"):  # now, and under the scrubber
        scrub(page, key)
        network.locator(".nm-unit-box").nth(5).hover(force=True)
        for said in ("Hidden unit", "Listens to: ", "against it: ", "Now pushes ", "holds down "):
            expect(words(page)).to_contain_text(said)
    page.mouse.move(5, 5)
    scrub(page, "End")
    question, frames = page.get_by_label("What comes after"), script_runs(page)
    question.fill("qu")
    expect(words(page)).to_contain_text("what followed “.qu”")
    question.press_sequentially("9")
    expect(network.get_by_role("status").filter(has_text="'9'")).to_be_visible()
    question.press("Backspace")
    expect(network.get_by_role("status").filter(has_text="'9'")).to_have_count(0)
    assert script_runs(page) == frames  # no letter runs the page
    units = page.get_by_role("listbox", name="Hidden units")
    units.press("ArrowRight")
    expect(words(page)).to_contain_text("Listens to: ")
    units.press("Enter")
    expect(words(page)).to_contain_text(MOVED)
