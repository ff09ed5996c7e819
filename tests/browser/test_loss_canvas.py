"""The curve of a run under way: on a canvas, just where Plotly would have it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import plotly
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, wait_for
from tests.browser.train_page import expect_state, open_train, press, step, wait_for_step

pytestmark = pytest.mark.browser

LOSS = "[data-testid=live-loss]"
SCRIPT = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"

# A curve with its band, validation and another run, first by Plotly and then on the canvas.
DRAW = """async ([log, by]) => {
  const { lossTraces } = await import("/charts/loss_traces.js")
  const { TraceCanvas } = await import("/charts/trace_canvas.js")
  const n = 200, width = 4
  const steps = Array.from({ length: n }, (_, i) => width * i + 2.5)
  const line = steps.map((step) => 2 + 3 * Math.exp(-step / 80) + 0.1 * Math.sin(step / 30))
  const moved = (by) => line.map((loss) => loss + by)
  const others = [{ steps, line: moved(1), loss: line, colour: "#009E73", name: "Run 1" }]
  const evaluations = [[0, 5], [300, 2.4], [700, 2]]
  const frame = { width, mean: line, low: line, high: line, evaluations }
  const curve = { steps, line, low: moved(-0.4), high: moved(0.4), others }
  const traces = lossTraces(frame, curve, { training: "#0072B2", validation: "#D55E00" })
  const host = document.createElement("div")
  host.className = "nm-chart"
  host.style.cssText = "width: 700px; height: 400px; position: relative"
  const style = document.createElement("style")
  style.textContent = `.nm-chart[data-live] .scatterlayer { visibility: hidden }
    .nm-curve { position: absolute }`
  document.body.replaceChildren(style, host)
  const type = log ? "log" : "linear"
  const layout = {
    showlegend: false,
    xaxis: { type, range: log ? [0, 3] : [0, 1000] },
    yaxis: { type, range: log ? [0.1, 0.9] : [1, 7] },
  }
  const ofPlotly = by === "nobody" ? [] : traces // behind the canvas they are hidden
  await Plotly.newPlot(host, ofPlotly, layout)
  if (by === "canvas") new TraceCanvas(host).draw(traces, [], "sans-serif")
}"""


def picture(page: Page) -> np.ndarray:
    shown = page.locator(".nm-chart").screenshot()
    return np.asarray(Image.open(io.BytesIO(shown)).convert("RGB"), dtype=np.int16)


@pytest.mark.parametrize("log", [False, True])
def test_the_canvas_shows_what_plotly_shows(modules: Page, log: bool) -> None:
    if not modules.evaluate("Boolean(window.Plotly)"):
        modules.add_script_tag(path=SCRIPT)
    drawn = {}
    for by in ("nobody", "plotly", "canvas"):
        modules.evaluate(DRAW, [log, by])
        drawn[by] = picture(modules)
    lines = np.abs(drawn["plotly"] - drawn["nobody"]).max(axis=2)
    difference = np.abs(drawn["canvas"] - drawn["plotly"]).max(axis=2)
    assert (lines > 20).sum() > 5000  # there is something to compare
    # Edges are smoothed a little differently; nothing is elsewhere, or of another colour.
    assert (difference > 60).sum() < 0.02 * (lines > 20).sum()
    assert difference.sum() < 0.1 * lines.sum()


def counted(page: Page) -> Any:
    """From now on, how often Plotly drew the chart."""
    page.evaluate(
        f"""() => {{
          window.plots = 0
          document.querySelector('{LOSS}').on('plotly_afterplot', () => window.plots++)
        }}"""
    )


@pytest.mark.long
def test_plotly_rests_while_a_run_streams_and_knows_pointer_width_and_zoom(
    page: Page, server: Server
) -> None:
    open_train(page, server.url, "?steps=200000", pace="2,000 a second")
    press(page, "Train")
    wait_for_step(page, 2000)
    counted(page)
    points = page.evaluate(f"document.querySelector('{LOSS}').data.at(-2).x.length")
    wait_for_step(page, 12_000)
    assert page.evaluate(f"document.querySelector('{LOSS}').data.at(-2).x.length") != points
    assert page.evaluate("window.plots") <= 15  # of about 50 frames

    expect_pointer_told(page)
    page.set_viewport_size({"width": 1100, "height": 900})
    wait_for(
        page,
        f"""() => {{
          const chart = document.querySelector('{LOSS}')
          const area = chart._fullLayout._size
          const canvas = chart.querySelector('canvas.nm-curve')
          return canvas && chart._fullLayout.width === chart.clientWidth
            && Math.abs(parseFloat(canvas.style.width) - area.w) < 1
        }}""",
    )
    zoomed = zoom(page)
    assert 0 < zoomed[0] < zoomed[1] < 100_000
    wait_for_step(page, step(page) + 2000)
    assert page.evaluate(f"document.querySelector('{LOSS}').layout.xaxis.range") == zoomed
    expect_state(page, "running")


def expect_pointer_told(page: Page) -> None:
    """The line says its value under the pointer, near its end, which Plotly hasn't drawn yet."""
    box = page.locator(f"{LOSS} .nsewdrag").first.bounding_box()
    assert box is not None
    place = f"""(() => {{
      const {{ data, _fullLayout: {{ xaxis, yaxis }} }} = document.querySelector('{LOSS}')
      const line = data.find(({{ name }}) => name === "training")
      const at = line.x.findIndex((step) => step >= {step(page) - 500})
      return [xaxis.d2p(line.x[at]), yaxis.d2p(line.y[at])]
    }})()"""
    page.mouse.move(box["x"] + 5, box["y"] + 5)

    def hovered() -> bool:
        x, y = page.evaluate(place)
        page.mouse.move(box["x"] + x, box["y"] + y)
        return bool(page.locator(f"{LOSS} .hoverlayer .hovertext").count())

    for _ in range(40):
        if hovered():
            break
        page.wait_for_timeout(100)
    expect(page.locator(f"{LOSS} .hoverlayer .hovertext").first).to_contain_text("training")


def zoom(page: Page) -> list[float]:
    """Drag over a part of the chart; the steps that it shows from then on."""
    box = page.locator(f"{LOSS} .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.9 * box["height"], steps=5)
    page.mouse.up()
    shown: list[float] = page.evaluate(
        f"document.querySelector('{LOSS}').layout.xaxis.range.slice()"
    )
    return shown
