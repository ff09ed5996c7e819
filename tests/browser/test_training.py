"""Training as a visitor sees it: one chart that grows, and commands that reach the run."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, wait_for, wait_until
from tests.browser.train_page import (
    STATE,
    button,
    choose_pace,
    controls_in_view,
    expect_state,
    lowest,
    menu,
    open_train,
    press,
    step,
    tabs_to_train,
    wait_for_step,
)

pytestmark = pytest.mark.browser

LOSS = "[data-testid=live-loss]"
LAST_POINT = f"document.querySelector('{LOSS}').data.find(t => t.name === 'training').x.at(-1)"
PACE = "2,000 a second"


def test_train_grows_one_unchanged_chart_in_one_window_though_its_socket_is_cut(
    page: Page, server: Server
) -> None:
    open_train(page, server.url, pace=PACE)
    assert tabs_to_train(page) <= 8
    before = lowest(page)
    found = controls_in_view(page)
    assert len(found) <= 22, found
    assert not [each for each in found if " disabled" in each]
    press(page, "Train")
    wait_for_step(page, 1)
    assert lowest(page) == before <= 900  # all that moves is in sight, and nothing was moved
    found = controls_in_view(page)
    assert len(found) <= 22, found
    page.evaluate(
        f"""() => {{
          window.chart = document.querySelector('{LOSS}')
          window.redraws = 0
          let last = null
          const look = () => {{
            const picture = window.chart.querySelector('canvas.nm-curve')?.toDataURL()
            if (picture && picture !== last) window.redraws++
            last = picture
            requestAnimationFrame(look)
          }}
          look()
          window.replaced = 0
          const block = document.querySelector('.namesmith')
          new MutationObserver((list) => list.forEach((m) => {{
            if ([...m.removedNodes].some((n) => n.contains?.(window.chart))) window.replaced++
          }})).observe(document.body, {{ childList: true, subtree: true }})
        }}"""
    )
    early = page.evaluate(LAST_POINT)
    wait_for_step(page, step(page) + 3000)
    assert page.evaluate(LAST_POINT) > early + 1000
    assert page.evaluate("window.redraws") >= 3

    page.evaluate("window.liveSockets.at(-1).close()")
    wait_for_step(page, step(page) + 2000)
    assert page.evaluate("window.liveSockets.length") == 2
    expect_state(page, "running")

    choose_pace(page, "Full speed")
    expect_state(page, "finished")
    assert page.locator(f"{LOSS} canvas.nm-curve").count() == 0  # Plotly's own lines are seen again
    expect(page.locator(f"{LOSS} .scatterlayer path.js-line").last).to_be_visible()
    assert page.evaluate(f"window.chart === document.querySelector('{LOSS}')")
    assert page.evaluate("window.replaced") == 0
    shown = page.get_by_test_id("stMetric").filter(has_text="Loss over all examples")
    value = float(shown.get_by_test_id("stMetricValue").inner_text())
    assert 2.2 < value <= 2.40
    assert page.locator("[data-testid=live-names] li").count() == 10
    points = page.evaluate(
        "document.querySelector('[data-testid=live-embedding] canvas').drawn.tokens.length"
    )
    assert points == 27


# Counts what the page says to Streamlit.
COUNT_MESSAGES = """
window.saidByPage = 0
const send = WebSocket.prototype.send
WebSocket.prototype.send = function (data) {
  if (this.url.includes("_stcore/stream")) window.saidByPage++
  return send.call(this, data)
}
"""


def test_pause_and_resume_need_no_run_of_the_page(page: Page, server: Server) -> None:
    page.add_init_script(COUNT_MESSAGES)
    open_train(page, server.url, "?steps=1000000", pace=PACE)
    press(page, "Train")
    wait_for_step(page, 10)
    expect(button(page, "Step")).to_have_count(0)
    page.wait_for_timeout(500)  # until the page has said all that the beginning of a run brings
    said = page.evaluate("window.saidByPage")
    press(page, "Pause")
    expect_state(page, "paused")
    expect(button(page, "Pause")).to_have_count(0)
    expect(button(page, "Step")).to_be_visible()
    button(page, "Resume").focus()
    for name, state in (("Pause", "running"), ("Resume", "paused")):
        page.keyboard.press("Enter")
        expect_state(page, state)
        expect(button(page, name)).to_be_focused()
    with menu(page):
        expect(button(page, "At once")).to_be_hidden()
    assert page.evaluate("window.saidByPage") == said
    paused_at = step(page)
    press(page, "Step")
    wait_for_step(page, paused_at + 1)
    assert page.evaluate("window.saidByPage") > said


def test_without_the_runs_socket_a_press_goes_by_the_page(page: Page, server: Server) -> None:
    page.add_init_script(COUNT_MESSAGES)
    open_train(page, server.url, "?steps=1000000", pace=PACE)
    press(page, "Train")
    wait_for_step(page, 10)
    said = page.evaluate("window.saidByPage")
    page.evaluate(
        "window.liveSockets.at(-1).close(); document.querySelector('.st-key-pause button').click()"
    )
    expect_state(page, "paused")
    assert page.evaluate("window.saidByPage") > said
    press(page, "Resume")
    expect_state(page, "running")


@pytest.mark.long
def test_every_command_reaches_the_run(page: Page, server: Server) -> None:
    open_train(page, server.url, "?steps=1000000", pace=PACE)
    press(page, "Step")
    expect_state(page, "paused")
    wait_for_step(page, 1)
    first_names = page.locator("[data-testid=live-names] li").all_inner_texts()
    with menu(page):
        page.get_by_role("radio", name="100").or_(page.get_by_role("button", name="100")).click()
    press(page, "Step")
    wait_for_step(page, 101)
    assert step(page) == 101
    assert page.locator("[data-testid=live-names] li").all_inner_texts() != first_names
    press(page, "Reset")
    wait_for(
        page,
        "document.querySelector('[data-testid=live-progress] dd').textContent.startsWith('0 /')",
    )

    press(page, "Train")
    for _ in range(5):
        for name in ("Pause", "Step", "Resume"):  # each is pressed as soon as it can be
            press(page, name)
        expect(button(page, "Pause")).to_be_enabled()
        expect_state(page, "running")
    wait_for_step(page, 200)
    press(page, "Pause")
    expect(button(page, "Resume")).to_be_enabled()
    expect_state(page, "paused")

    paused_at = step(page)
    slider = page.get_by_role("slider", name=re.compile("Learning rate"))
    slider.focus()
    for _ in range(3):
        slider.press("PageDown")
    expect(page.locator(f"{STATE} dd").nth(3)).not_to_have_text("0.1")
    assert step(page) == paused_at
    expect(page.locator(LOSS)).to_contain_text(re.compile(r"rate 0\.\d+"))
    press(page, "Resume")
    expect_state(page, "running")
    wait_for_step(page, paused_at + 500)
    expect(button(page, "Pause")).to_be_enabled()


@pytest.mark.long
def test_a_run_goes_on_on_other_pages_and_under_moved_sliders_until_its_tab_is_closed(
    page: Page, server: Server
) -> None:
    wait_until(lambda: server.health()["runs"] == 0)
    open_train(page, server.url, "?n_hidden=50&steps=1000000", pace=PACE)
    press(page, "Train")
    wait_for_step(page, 100)
    page.get_by_role("link", name="Sample").click()
    expect(button(page, "Sample")).to_be_visible()
    wait_for_step(page, 1000)  # the badge goes on
    page.get_by_role("link", name="Train").click()
    expect(page.locator(LOSS)).to_be_visible()
    wait_for_step(page, 1500)
    hidden = page.get_by_role("slider", name=re.compile("Hidden units"))
    expect(hidden).to_have_attribute("aria-valuetext", "50")

    choose_pace(page, "100")
    for more in ("More of the model", "More of the training"):
        page.locator("summary", has_text=more).click()
    for name in ("Context length", "Embedding size", "Hidden units", "Batch size"):
        slider = page.get_by_role("slider", name=re.compile(name))
        before = slider.input_value()
        slider.focus()
        slider.press("ArrowRight")
        expect(slider).not_to_have_value(before)
    expect(page.get_by_text("Changed since this run began")).to_be_visible()
    expect_state(page, "running")

    sessions = server.health()["sessions"]
    assert isinstance(sessions, int)
    assert sessions >= 1
    assert server.health()["runs"] == 1
    page.close()
    wait_until(lambda: server.health()["runs"] == 0)
    wait_until(lambda: int(str(server.health()["sessions"])) < sessions)


def test_a_rate_that_is_too_high_is_named_while_it_runs(page: Page, server: Server) -> None:
    link = "?base_lr=10&steps=1000000&decay_steps=900000"  # however slowly the page is drawn
    open_train(page, server.url, link, pace=PACE)
    press(page, "Train")
    expect(page.get_by_role("status").filter(has_text="The loss is rising")).to_be_visible()
    expect_state(page, "running")


@pytest.mark.long
def test_labels_stay_with_their_lines_under_zoom_and_runs_are_overlaid_by_pick_and_by_drag(
    page: Page, server: Server
) -> None:
    open_train(page, server.url, "?steps=300")
    press(page, "Train")
    expect_state(page, "finished")
    chart = page.locator(LOSS)
    expect(chart.get_by_text("starts at 19.5")).to_be_visible()
    expect(chart.get_by_text("Kneser–Ney: 1.96")).to_be_visible()
    box = page.locator(f"{LOSS} .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.7 * box["height"], steps=5)
    page.mouse.up()
    expect(chart.get_by_text("Kneser–Ney: 1.96")).to_have_count(0)  # its line is out of view
    expect(chart.get_by_text("starts at")).to_have_count(0)
    label = chart.get_by_text("guessing: 3.30")
    expect(label).to_be_visible()
    line = page.evaluate(
        f"""(() => {{
          const chart = document.querySelector("{LOSS}")
          const {{ yaxis }} = chart._fullLayout
          const [low, high] = yaxis.range
          const share = (high - Math.log10(Math.log(27))) / (high - low)
          return chart.getBoundingClientRect().y + yaxis._offset + share * yaxis._length
        }})()"""
    )
    at = label.bounding_box()
    assert at is not None
    assert at["y"] < line < at["y"] + at["height"]
    for _ in range(10):  # on a busy machine two clicks may come too late to be a double one
        page.mouse.dblclick(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
        with suppress(AssertionError):
            expect(chart.get_by_text("Kneser–Ney: 1.96")).to_be_visible(timeout=3_000)
            break
    expect(chart.get_by_text("Kneser–Ney: 1.96")).to_be_visible()

    press(page, "Train")
    expect(page.get_by_text("Run 2", exact=True).first).to_be_visible()
    expect_state(page, "finished")
    expect(button(page, "Show test loss")).to_be_visible()
    wait_for(page, "document.querySelector('[data-testid=stDataFrame] canvas')")
    canvas = page.locator("[data-testid=stDataFrame] canvas").first
    canvas.click(position={"x": 18, "y": 52}, force=True)  # the check box of the first row
    wait_for(page, f"document.querySelector('{LOSS}').data.some((trace) => trace.name === 'Run 1')")
    expect(button(page, "Same seed, other setting")).to_be_visible()

    with menu(page):
        page.get_by_text("Train as I drag").click()
    hidden = page.get_by_role("slider", name=re.compile("Hidden units"))
    hidden.focus()
    hidden.press("ArrowRight")
    wait_for(page, f"document.querySelector('{LOSS}').data.some((trace) => trace.name === 'Run 2')")
    expect(page.get_by_text("Run 3", exact=True).first).to_be_visible()
    expect_state(page, "finished")
