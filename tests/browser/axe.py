"""What axe-core finds wrong with a page, and the contrast of the words that it leaves open."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image
from playwright.sync_api import Page

from tests.browser.conftest import wait_for

Colour = tuple[int, ...]

GRAVE = {"serious", "critical"}
COLOUR_RULES = ("color-contrast", "link-in-text-block")
LENGTH = 200  # of one line of a failure
ROOM = 1000  # pixels, for charts that grow with the window

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

# Selectors take axe as long as its rules. It gives up on words in an SVG and on words that another
# thing may overlap: of those this tells the colour, and the backgrounds of what they stand in, laid
# over each other from the inside out; on a heat map or a bar only a picture tells what is behind.
LOOK = """async (rules) => {
  const { Color, flattenColors } = axe.commons.color
  const parsed = (text) => {
    const colour = new Color()
    colour.parseString(text)
    return colour
  }
  const plain = ({ red, green, blue }) => [red, green, blue].map(Math.round)
  const coloursOf = (node) => {
    const style = getComputedStyle(node)
    const isDrawn = node instanceof SVGElement
    const text = parsed(isDrawn ? style.fill : style.color)
    if (isDrawn) text.alpha *= Number(style.fillOpacity)
    let background = new Color(0, 0, 0, 0)
    for (let at = node; at; at = at.parentElement ?? at.getRootNode().host) {
      const { opacity, backgroundColor } = getComputedStyle(at)
      text.alpha *= Number(opacity)
      if (!(at instanceof SVGElement) && background.alpha < 1) {
        background = flattenColors(background, parsed(backgroundColor))
      }
    }
    background = flattenColors(background, new Color(255, 255, 255, 1))
    const { left, top, right, bottom } = node.getBoundingClientRect()
    return {
      text: plain(flattenColors(text, background)),
      background: plain(background),
      box: [left, top, right, bottom].map(Math.round),
      isOnShape: isDrawn
        && Boolean(node.closest(".js-plotly-plot")?.querySelector("image, .bars path")),
    }
  }
  const told = (node) => ({
    html: node.html,
    summary: node.failureSummary,
    expected: node.any.find(({ data }) => data?.expectedContrastRatio)?.data.expectedContrastRatio,
  })
  const { violations, incomplete } = await axe.run(document, {
    resultTypes: ["violations", "incomplete"],
    selectors: false,
    elementRef: true,
    ...(rules.length && { runOnly: rules }),
  })
  return {
    violations: violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(told) })),
    open: incomplete
      .filter(({ id }) => id === "color-contrast")
      .flatMap(({ nodes }) => nodes)
      .filter(({ element }) => element?.isConnected)
      .map((node) => ({ ...told(node), ...coloursOf(node.element) })),
  }
}"""


def violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe calls serious or critical on the page: the first of each kind, a short line each.

    By some of its rules, or by all. axe passes over words that are scrolled out of sight, so the
    window is made as high as the page, and stays so.
    """
    wait_for(page, SETTLED)
    window, height = page.viewport_size, page.evaluate(HEIGHT)
    assert window is not None
    if height > window["height"]:
        page.set_viewport_size({"width": window["width"], "height": height + ROOM})
        wait_for(page, SETTLED)
    lines = _look(page, rules)
    if lines:  # a page that began to run again in between is looked at in the middle of a fade
        wait_for(page, SETTLED)
        lines = _look(page, rules)
    return [line if len(line) <= LENGTH else f"{line[: LENGTH - 1]}…" for line in lines]


def _look(page: Page, rules: Sequence[str]) -> list[str]:
    page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = page.evaluate(LOOK, list(rules))
    lines = [
        f"{rule['id']}{_more(rule['nodes'])}: {_said(rule['nodes'][0])}"
        for rule in found["violations"]
        if rule["impact"] in GRAVE
    ]
    pale = _pale(page, found["open"])
    if pale:
        lines.append(f"color-contrast{_more(pale)}, left open by axe: {pale[0]}")
    return lines


def _pale(page: Page, left_open: list[dict[str, Any]]) -> list[str]:
    """Those of the words that are too much like what is behind them."""
    picture: Image.Image | None = None
    pale = []
    for node in left_open:
        background = tuple(node["background"])
        if node["isOnShape"]:
            if picture is None:
                picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            around = picture.crop(node["box"])
            counts: Any = around.getcolors(around.width * around.height) or [(0, background)]
            background = max(counts)[1]
        ratio, expected = contrast(tuple(node["text"]), background), _expected(node)
        if ratio < expected:
            pale.append(f"{node['html']}: contrast {ratio:.2f} of {expected}")
    return pale


def contrast(one: Colour, other: Colour) -> float:
    """(L1 + 0.05) / (L2 + 0.05), the lighter above: WCAG 2.2, contrast ratio."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    shares = (part / 255 for part in colour)
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _more(found: list[Any]) -> str:
    return f" ({len(found)} of them)" if len(found) > 1 else ""


def _said(node: dict[str, Any]) -> str:
    """The element, and what axe would have mended, without its heading."""
    _, _, reasons = node["summary"].partition("\n")
    return f"{node['html']}: {' '.join(reasons.split())}"


def _expected(node: dict[str, Any]) -> float:
    """The contrast that it must have; where axe does not say, that of small words."""
    return float((node["expected"] or "4.5:1").partition(":")[0])
