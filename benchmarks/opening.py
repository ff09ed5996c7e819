"""From the address to the first chart, in a browser that was never here."""

from __future__ import annotations

import statistics

from playwright.sync_api import Browser

from benchmarks.timing import Figures

CHART = "[data-testid=live-loss] .main-svg .xy"
WATCH = f"""
window.opened = {{ shift: 0, longTaskMs: 0, chartMs: 0 }}
new PerformanceObserver((list) => {{
  for (const {{ value }} of list.getEntries()) opened.shift += value
}}).observe({{ type: "layout-shift", buffered: true }})
new PerformanceObserver((list) => {{
  for (const {{ duration }} of list.getEntries())
    opened.longTaskMs = Math.max(opened.longTaskMs, duration)
}}).observe({{ type: "longtask", buffered: true }})
const look = () => {{
  if (document.querySelector("{CHART}")) opened.chartMs = performance.now()
  else requestAnimationFrame(look)
}}
look()
"""
READ = """() => ({
  ...opened,
  firstByteMs: performance.getEntriesByType("navigation")[0].responseStart,
})"""
SETTLE_MS = 1000.0
HAD_TOUR = 'localStorage.setItem("namesmith.tour", "begun")'  # or it would begin with the run


def measure(browser: Browser, url: str, repeats: int) -> Figures:
    """Open the Train page in new contexts: medians of milliseconds, and the worst layout shift."""
    seen = []
    for _ in range(repeats):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(WATCH)
        page.goto(url)
        page.wait_for_selector(CHART, state="attached", timeout=60_000)
        page.wait_for_timeout(SETTLE_MS)
        seen.append(page.evaluate(READ))
        page.close()
    return {
        "browser_first_chart_ms": statistics.median(each["chartMs"] for each in seen),
        "browser_first_chart_over_first_byte": statistics.median(
            each["chartMs"] / each["firstByteMs"] for each in seen
        ),
        "browser_opening_longest_task_ms": statistics.median(each["longTaskMs"] for each in seen),
        "browser_opening_layout_shift": max(each["shift"] for each in seen),
    }
