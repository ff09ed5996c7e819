"""Charts saved as PNG and SVG, and a run that goes out by a button and comes in by a drop."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, expect

from core.runs.files.run_file import from_bytes
from pages.charts.plotly_scripts import SMALL, address
from tests.browser.conftest import Server
from tests.browser.train_page import button, expect_state, open_train, press

pytestmark = pytest.mark.browser
RUN = "?steps=300&n_hidden=8"


def saved(page: Page, chart: str, kind: str) -> tuple[str, bytes]:
    """Name and content of the file that a chart's button gives."""
    place = page.locator(chart).first
    place.hover()
    with page.expect_download() as download:
        place.get_by_role("button", name=f"Save this chart as {kind}").click()
    path = download.value.path()
    return download.value.suggested_filename, path.read_bytes()


def test_charts_are_saved_in_the_pages_theme_and_a_run_goes_out_and_comes_back(
    page: Page, server: Server, tmp_path: Path
) -> None:
    page.emulate_media(color_scheme="dark")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.extend([request.url] * ("plotly" in request.url)))
    open_train(page, server.url, RUN)
    press(page, "Train")
    expect_state(page, "finished")
    for chart in ("loss", "embedding"):
        name, svg = saved(page, f"[data-testid=live-{chart}]", "SVG")
        assert name == f"namesmith-{chart}.svg"
        root = ET.fromstring(svg)
        assert root.tag.endswith("svg")
        background = page.evaluate(
            "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
        )
        assert background.replace(" ", "") in svg.decode().replace(" ", "")
        if chart == "loss":
            words = "".join(root.itertext())
            assert "How wrong its guesses are" in words
            assert "training" in words
        name, png = saved(page, f"[data-testid=live-{chart}]", "PNG")
        assert name == f"namesmith-{chart}.png"
        assert png[:8] == b"\x89PNG\r\n\x1a\n"
        width, _height = struct.unpack(">II", png[16:24])
        shown = page.locator(f"[data-testid=live-{chart}]").evaluate("it => it.clientWidth")
        assert width == 2 * shown
    assert fetched == [server.url + address(SMALL)]  # what drew them saves them too

    button(page, "Download").click()
    with page.expect_download() as download:
        button(page, "The run .safetensors").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    loss = page.get_by_test_id("stMetricValue").nth(1).inner_text()
    record = from_bytes(file.read_bytes())
    assert record.final is not None
    assert f"{record.final.val:.4f}" == loss
    page.goto(server.url)
    button(page, "Bring a run back").click()
    page.locator("input[type=file]").last.set_input_files(file)
    expect(page.get_by_text("It’s there again as run")).to_be_visible()

    page.goto(f"{server.url}counting")  # whose chart stands still
    expect(page.locator("[data-testid=stPlotlyChart] .js-plotly-plot").first).to_be_visible()
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        name, data = saved(page, "[data-testid=stPlotlyChart] .js-plotly-plot", kind)
        assert re.fullmatch(rf"namesmith-[\w-]+\.{kind.lower()}", name)
        assert data.startswith(start)
        assert len(data) > 2_000


def test_a_frame_starts_its_run_and_shows_no_navigation(page: Page, server: Server) -> None:
    page.goto(f"{server.url}{RUN}&go=1&hide=navigation,settings&embed=true")
    expect_state(page, "finished")
    expect(page.get_by_role("link", name="Sample")).to_have_count(0)
    expect(page.get_by_text("Presets", exact=True)).to_have_count(0)
    assert "go=1" not in page.url
