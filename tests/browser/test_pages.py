"""The other pages as a visitor uses them, and the whole app in both themes and widths."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from pages.live.component import assets_version
from tests.browser.conftest import Console, Server, wait_for
from tests.browser.train_page import button, expect_state, open_train, press, wait_for_step

pytestmark = pytest.mark.browser

PAGES = {
    "": "Train",
    "sweeps": "Run sweep",
    "search": "Run search",
    "embeddings": "",
    "sample": "",
    "runs": "",
}


def plotted(page: Page, selector: str) -> int:
    """Points of all traces in the chart."""
    n: int = page.evaluate(
        "s => document.querySelector(s)?.data?.reduce((n, t) => n + (t.x?.length ?? 0), 0) ?? 0",
        selector,
    )
    return n


def train(page: Page, server: Server, steps: int = 3000) -> None:
    open_train(page, server.url, f"?steps={steps}")
    press(page, "Train")
    expect_state(page, "finished")


def test_a_sweep_recommends_a_rate_and_train_takes_it(page: Page, server: Server) -> None:
    open_train(page, server.url)
    page.get_by_role("link", name="Sweeps").click()
    press(page, "Run sweep")
    expect(button(page, "Use this rate")).to_be_enabled(timeout=60_000)
    assert plotted(page, "[data-testid=live-sweep-rate]") >= 1000
    assert plotted(page, "[data-testid=live-sweep-exponent]") >= 1000
    press(page, "Use this rate")
    page.get_by_role("link", name="Train").first.click()
    rate = page.get_by_role("slider", name=re.compile("Learning rate"))
    expect(rate).not_to_have_attribute("aria-valuetext", "0.1")
    assert 0.05 <= float(rate.get_attribute("aria-valuetext") or "nan") <= 0.25


def test_any_two_settings_are_swept_and_a_cell_opens_its_run_on_train(
    page: Page, server: Server
) -> None:
    page.goto(server.url + "learning_rate")  # as the page was called once
    page.wait_for_url(re.compile("/sweeps$"))
    page.get_by_role("radio", name="Any one or two settings").click()
    page.get_by_role("combobox", name="Second setting").click()
    page.get_by_role("option", name="Initial weights").click()
    press(page, "Run sweep")
    expect(page.get_by_test_id("live-grid-progress")).to_have_attribute(
        "data-state", "finished", timeout=90_000
    )
    expect(button(page, "Open on Train")).to_be_enabled()
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


def test_a_search_is_seen_as_it_goes_and_its_best_is_trained(page: Page, server: Server) -> None:
    page.goto(server.url + "search")
    page.get_by_role("spinbutton", name="Number of runs").fill("12")
    page.keyboard.press("Enter")
    press(page, "Run search")
    done = page.locator("[data-testid=live-search-progress] dd").first
    expect(done).to_have_text(re.compile(r"^[1-9]\d* / 12$"), timeout=60_000)
    expect(page.get_by_test_id("live-search-progress")).to_have_attribute(
        "data-state", "finished", timeout=120_000
    )
    for name in ("history", "parallel"):
        assert plotted(page, f"[data-testid=live-search-{name}]") >= 12
    press(page, "Use the best on Train")
    page.get_by_role("link", name="Go to Train").click()
    press(page, "Train")
    press(page, "At once")
    expect_state(page, "finished", 60)


def test_names_are_sampled_opened_and_completed(page: Page, server: Server) -> None:
    train(page, server)
    page.get_by_role("link", name="Sample").click()
    press(page, "Sample")
    beginning = page.get_by_role("textbox", name=re.compile("beginning", re.IGNORECASE))
    beginning.fill("mar")
    beginning.press("Enter")
    expect(page.locator("[data-testid=stDataFrame] canvas").first).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    beginning.fill("m.r")
    beginning.press("Enter")
    expect(page.get_by_role("alert").first).to_be_visible()


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


def test_the_map_shows_every_character_and_tells_kinds_by_shape(page: Page, server: Server) -> None:
    train(page, server)
    open_map(page)
    shown = canvas(page)
    assert sorted(shown["tokens"]) == sorted(".abcdefghijklmnopqrstuvwxyz")
    keys = {trace["meta"]: trace["marker"] for trace in drawn(page, "data") if "meta" in trace}
    keys = {kind: keys[kind] for kind in set(shown["kinds"])}
    assert len(keys) == 3
    assert len({key["symbol"] for key in keys.values()}) == 3
    assert len({key["color"] for key in keys.values()}) == 3


def test_labels_that_had_no_room_come_back_when_they_have(page: Page, server: Server) -> None:
    train(page, server)
    open_map(page)
    slider = page.get_by_role("slider", name="Step of")
    n_labels = []
    for key in ("Home", "End", "Home"):
        slider.press(key)
        n_labels.append(sum(map(bool, canvas(page)["places"])))
    assert n_labels[0] == n_labels[2]
    assert min(n_labels) > 10


def test_the_replay_is_driven_by_the_keyboard(page: Page, server: Server) -> None:
    train(page, server, 30_000)
    open_map(page)
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
    for key, step, said in (
        ("Home", "Step 0", "Step 0"),
        ("End", "Step 30,000", "Step 30,000, now"),
    ):
        page.keyboard.press(key)
        expect(shown).to_have_text(step)
        expect(slider).to_have_attribute("aria-valuetext", said)
    page.keyboard.press("ArrowLeft")
    expect(shown).not_to_have_text("Step 30,000")
    assert drawn(page, "layout.xaxis.range") == axes
    page.get_by_role("checkbox", name="Zoom").focus()
    page.keyboard.press("Space")
    wait_for(page, f"document.querySelector('{MAP}').layout.xaxis.range[0] > {axes[0]}")


def test_another_character_leaves_the_chart_its_zoom_and_its_step(
    page: Page, server: Server
) -> None:
    train(page, server)
    open_map(page)
    page.get_by_role("slider", name="Step of").press("ArrowLeft")
    page.get_by_role("checkbox", name="Zoom").check()
    step = page.get_by_test_id("scrubber-step").inner_text()
    zoomed = drawn(page, "layout.xaxis.range")
    page.evaluate(f"window.chart = document.querySelector('{MAP}')")
    page.get_by_role("combobox", name=re.compile("Character")).click()
    page.keyboard.type("m")
    page.get_by_role("option", name="m", exact=True).click()
    wait_for(page, "window.chart.data[0].name.startsWith('m and')")
    assert page.evaluate(f"window.chart === document.querySelector('{MAP}')")
    assert page.get_by_test_id("scrubber-step").inner_text() == step
    assert drawn(page, "layout.xaxis.range") == zoomed


def test_with_reduced_motion_the_replay_takes_few_steps(page: Page, server: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    train(page, server, 30_000)
    open_map(page)
    page.evaluate(
        """() => {
          window.moments = []
          const step = document.querySelector("[data-testid=scrubber-step]")
          const note = () => window.moments.push([performance.now(), step.textContent])
          new MutationObserver(note).observe(step, { childList: true })
        }"""
    )
    press(page, "Play")
    wait_for(page, "window.moments.length >= 3")
    press(page, "Hold")
    (_, first), (at, _), (then, _) = page.evaluate("window.moments.slice(0, 3)")
    assert first == "Step 0"
    assert then - at > 900


def test_a_page_that_needs_a_model_trains_one_in_one_click(page: Page, server: Server) -> None:
    page.goto(server.url + "sample")
    press(page, "Train the tutorial's run")
    expect_state(page, "finished", 60)
    expect(button(page, "Sample")).to_be_visible()


def test_a_bad_list_is_refused_and_a_good_one_learned(page: Page, server: Server) -> None:
    open_train(page, server.url, "?steps=1000000")
    press(page, "Train")
    wait_for_step(page, 1)
    page.locator("summary", has_text="32,033").click()
    upload = page.locator("input[type=file]")
    upload.set_input_files(
        {"name": "bad.txt", "mimeType": "text/plain", "buffer": b"one.two\n" * 20}
    )
    expect(page.get_by_text("bad.txt couldn’t be used")).to_be_visible()
    expect_state(page, "running")
    towns = "\n".join(f"Zo\u00eb{letter}ville" for letter in "abcdefghijklmnop")
    upload.set_input_files(
        {"name": "towns.txt", "mimeType": "text/plain", "buffer": towns.encode()}
    )
    press(page, "Use this list")
    press(page, "Reset")  # still the old run's names, from its first weights
    press(page, "Train")
    wait_for_step(page, 1)
    wait_for(
        page,
        "document.querySelector('[data-testid=live-embedding] canvas').drawn.tokens"
        ".includes('\u00eb')",
    )


def test_all_modules_of_a_page_are_of_one_version(page: Page, server: Server) -> None:
    page.goto(server.url + "embeddings")
    expect(page.get_by_role("navigation", name="Lesson")).to_be_attached()
    urls = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    own = [url.rsplit("/", 1) for url in urls if "/assets/live/" in url]
    assert {file for _, file in own} >= {"main.js", "frames.js", "train_view.js", "live.css"}
    front = f"{server.url}assets/live/{assets_version()}/"
    assert all(folder.startswith(front) for folder, _ in own)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_by_deep_link(path: str, page: Page, server: Server) -> None:
    page.goto(server.url + path)
    expect(page.get_by_role("link", name="Sample").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    title = page.get_by_role("heading", level=1).inner_text()
    expect(page).to_have_title(f"{title} · Namesmith")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_role("button").first).to_be_visible()
    expect(page.get_by_text("Page not found")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_is_wider_than_the_window(
    scheme: str, width: int, browser: Browser, server: Server, console: Console
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.on("console", console.take)
    train(page, server, 200)
    for path in PAGES:
        if path:
            # Within the session, by the page's own link, so that the model is still there.
            link = page.get_by_role("link", name=path.replace("_", " ").capitalize()).first
            expand = page.get_by_test_id("stExpandSidebarButton")
            if width < 640 and expand.is_visible():  # the navigation is in the sidebar there
                expand.click()
            link.click()
            page.wait_for_url(re.compile(path))
        expect(page.get_by_test_id("stMain").get_by_role("button").first).to_be_attached()
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, path
    context.close()
    assert not console.errors
