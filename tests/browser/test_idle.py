"""A page that is left open is let go by the server, says so, and goes on at a press."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, running, wait_for, wait_until
from tests.browser.train_page import STATE, press

pytestmark = pytest.mark.browser

FINISHED = f"""() =>
  document.querySelector("{STATE}")?.dataset.state === "finished"
    && document.querySelector("[data-testid=live-loss]")?.checkVisibility()"""


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that lets go after six seconds, in place of half an hour."""
    folder = tmp_path_factory.mktemp("impatient")
    place = str(folder / "runs.db")
    with running(
        folder, NAMESMITH_PUBLIC="1", NAMESMITH_IDLE_MINUTES="0.1", NAMESMITH_STORE=place
    ) as server:
        yield server


def test_an_idle_page_is_let_go_and_goes_on_where_it_was_with_its_runs(
    impatient: Server, page: Page
) -> None:
    # By its link, and looked at in one moment: a slow machine may need longer than it may be idle.
    page.goto(f"{impatient.url}?steps=200&go=1")
    wait_for(page, FINISHED)
    is_away(page)
    expect(page.get_by_test_id("live-loss")).to_have_count(0)
    wait_until(lambda: impatient.health()["sessions"] == 0)
    press(page, "Go on")
    wait_for(page, FINISHED)

    page.goto(f"{impatient.url}sample")
    expect(page.get_by_role("heading", level=1, name="Sample")).to_be_visible()
    is_away(page)
    assert page.url.startswith(f"{impatient.url}sample")
    press(page, "Go on")
    expect(page.get_by_role("heading", level=1, name="Sample")).to_be_visible()


def is_away(page: Page) -> None:
    expect(page.get_by_role("heading", name="You’ve been away")).to_be_visible()
