"""From the position of a moving slider to its finished curve, as the hand and the eye have it."""

from __future__ import annotations

import re
import statistics

from playwright.sync_api import Browser, FloatRect, Page

from benchmarks.opening import HAD_TOUR
from benchmarks.timing import Figures

EVERY_MS = 20.0  # a move of the mouse, about as often as a hand's come
MOVES_A_WAY = 100  # from one end of the slider to the other: two seconds
SETTLE_MS = 1500.0

# The page's own module knows when the slider was where it was. A curve counts as shown when the
# screen has been painted after the chart took it: that is a task behind the frame's own.
WATCH = """async () => {
  const [{ name: url }] = performance.getEntriesByType("resource")
    .filter(({ name }) => name.split("?")[0].endsWith("/drags.js"))
  const { drags } = await import(url)
  const chart = document.querySelector("[data-testid=live-loss]")
  const shown = new Map()
  const look = ({ number, name, movedAt }) => {
    if (!shown.has(number) && chart.data.some((trace) => trace.name === name))
      setTimeout(() => shown.set(number, performance.now() - movedAt))
  }
  drags.listen(() => {
    const newest = drags.curves.at(-1)
    if (newest?.isFinished) requestAnimationFrame(() => look(newest))
  })
  window.positions = { shown, sent: () => drags.number }
}"""
READ = "() => ({ shown: [...window.positions.shown.values()], sent: window.positions.sent() })"


def measure(browser: Browser, url: str, seconds: float) -> Figures:
    """Drag the rate's slider to and fro on a page with a finished run.

    Returns:
        Milliseconds from a position to its finished curve of 3,000 steps, on the screen; only of
        positions that no newer one ended.
    """
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(60_000)
    page.goto(url)
    page.evaluate(HAD_TOUR)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name=re.compile("^Pace and more")).click()
    page.get_by_role("button", name="At once", exact=True).click()
    page.locator("[data-testid=live-progress][data-state=finished]").first.wait_for()
    page.get_by_text("Train as I drag").click()
    # Streamlit's own slider makes room for one that tells while it moves.
    slider = page.locator(".nm-slider").get_by_role("slider", name=re.compile("Learning rate"))
    slider.scroll_into_view_if_needed()
    page.wait_for_timeout(SETTLE_MS)
    page.evaluate(WATCH)
    _to_and_fro(page, slider.bounding_box(), seconds)
    page.wait_for_timeout(SETTLE_MS)  # for the last curve
    seen = page.evaluate(READ)
    page.close()
    shown = sorted(seen["shown"])
    return {
        "browser_drag_ms_median": statistics.median(shown),
        "browser_drag_ms_p95": statistics.quantiles(shown, n=20, method="inclusive")[-1],
        "browser_drag_positions_sent": float(seen["sent"]),
        "browser_drag_positions_finished": float(len(shown)),
    }


def _to_and_fro(page: Page, box: FloatRect | None, seconds: float) -> None:
    assert box is not None, "the slider of the rate is not on the page"
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.4 * box["width"], y)
    page.mouse.down()
    for i in range(int(1000 * seconds / EVERY_MS)):
        way, place = divmod(i, MOVES_A_WAY)
        share = place / MOVES_A_WAY if way % 2 == 0 else 1 - place / MOVES_A_WAY
        page.mouse.move(box["x"] + (0.1 + 0.8 * share) * box["width"], y)
        page.wait_for_timeout(EVERY_MS)
    page.mouse.up()
