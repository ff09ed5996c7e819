"""What axe-core finds wrong with a page, and the contrast of the words that it leaves open."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
LENGTH = 200  # of one line of a failure
ROOM = 1000  # pixels, for charts that grow with the window

_axe = Axe()

# Streamlit fades what is old, and a colour in the middle of a fade is nobody's colour. The address
# changes as a page's script begins, and two frames later the app says that it runs.
SETTLED = """async () => {
  await document.fonts.ready
  await new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))
  const app = document.querySelector("[data-testid=stApp]")
  return (!app || app.dataset.testScriptState === "notRunning")
    && !document.querySelector(
      "[data-stale=true], [data-testid=stSkeleton], [data-testid=stStatusWidget]")
    && document.getAnimations().every((a) =>
      a.playState === "finished" || a.effect?.getComputedTiming().iterations === Infinity)
}"""

# Of all that scrolls.
HEIGHT = """() => Math.max(...["html", "[data-testid=stMain]", "[data-testid=stSidebarContent]"]
  .map((part) => document.querySelector(part)?.scrollHeight ?? 0))"""

# axe gives up on words in an SVG and on words that something else may overlap. Here their colour is
# held against the backgrounds of what they stand in, from the inside out.
CONTRAST = """(nodes) => {
  const { Color, getContrast, flattenColors } = axe.commons.color
  const parsed = (text) => {
    const colour = new Color()
    colour.parseString(text)
    return colour
  }
  const low = []
  for (const { target, expected } of nodes) {
    const within = (root, selector) =>
      (root?.shadowRoot ?? root?.contentDocument ?? root)?.querySelector(selector)
    const node = target.reduce(within, document)
    if (!node) continue
    const style = getComputedStyle(node)
    const text = parsed(node instanceof SVGElement ? style.fill : style.color)
    if (node instanceof SVGElement) text.alpha *= Number(style.fillOpacity)
    let background = new Color(0, 0, 0, 0)
    for (let at = node; at; at = at.parentElement ?? at.getRootNode().host) {
      const { opacity, backgroundColor } = getComputedStyle(at)
      text.alpha *= Number(opacity)
      if (!(at instanceof SVGElement) && background.alpha < 1) {
        background = flattenColors(background, parsed(backgroundColor))
      }
    }
    background = flattenColors(background, new Color(255, 255, 255, 1))
    const found = getContrast(background, flattenColors(text, background))
    if (found < expected) {
      low.push(`${target.join(" ")}: contrast ${found.toFixed(2)} of ${expected}`)
    }
  }
  return low
}"""


def violations(page: Page) -> list[str]:
    """What axe calls serious or critical on the page: the first of each kind, a short line each.

    axe passes over words that are scrolled out of sight, so the window is made as high as the page,
    and stays so.
    """
    page.wait_for_function(SETTLED)
    window, height = page.viewport_size, page.evaluate(HEIGHT)
    assert window is not None
    if height > window["height"]:
        page.set_viewport_size({"width": window["width"], "height": height + ROOM})
        page.wait_for_function(SETTLED)
    lines = _look(page)
    if lines:  # a page that began to run again in between is looked at in the middle of a fade
        page.wait_for_function(SETTLED)
        lines = _look(page)
    return [line if len(line) <= LENGTH else f"{line[: LENGTH - 1]}…" for line in lines]


def _look(page: Page) -> list[str]:
    options = {"resultTypes": ["violations", "incomplete"]}
    found: dict[str, Any] = _axe.run(page, options=options).response
    lines = [
        f"{rule['id']}{_more(rule['nodes'])}: {' '.join(_target(rule['nodes'][0]))}: "
        + _summary(rule["nodes"][0])
        for rule in found["violations"]
        if rule["impact"] in GRAVE
    ]
    left_open = [
        {"target": _target(node), "expected": _expected(node)}
        for rule in found["incomplete"]
        if rule["id"] == "color-contrast"
        for node in rule["nodes"]
    ]
    pale = page.evaluate(CONTRAST, left_open)
    if pale:
        lines.append(f"color-contrast{_more(pale)}, left open by axe: {pale[0]}")
    return lines


def _more(found: list[Any]) -> str:
    return f" ({len(found)} of them)" if len(found) > 1 else ""


def _target(node: dict[str, Any]) -> list[str]:
    """The selectors that lead to it; more than one where it stands in a frame or a shadow tree."""
    parts = (part if isinstance(part, list) else [part] for part in node["target"])
    return [selector for part in parts for selector in part]


def _summary(node: dict[str, Any]) -> str:
    """What axe would have mended, without its heading."""
    _, _, reasons = node["failureSummary"].partition("\n")
    return " ".join(reasons.split())


def _expected(node: dict[str, Any]) -> float:
    ratio = next(check["data"]["expectedContrastRatio"] for check in node["any"] if check["data"])
    return float(ratio.partition(":")[0])
