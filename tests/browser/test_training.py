"""Training as a visitor sees it: one chart that grows, and commands that reach the run."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console, Server, wait_for, wait_until
from tests.browser.train_page import (
    STATE,
    button,
    choose_pace,
    expect_state,
    open_train,
    press,
    step,
    wait_for_step,
)

pytestmark = pytest.mark.browser

LOSS = "[data-testid=live-loss]"
LAST_POINT = f"document.querySelector('{LOSS}').data.find(t => t.name === 'training').x.at(-1)"


def test_train_grows_one_unchanged_chart_to_the_tutorials_loss(page: Page, server: Server) -> None:
    open_train(page, server.url)
    choose_pace(page, "2,000 a second")
    press(page, "Train")
    wait_for_step(page, 1)
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
    choose_pace(page, "Full speed")
    expect_state(page, "finished", 60)
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


def test_zoom_stays_while_the_curve_grows(page: Page, server: Server) -> None:
    open_train(page, server.url)
    choose_pace(page, "2,000 a second")
    press(page, "Train")
    wait_for_step(page, 500)
    box = page.locator(f"{LOSS} .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.9 * box["height"], steps=5)
    page.mouse.up()
    zoomed = page.evaluate(f"document.querySelector('{LOSS}').layout.xaxis.range.slice()")
    assert 0 < zoomed[0] < zoomed[1] < 15_000
    wait_for_step(page, step(page) + 2000)
    assert page.evaluate(f"document.querySelector('{LOSS}').layout.xaxis.range") == zoomed


def test_labels_stay_with_their_lines_under_zoom(page: Page, server: Server) -> None:
    open_train(page, server.url, "?steps=300")
    press(page, "Train")
    expect_state(page, "finished")
    chart = page.locator(LOSS)
    expect(chart.get_by_text("starts at 19.5")).to_be_visible()
    expect(chart.get_by_text("Kneser–Ney 1.96")).to_be_visible()
    box = page.locator(f"{LOSS} .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.7 * box["height"], steps=5)
    page.mouse.up()
    expect(chart.get_by_text("Kneser–Ney 1.96")).to_have_count(0)  # its line is out of view
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
    page.mouse.dblclick(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    expect(chart.get_by_text("Kneser–Ney 1.96")).to_be_visible()


def test_pause_change_the_rate_resume(page: Page, server: Server) -> None:
    open_train(page, server.url, "?steps=20000")
    choose_pace(page, "2,000 a second")
    press(page, "Train")
    wait_for_step(page, 200)
    press(page, "Pause")
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


def test_step_and_reset(page: Page, server: Server) -> None:
    open_train(page, server.url)
    press(page, "Step")
    expect_state(page, "paused")
    wait_for_step(page, 1)
    first_names = page.locator("[data-testid=live-names] li").all_inner_texts()
    page.get_by_role("radio", name="100").or_(page.get_by_role("button", name="100")).first.click()
    press(page, "Step")
    wait_for_step(page, 101)
    assert step(page) == 101
    assert page.locator("[data-testid=live-names] li").all_inner_texts() != first_names
    press(page, "Reset")
    wait_for(
        page,
        "document.querySelector('[data-testid=live-progress] dd').textContent.startsWith('0 /')",
    )


def test_the_buttons_fit_the_run_after_quick_presses(page: Page, server: Server) -> None:
    open_train(page, server.url, "?steps=1000000")
    choose_pace(page, "2,000 a second")
    press(page, "Train")
    for _ in range(5):
        for name in ("Pause", "Step", "Resume"):  # each is pressed as soon as it can be
            press(page, name)
        expect(button(page, "Pause")).to_be_enabled()
        expect_state(page, "running")
    press(page, "Pause")
    expect(button(page, "Resume")).to_be_enabled()
    expect_state(page, "paused")


def test_the_view_comes_back_by_itself_when_the_socket_is_cut(page: Page, server: Server) -> None:
    open_train(page, server.url)
    choose_pace(page, "2,000 a second")
    press(page, "Train")
    wait_for_step(page, 100)
    page.evaluate("window.liveSockets.at(-1).close()")
    wait_for_step(page, step(page) + 2000)
    assert page.evaluate("window.liveSockets.length") == 2
    expect_state(page, "running")


def test_the_run_goes_on_while_one_looks_at_other_pages(page: Page, server: Server) -> None:
    open_train(page, server.url, "?n_hidden=50")
    choose_pace(page, "2,000 a second")
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


def test_every_slider_can_be_moved_while_it_runs(page: Page, server: Server) -> None:
    open_train(page, server.url)
    choose_pace(page, "100")
    press(page, "Train")
    wait_for_step(page, 1)
    for name in ("Context length", "Embedding size", "Hidden units", "Batch size"):
        slider = page.get_by_role("slider", name=re.compile(name))
        before = slider.input_value()
        slider.focus()
        slider.press("ArrowRight")
        expect(slider).not_to_have_value(before)
    expect(page.get_by_text("Changed since this run began")).to_be_visible()
    expect_state(page, "running")


def test_closing_the_tab_ends_the_thread_and_a_short_loss_does_not(
    page: Page, server: Server
) -> None:
    wait_until(lambda: server.health()["runs"] == 0, 60)
    open_train(page, server.url)
    choose_pace(page, "10")
    press(page, "Train")
    wait_for_step(page, 1)
    assert server.health()["runs"] == 1
    page.close()
    wait_until(lambda: server.health()["runs"] == 0, 30)


def test_a_link_with_a_wrong_setting_says_so_and_changes_nothing(
    page: Page, server: Server
) -> None:
    open_train(page, server.url, "?n_hidden=5000")
    expect(page.get_by_text("n_hidden must be a whole number from 0 to 1,024")).to_be_visible()
    hidden = page.get_by_role("slider", name=re.compile("Hidden units"))
    expect(hidden).to_have_attribute("aria-valuetext", "100")


def test_runs_are_overlaid_when_picked(page: Page, server: Server, console: Console) -> None:
    open_train(page, server.url, "?steps=500")
    for _ in range(2):
        press(page, "Train")
        expect_state(page, "finished")
        expect(button(page, "Show test loss")).to_be_visible()
    wait_for(page, "document.querySelector('[data-testid=stDataFrame] canvas')")
    canvas = page.locator("[data-testid=stDataFrame] canvas").first
    canvas.click(position={"x": 18, "y": 52}, force=True)  # the check box of the first row
    wait_for(page, f"document.querySelector('{LOSS}').data.some((trace) => trace.name === 'Run 1')")
    expect(button(page, "Same seed, other setting")).to_be_visible()
    assert not console.errors


def test_a_rate_that_is_too_high_is_named_while_it_runs(page: Page, server: Server) -> None:
    open_train(page, server.url, "?base_lr=10&steps=1000000")
    choose_pace(page, "2,000 a second")
    press(page, "Train")
    expect(page.get_by_role("status").filter(has_text="The loss is rising")).to_be_visible()
    expect_state(page, "running")


def test_train_as_i_drag_trains_each_change_over_the_last_curve(page: Page, server: Server) -> None:
    open_train(page, server.url, "?steps=2000")
    press(page, "Train")
    expect_state(page, "finished")
    page.get_by_text("Train as I drag").click()
    hidden = page.get_by_role("slider", name=re.compile("Hidden units"))
    hidden.focus()
    hidden.press("ArrowRight")
    wait_for(page, f"document.querySelector('{LOSS}').data.some((trace) => trace.name === 'Run 1')")
    expect(page.get_by_text("Run 2", exact=True).first).to_be_visible()
    expect_state(page, "finished")
