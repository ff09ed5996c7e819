"""Runs outlive a reload, a tab and the server, and are the same wherever they are looked at."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import (
    HAD_TOUR,
    JOB_TIMEOUT,
    PATIENCE_SECONDS,
    Server,
    running,
    wait_until,
)
from tests.browser.train_page import (
    at_rest,
    button,
    choose_pace,
    expect_state,
    open_train,
    press,
    step,
    wait_for_step,
)
from tests.postgres import Postgres
from tests.postgres import postgres as postgres  # a fixture

pytestmark = pytest.mark.browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with closing(browser.new_context(viewport={"width": 1440, "height": 900})) as context:
        context.add_init_script(HAD_TOUR)
        yield context


def title(page: Page, name: str) -> None:
    """Wait until the page's run is this one."""
    expect(page.get_by_test_id("stMain").get_by_text(name, exact=True).first).to_be_visible()


def rows(page: Page, count: int) -> None:
    """Wait until the table of Runs has so many."""
    expect(page.get_by_text(f"1–{count} of {count} runs", exact=True)).to_be_visible()


def test_two_tabs_have_the_same_runs_through_a_reload_and_nobody_else_has_until_they_are_forgotten(
    page: Page, server: Server, context: BrowserContext
) -> None:
    open_train(page, server.url, "?steps=300")
    press(page, "Train")
    expect_state(page, "finished")
    other = page.context.new_page()
    open_train(other, server.url, "?steps=400")
    expect_state(other, "finished")  # of the same run
    press(other, "Train")
    title(other, "Run 2")
    expect_state(other, "finished")
    for tab in (page, other):
        tab.goto(server.url + "runs")
        rows(tab, 2)
    other.close()

    stranger = context.new_page()
    stranger.goto(server.url + "runs")
    expect(stranger.get_by_text("There are no runs yet")).to_be_visible()
    (cookie,) = (
        each for each in context.cookies() if re.fullmatch(r"namesmith_[0-9a-f]{8}", each["name"])
    )
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    stranger.close()

    open_train(page, server.url, "?steps=1000000", pace="Watch")
    press(page, "Train")
    title(page, "Run 3")
    wait_for_step(page, 50)
    page.goto(server.url)  # a link would ask for other settings
    wait_for_step(page, 51)
    expect_state(page, "running")
    title(page, "Run 3")
    press(page, "Pause")
    expect_state(page, "paused")
    reached = step(page)
    page.reload()
    expect_state(page, "paused")
    wait_until(lambda: step(page) == reached)  # the state comes before the figures

    page.goto(server.url + "runs")
    rows(page, 3)
    at_rest(page)
    page.get_by_text("Where runs are kept").click()
    page.get_by_text("Yes, forget all my runs and words").click()
    expect(button(page, "Forget everything")).to_be_enabled()
    press(page, "Forget everything")
    expect(page.get_by_text("There are no runs yet")).to_be_visible()
    page.goto(server.url)
    expect(page.get_by_text("No run yet")).to_be_visible()


def test_a_killed_server_finds_its_runs_and_its_search_again_and_goes_on(
    tmp_path: Path, context: BrowserContext
) -> None:
    place = str(tmp_path / "runs.db")
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE_SECONDS)
    with running(tmp_path, NAMESMITH_STORE=place) as server:
        open_train(page, server.url, "?steps=300")
        press(page, "Train")
        expect_state(page, "finished")
        open_train(page, server.url, "?steps=1000000")
        press(page, "Train")
        wait_for_step(page, 2000)
        press(page, "Pause")
        expect_state(page, "paused")
        reached = step(page)
        kill(server)
    with running(tmp_path, NAMESMITH_STORE=place) as server:
        page.goto(server.url)
        expect_state(page, "paused")
        title(page, "Run 2")
        wait_until(lambda: step(page) == reached)  # the title comes before the figures
        choose_pace(page, "Full speed")
        press(page, "Resume")
        wait_for_step(page, reached + 1)
        press(page, "Pause")
        expect_state(page, "paused")

        # All share their runs here, so a run's file may be larger than elsewhere.
        button(page, "Bring a run back").click()
        page.locator("input[type=file]").last.set_input_files(
            {"name": "large.safetensors", "mimeType": "text/plain", "buffer": bytes(40_000_000)}
        )
        expect(page.get_by_text("large.safetensors couldn’t be used: ")).to_be_visible()
        page.goto(server.url + "runs")
        rows(page, 2)

        page.goto(server.url + "search")
        press(page, "Run search")
        wait_until(lambda: n_searched(place) >= 3)
        kill(server)
        n_kept = n_searched(place)
    with running(tmp_path, NAMESMITH_STORE=place) as server:
        page.goto(server.url + "search")
        expect(button(page, "Go on")).to_be_enabled()
        progress = page.get_by_test_id("live-search-progress").first
        expect(progress).to_contain_text(f"{n_kept} / 40")
        press(page, "Go on")
        expect(progress).to_contain_text("40 / 40", timeout=JOB_TIMEOUT)
        wait_until(lambda: n_searched(place) == 40)


def kill(server: Server) -> None:
    server.process.kill()
    server.process.wait(30)


def n_searched(place: str) -> int:
    """How many runs of searches are kept by now."""
    with closing(sqlite3.connect(place)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM trials").fetchone()[0])
        except sqlite3.OperationalError:  # no table yet
            return 0


def test_two_servers_on_one_database_have_the_same_runs(
    tmp_path: Path, context: BrowserContext, postgres: Postgres
) -> None:
    place = postgres.new_database()
    page, other = context.new_page(), context.new_page()
    with (
        running(tmp_path, NAMESMITH_STORE=place) as first,
        running(tmp_path, NAMESMITH_STORE=place) as second,
    ):
        open_train(page, first.url, "?steps=300")
        press(page, "Train")
        expect_state(page, "finished")
        other.goto(second.url)
        expect_state(other, "finished")
        press(other, "Train")
        title(other, "Run 2")
        expect_state(other, "finished")
        page.goto(first.url + "runs")
        rows(page, 2)
        for each in (page, other):
            each.goto("about:blank")
