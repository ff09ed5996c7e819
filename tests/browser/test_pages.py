"""The other pages as a visitor uses them."""

from __future__ import annotations

import re
import struct
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.text import embedded_corpus
from pages.live.component import assets_version
from tests.browser.conftest import JOB_TIMEOUT, Server, wait_for
from tests.browser.train_page import button, expect_state, open_train, press

pytestmark = pytest.mark.browser

PAGES = ("", "sweeps", "search", "embeddings", "sample", "runs")


def plotted(page: Page, selector: str) -> int:
    """Points of all traces in the chart."""
    n: int = page.evaluate(
        "s => document.querySelector(s)?.data?.reduce((n, t) => n + (t.x?.length ?? 0), 0) ?? 0",
        selector,
    )
    return n


@pytest.mark.long
def test_a_rate_is_swept_for_and_then_any_two_settings_and_train_takes_what_they_found(
    page: Page, server: Server
) -> None:
    page.goto(server.url + "learning_rate")  # as the page was called once
    page.wait_for_url(re.compile("/sweeps$"))
    press(page, "Run sweep")
    expect(button(page, "Use this rate")).to_be_enabled(timeout=JOB_TIMEOUT)
    assert plotted(page, "[data-testid=live-sweep-rate]") >= 1000
    assert plotted(page, "[data-testid=live-sweep-exponent]") >= 1000
    press(page, "Use this rate")
    page.get_by_role("link", name="Train").first.click()
    rate = page.get_by_role("slider", name=re.compile("Learning rate"))
    expect(rate).not_to_have_attribute("aria-valuetext", "0.1")
    # The valley of the ramp lies at 0.08 to 0.25; a run whose rate falls bears 2.5 times that.
    assert 0.15 <= float(rate.get_attribute("aria-valuetext") or "nan") <= 0.6

    page.get_by_role("link", name="Sweeps").click()
    page.get_by_role("radio", name="Any one or two settings").click()
    page.get_by_role("combobox", name="Second setting").click()
    page.get_by_role("option", name="Initial weights").click()
    # It comes after the button of the same name, whose forerunner goes when all is drawn.
    expect(page.get_by_text(re.compile("Initial weights .*: [0-9]+ runs"))).to_be_visible()
    expect(button(page, "Run sweep")).to_have_count(1)
    press(page, "Run sweep")
    expect(page.get_by_test_id("live-grid-progress")).to_have_attribute(
        "data-state", "finished", timeout=JOB_TIMEOUT
    )
    expect(button(page, "Open on Train")).to_be_enabled(timeout=JOB_TIMEOUT)
    cell = page.evaluate(
        """() => {
          const chart = document.querySelector("[data-testid=live-grid]")
          const { xaxis, yaxis } = chart._fullLayout
          const { x, y } = chart.getBoundingClientRect()
          return [x + xaxis._offset + xaxis.d2p(1), y + yaxis._offset + yaxis.d2p(2)]
        }"""
    )
    page.mouse.move(*cell)
    expect(page.locator("[data-testid=live-grid] .hovertext")).to_contain_text("over 3 seeds")
    page.mouse.click(*cell)
    expect(page.get_by_role("combobox", name="Point")).to_have_value(
        re.compile("Hidden units H 50, Initial weights Scaled")
    )
    press(page, "Open on Train")
    wait_for(
        page,
        """() => document.querySelector("[data-testid=live-loss]")?.data
          ?.some((trace) => trace.name?.startsWith("Hidden units H 50, Initial weights Scaled"))""",
    )


@pytest.mark.long
def test_a_search_is_seen_as_it_goes_and_its_best_is_trained(page: Page, server: Server) -> None:
    page.goto(server.url + "search")
    page.get_by_role("spinbutton", name="Number of runs").fill("12")
    page.keyboard.press("Enter")
    press(page, "Run search")
    done = page.locator("[data-testid=live-search-progress] dd").first
    expect(done).to_have_text(re.compile(r"^[1-9]\d* / 12$"))
    expect(page.get_by_test_id("live-search-progress")).to_have_attribute(
        "data-state", "finished", timeout=JOB_TIMEOUT
    )
    for name in ("history", "parallel"):
        assert plotted(page, f"[data-testid=live-search-{name}]") >= 12
    press(page, "Use the best on Train")
    page.get_by_role("link", name="Go to Train").click()
    press(page, "Train")
    press(page, "At once")
    expect_state(page, "finished")


@pytest.mark.long
def test_a_page_trains_the_model_it_needs_and_its_names_are_sampled_and_completed(
    page: Page, server: Server
) -> None:
    page.goto(server.url + "sample")
    press(page, "Train the tutorial's run")
    expect_state(page, "finished")
    press(page, "Sample")
    beginning = page.get_by_role("textbox", name=re.compile("beginning", re.IGNORECASE))
    beginning.fill("mar")
    beginning.press("Enter")
    expect(page.locator("[data-testid=stDataFrame] canvas").first).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    beginning.fill("m.r")
    beginning.press("Enter")
    expect(page.get_by_role("alert").first).to_be_visible()


@pytest.mark.long
def test_names_are_sifted_and_a_thousand_are_downloaded(page: Page, server: Server) -> None:
    open_train(page, server.url, "?steps=300")
    press(page, "Train")
    expect_state(page, "finished")
    page.get_by_role("link", name="Sample").click()
    expect(button(page, "New seed")).to_be_visible()
    for filtered in ("Only new names", "No duplicates"):
        page.get_by_text(filtered).click()
        expect(page.get_by_role("switch", name=filtered)).to_be_checked()
    shortest = page.get_by_role("slider", name="Length in characters").first
    shortest.press("ArrowRight")
    shortest.press("ArrowRight")
    expect(page.get_by_text(re.compile("^Left out: .* too short or too long"))).to_be_visible()
    page.get_by_text("Many names as a file").click()
    # Ten thousand take a minute in a thread that comes after everything else on a busy machine.
    page.get_by_role("spinbutton", name="How many names").fill("1000")
    page.keyboard.press("Enter")
    press(page, "Write them")
    page.get_by_role("link", name="Embeddings").click()  # meanwhile
    expect(page.get_by_role("heading", level=1, name="Embeddings")).to_be_visible()
    page.get_by_role("link", name="Sample").click()
    with page.expect_download() as download:
        press(page, "Download 1,000 names")
    names = download.value.path().read_text(encoding="utf-8").splitlines()
    assert len(names) == len(set(names)) == 1000
    assert min(map(len, names)) == 2
    assert not set(names) & set(embedded_corpus().texts_of("train"))


def test_ones_own_name_is_judged_and_its_picture_is_downloaded_and_copied(
    page: Page, server: Server
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_train(page, server.url, "?steps=300")
    press(page, "Train")
    expect_state(page, "finished")
    press(page, "Try a name of your own")
    own = page.get_by_role("textbox", name="Your own name")
    own.fill("Zoé")
    own.press("Enter")
    expect(page.get_by_test_id("card")).to_have_attribute("aria-label", re.compile("^Picture: zoe"))
    assert "zo" not in page.url.removeprefix(server.url).lower()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download picture").click()
    png = download.value.path().read_bytes()
    assert struct.unpack(">II", png[16:24]) == (1200, 675)
    press(page, "Copy picture")
    expect(page.get_by_text("Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.read().then((items) => items[0].types)")
    assert copied == ["image/png"]


MAP = "[data-testid=replay-map]"


def open_map(page: Page) -> None:
    page.get_by_role("link", name="Embeddings").click()
    expect(page.locator(f"{MAP} .main-svg").first).to_be_visible()
    # Train's settings leave the side only when the new page has run through; a map that gets their
    # room shows more to the left and right, at the same scale.
    expect(page.get_by_test_id("stSidebar")).not_to_be_visible()
    wait_for(
        page,
        """selector => {
          const map = document.querySelector(selector)
          return Math.abs(map._fullLayout?.width - map.clientWidth) < 1
        }""",
        arg=MAP,
    )


def drawn(page: Page, what: str) -> Any:
    """Something of the map's chart, such as `data` or `layout.xaxis.range`."""
    return page.evaluate(f"document.querySelector('{MAP}').{what}")


def canvas(page: Page) -> dict[str, Any]:
    """What is on the map: tokens, the kind of each, and where its label is."""
    found: dict[str, Any] = page.evaluate(
        f"""() => {{
          const {{ tokens, kinds, places }} = document.querySelector('{MAP} canvas').drawn
          return {{ tokens, kinds, places }}
        }}"""
    )
    return found


def test_the_map_shows_every_character_and_its_replay_is_driven_by_the_keyboard(
    page: Page, server: Server
) -> None:
    open_train(page, server.url)
    press(page, "Train")
    expect_state(page, "finished")
    open_map(page)
    points = canvas(page)
    assert sorted(points["tokens"]) == sorted(".abcdefghijklmnopqrstuvwxyz")
    keys = {trace["meta"]: trace["marker"] for trace in drawn(page, "data") if "meta" in trace}
    keys = {kind: keys[kind] for kind in set(points["kinds"])}
    assert len(keys) == 3
    assert len({key["symbol"] for key in keys.values()}) == 3
    assert len({key["color"] for key in keys.values()}) == 3

    shown, slider = page.get_by_test_id("scrubber-step"), page.get_by_role("slider", name="Step of")
    expect(shown).to_have_text("Step 30,000")
    axes = drawn(page, "layout.xaxis.range")
    button(page, "Play").focus()
    page.keyboard.press("Space")
    expect(button(page, "Hold")).to_be_focused()
    expect(shown).not_to_have_text("Step 30,000")
    early = shown.inner_text()
    expect(shown).not_to_have_text(early)
    page.keyboard.press("Space")
    expect(button(page, "Play")).to_be_focused()
    slider.focus()
    n_labels = []  # those that had no room come back when they have
    for key, step, said in (
        ("Home", "Step 0", "Step 0"),
        ("End", "Step 30,000", "Step 30,000, now"),
        ("Home", "Step 0", "Step 0"),
        ("End", "Step 30,000", "Step 30,000, now"),
    ):
        page.keyboard.press(key)
        expect(shown).to_have_text(step)
        expect(slider).to_have_attribute("aria-valuetext", said)
        n_labels.append(sum(map(bool, canvas(page)["places"])))
    assert n_labels[:2] == n_labels[2:]
    assert min(n_labels) > 10
    page.keyboard.press("ArrowLeft")
    expect(shown).not_to_have_text("Step 30,000")
    assert drawn(page, "layout.xaxis.range") == axes
    page.get_by_role("checkbox", name="Zoom").focus()
    page.keyboard.press("Space")
    wait_for(page, f"document.querySelector('{MAP}').layout.xaxis.range[0] < {axes[0]}")

    # Another character leaves the chart, its zoom and its step.
    at = shown.inner_text()
    whole = drawn(page, "layout.xaxis.range")
    page.evaluate(f"window.chart = document.querySelector('{MAP}')")
    page.get_by_role("combobox", name=re.compile("Character")).click()
    page.keyboard.type("m")
    page.get_by_role("option", name="m", exact=True).click()
    wait_for(page, "window.chart.data[0].name.startsWith('m and')")
    assert page.evaluate(f"window.chart === document.querySelector('{MAP}')")
    assert shown.inner_text() == at
    assert drawn(page, "layout.xaxis.range") == whole


@pytest.mark.long
def test_with_reduced_motion_the_replay_takes_few_steps(page: Page, server: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_train(page, server.url)
    press(page, "Train")
    expect_state(page, "finished")
    open_map(page)
    page.evaluate(
        """() => {
          window.moments = []
          const step = document.querySelector("[data-testid=scrubber-step]")
          const note = () => window.moments.push([performance.now(), step.textContent])
          new MutationObserver(note).observe(step, { characterData: true, subtree: true })
        }"""
    )
    press(page, "Play")
    wait_for(page, "window.moments.length >= 3")
    press(page, "Hold")
    (_, first), (at, _), (then, _) = page.evaluate("window.moments.slice(0, 3)")
    assert first == "Step 0"
    assert then - at > 900


def test_every_page_opens_by_deep_link_with_modules_of_one_version(
    page: Page, server: Server
) -> None:
    for path in PAGES:
        page.goto(server.url + path)
        expect(page.get_by_role("link", name="Sample").first).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        title = page.get_by_role("heading", level=1).inner_text()
        expect(page).to_have_title(f"{title} · Namesmith")
        main = page.get_by_test_id("stMain")
        expect(main.get_by_role("button").first).to_be_visible()
        expect(page.get_by_text("Page not found")).to_have_count(0)
        expect(page.get_by_role("navigation", name="Lesson")).to_be_attached()
        urls = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
        own = [url.rsplit("/", 1) for url in urls if "/assets/live/" in url]
        assert {file for _, file in own} >= {"main.js", "frames.js", "train_view.js", "live.css"}
        front = f"{server.url}assets/live/{assets_version()}/"
        assert all(folder.startswith(front) for folder, _ in own)
