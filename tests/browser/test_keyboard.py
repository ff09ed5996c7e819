"""The Train page without a mouse: Tab comes to every control, and one sees where it is."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.axe import HEIGHT, SETTLED
from tests.browser.conftest import Server, wait_for, wait_until
from tests.browser.train_page import expect_state, focus_start, open_train, press

pytestmark = pytest.mark.browser

Box = tuple[int, int, int, int]  # left, top, right, bottom

RING_PIXELS = 50  # fewer that change, or less than this much of 255, is nothing to see
RING_CHANGE = 40

# Of the choices of one group Tab comes to one, and the arrow keys go on from there.
CONTROLS = """() => {
  const all = "a[href], button, input, select, textarea, summary, canvas, [tabindex]"
  window.controls = [...document.querySelectorAll(all)].filter((node) =>
    node.tabIndex >= 0 && !node.disabled && !node.closest("[inert]") && node.role !== "radio"
    && node.checkVisibility({ visibilityProperty: true }))
}"""

# Its place, with a rim for its ring; what is hidden in a label or a handle has the place of that.
FOCUSED = """() => {
  const node = document.activeElement
  if (node === document.body) return null
  const size = (at) => at.getBoundingClientRect()
  let shown = node.closest("label") ?? node
  while (size(shown).width < 12 || size(shown).height < 12) shown = shown.parentElement
  const { left, top, right, bottom } = size(shown)
  const box = [Math.max(0, left - 4), Math.max(0, top - 4), right + 4, bottom + 4]
  const html = node.outerHTML.slice(0, 120)
  return { index: window.controls.indexOf(node), html, box: box.map(Math.round) }
}"""


def picture(page: Page, box: Box | None = None) -> NDArray[np.int16]:
    clip: Any = None
    if box is not None:
        left, top, right, bottom = box
        clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    png = page.screenshot(clip=clip, animations="disabled")
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=np.int16)


def test_tab_comes_to_every_control_and_shows_it(page: Page, server: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_train(page, server.url, "?steps=1500")
    press(page, "Train")
    expect_state(page, "finished")
    expect(page.get_by_role("button", name="Download", exact=True)).to_be_visible()
    for summary in page.locator("details:not([open]) > summary").element_handles():
        summary.click()
    # All of it in sight, so that nothing scrolls between the two pictures of a control.
    page.set_viewport_size({"width": 1440, "height": page.evaluate(HEIGHT) + 100})
    wait_for(page, SETTLED)
    page.mouse.move(1439, 0)
    page.evaluate(CONTROLS)
    page.evaluate("document.activeElement.blur()")
    before = picture(page)

    focus_start(page)
    reached: set[int] = set()
    for _ in range(200):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None or focused["index"] in reached - {-1}:
            break
        reached.add(focused["index"])
        left, top, right, bottom = focused["box"]

        def is_seen(box: Box = (left, top, right, bottom)) -> bool:
            left, top, right, bottom = box
            now = picture(page, box)
            change = np.abs(now - before[top:bottom, left:right]).max(axis=2)
            return int((change > RING_CHANGE).sum()) >= RING_PIXELS

        wait_until(is_seen, 20, partial(str, focused["html"]))
    missed = page.evaluate(
        "reached => controls.filter((_, i) => !reached.includes(i))"
        ".map((node) => node.outerHTML.slice(0, 120))",
        sorted(reached),
    )
    assert missed == []
    assert len(reached) > 40
