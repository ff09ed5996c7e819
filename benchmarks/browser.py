"""What a browser goes through while a run is shown, and how soon a slider has its curve."""

from __future__ import annotations

from playwright.sync_api import Browser, sync_playwright

from benchmarks import dragging, opening
from benchmarks.load import QUERY
from benchmarks.serving import App, serving
from benchmarks.timing import Figures, say
from scripts.environment import system_browser

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
SETTLE_MS = 3000
OPENED = 5  # times, from the address to the first chart
DEFAULTS = "steps=30000&n_embd=2&n_hidden=100"  # in place of those that the run before it had

# A redraw is a frame of the screen in which the curve has another path than in the one before: in
# SVG, or on the canvas over it, where the chart's data are what is drawn.
WATCH = """() => {
  const seen = { redraws: 0, longTaskMs: 0, replaced: 0, faded: 0, frames: 0 }
  const held = ["stElementContainer", "stPlotlyChart"].map((id) => `[data-testid=${id}]`)
    .concat(".js-plotly-plot", ".namesmith").join()
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) seen.longTaskMs += task.duration
  }).observe({ type: "longtask" })
  new MutationObserver((changes) => {
    for (const { removedNodes } of changes)
      for (const node of removedNodes)
        if (node.nodeType === 1 && (node.matches(held) || node.querySelector(held))) seen.replaced++
  }).observe(document.body, { childList: true, subtree: true })
  let last = null
  const look = () => {
    seen.frames++
    const host = document.querySelector("[data-testid=live-loss]") ?? document
    const path = host.querySelector("canvas.nm-curve")
      ? host.data.map(({ x, y }) => [x.length, x.at(-1), y.at(-1)]).join()
      : [...host.querySelectorAll(".scatterlayer path.js-line")]
        .map((line) => line.getAttribute("d")).join()
    if (path && path !== last) seen.redraws++
    last = path
    if (document.querySelector("[data-stale=true]")) seen.faded++
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
  window.seen = seen
  window.seenFrom = performance.now()
}"""
READ = "() => ({ ...window.seen, seconds: (performance.now() - window.seenFrom) / 1000 })"


def measure(seconds: float) -> Figures:
    """The live view and the usual way, on runs of the same sizes; nothing without a browser."""
    path = system_browser()
    if path is None:
        say("browser: no Chromium was found, so this part is left out")
        return {}
    figures: Figures = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        apps: tuple[App, ...] = ("live", "usual")
        for app in apps:
            say(f"browser: {app}")
            with serving(app) as server:
                if app == "live":
                    figures |= opening.measure(browser, server.url, OPENED)
                figures |= _watch(browser, app, f"{server.url}?{QUERY}", seconds)
                if app == "live":
                    say("browser: a slider that moves")
                    figures |= dragging.measure(browser, f"{server.url}?{DEFAULTS}", seconds)
        browser.close()
    return figures


def _watch(browser: Browser, app: App, url: str, seconds: float) -> Figures:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(60_000)
    page.goto(url)
    page.evaluate(opening.HAD_TOUR)
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_selector(".scatterlayer path.js-line", state="attached")
    page.wait_for_timeout(SETTLE_MS)  # until the click's own changes are through
    page.evaluate(WATCH)
    page.wait_for_timeout(1000 * seconds)
    seen = page.evaluate(READ)
    page.close()
    return {
        f"browser_{app}_redraws_per_second": seen["redraws"] / seen["seconds"],
        f"browser_{app}_long_task_ms_per_second": seen["longTaskMs"] / seen["seconds"],
        f"browser_{app}_elements_replaced": float(seen["replaced"]),
        f"browser_{app}_faded_frames": float(seen["faded"]),
        f"browser_{app}_screen_frames_per_second": seen["frames"] / seen["seconds"],
    }
