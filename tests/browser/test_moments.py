"""Time in the hand: the scrubber of a run, while it goes and after, and of past runs."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Server, wait_for
from tests.browser.train_page import (
    button,
    choose_pace,
    expect_state,
    open_train,
    press,
    step,
    wait_for_step,
)

pytestmark = pytest.mark.browser

FINISHED = "30,000"


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Step of the run")


def shown_step(page: Page) -> Locator:
    return page.get_by_test_id("scrubber-step")


SEEN = """() => {
  const texts = (selector) => [...document.querySelectorAll(selector)].map((n) => n.textContent)
  const { drawn } = document.querySelector("[data-testid=live-embedding] canvas") ?? {}
  const answer = texts(".nm-network-words p")
  if (!drawn || !answer[0]) return null
  return {
    names: texts("[data-testid=live-names] li span"),
    points: [...drawn.points],
    n_trail: drawn.path?.length ?? 0,
    answer,
  }
}"""


def seen(page: Page) -> dict[str, Any]:
    """Names, map with its trail, and the network's answer, as they are drawn."""
    found: dict[str, Any] = wait_for(page, SEEN)
    return found


def test_drag_keys_and_click_show_that_moment_and_now_comes_back(
    page: Page, server: Server
) -> None:
    open_train(page, server.url)
    untrained = seen(page)
    press(page, "Train")
    expect_state(page, "finished")
    now = seen(page)
    slider(page).press("Home")
    expect(shown_step(page)).to_have_text("Step 0")
    expect(page.get_by_text("Names it wrote at step 0")).to_be_visible()
    expect(page.get_by_text("Map of the characters at step 0")).to_be_visible()
    first = seen(page)
    for what in ("names", "points", "answer"):
        assert first[what] == untrained[what], what
        assert first[what] != now[what], what
    for _ in range(3):
        slider(page).press("ArrowRight")
    expect(shown_step(page)).to_have_text("Step 3")
    assert seen(page)["points"] != first["points"]
    assert seen(page)["n_trail"] == 4
    slider(page).press("PageUp")
    expect(shown_step(page)).to_have_text("Step 7")
    box = slider(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    dragged = int(shown_step(page).inner_text().removeprefix("Step ").replace(",", ""))
    assert 500 < dragged < 3_000
    plot = page.locator("[data-testid=live-loss] .nsewdrag").first.bounding_box()
    assert plot is not None
    page.mouse.click(plot["x"] + plot["width"] / 2, plot["y"] + plot["height"] / 2)
    expect(shown_step(page)).to_have_text("Step 13,777")
    expect(page.locator(".nm-marker")).to_be_visible()
    press(page, "Now")
    expect(shown_step(page)).to_have_text(f"Step {FINISHED}")
    expect(page.locator(".nm-marker")).not_to_be_visible()
    assert seen(page) == now


@pytest.mark.long
def test_an_earlier_moment_is_looked_at_during_a_run_after_it_and_when_it_is_a_past_one(
    page: Page, server: Server
) -> None:
    open_train(page, server.url, pace="Watch")
    press(page, "Train")
    wait_for_step(page, 20)
    slider(page).press("Home")
    expect(page.get_by_text("Names it wrote at step 0")).to_be_visible()
    wait_for(page, f"() => ({SEEN})()?.n_trail > 0")  # the map is drawn after the words
    before, first = step(page), seen(page)
    wait_for_step(page, before + 50)
    assert seen(page) == first
    expect(shown_step(page)).to_have_text("Step 0")
    press(page, "Now")
    expect(page.get_by_text("Names it writes now")).to_be_visible()
    press(page, "At once")
    expect_state(page, "finished")
    expect(shown_step(page)).to_have_text(f"Step {FINISHED}")
    # What came before is fetched by itself.
    wait_for(
        page,
        "performance.getEntriesByType('resource').some(({ name }) => name.includes('/moments/'))",
    )

    slider(page).press("Home")
    slider(page).press("ArrowRight")
    early = seen(page)
    choose_pace(page, "Full speed")
    press(page, "Train")
    wait_for(page, "document.body.textContent.includes('Run 2')")
    expect_state(page, "finished")
    expect(shown_step(page)).to_have_text(f"Step {FINISHED}")  # a new run begins at now
    page.get_by_role("combobox", name="Run under").select_option(label="Run 1")
    wait_for(
        page,
        "document.querySelector('[data-testid=live-loss]').data"
        ".some(({ name }) => name === 'Run 1')",
    )
    slider(page).press("Home")
    slider(page).press("ArrowRight")
    expect(page.get_by_text("Names it wrote at step 1", exact=True)).to_be_visible()
    assert seen(page) == early

    page.get_by_role("combobox", name="Run under").select_option(label="This run")
    page.locator("summary", has_text="View").click()
    page.get_by_role("combobox", name="Speed of the replay").select_option("4")
    page.keyboard.press("Escape")
    press(page, "Play")
    expect(button(page, "Hold")).to_be_visible()
    expect(button(page, "Play")).to_be_visible()
    expect(shown_step(page)).to_have_text(f"Step {FINISHED}")
    expect(button(page, "Now")).to_be_hidden()


def test_a_remade_model_gets_axes_of_its_own_and_on_a_line_a_trail_comes_from_above(
    page: Page, server: Server
) -> None:
    ranges = "document.querySelector('[data-testid=live-embedding] canvas').drawn"
    open_train(page, server.url)
    seen(page)
    wide = page.evaluate(f"(({{ x }}) => x[1] - x[0])({ranges})")
    page.locator("summary", has_text="More of the model").click()
    page.get_by_role("radio", name="Small").or_(
        page.get_by_role("button", name="Small")
    ).first.click()
    wait_for(page, f"(({{ x }}) => x[1] - x[0] < {wide / 2})({ranges})")

    open_train(page, server.url, "?n_embd=1&steps=500")
    press(page, "Train")
    expect_state(page, "finished")
    seen(page)
    above = """() => {
      const canvas = document.querySelector("[data-testid=live-embedding] canvas")
      const share = canvas.height / 4 // where no label is
      const { data } = canvas.getContext("2d").getImageData(0, share, canvas.width, share / 2)
      return data.some((value) => value > 0)
    }"""
    assert not page.evaluate(above)
    slider(page).press("End")
    for _ in range(3):
        slider(page).press("ArrowLeft")
    wait_for(page, f"({SEEN})()?.n_trail > 5")  # drawn a moment after the key
    assert page.evaluate(above)
