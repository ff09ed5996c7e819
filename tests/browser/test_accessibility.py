"""No page keeps anyone out: axe finds nothing grave in either theme, and none is too wide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from core.lesson.contents import CHAPTERS
from tests.browser.axe import COLOUR_RULES, violations
from tests.browser.conftest import HAD_TOUR, JOB_TIMEOUT, Console, Server, visitor, watched
from tests.browser.train_page import button, expect_state, open_train, press

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]

# Paths of the pages that look at the session's model, and of those that tell about it.
WORK = ("", "sweeps", "search", "embeddings", "sample", "runs")
LESSON = ("lesson", *(chapter.slug for chapter in CHAPTERS), "glossary")
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

WITH_FAULTS = """
<!doctype html><html lang="en"><title>Faults</title><body><main>
<button></button>
<svg width="200" height="30" role="img" aria-label="Words">
  <text y="20" fill="#999">pale</text><text x="60" y="20" fill="#333">dark</text>
</svg>
<div class="js-plotly-plot"><svg width="200" height="40" role="img" aria-label="Bars">
  <g class="bars"><path d="M0 0H200V40H0Z" fill="#222" /></g>
  <text x="10" y="25" fill="#fff">white on a bar</text>
  <text x="130" y="25" fill="#333">lost</text>
</svg></div></main>"""


class Visit:
    """A session that goes from page to page by the app's links, and what was wrong on its way."""

    def __init__(self, page: Page, server: Server, rules: Sequence[str] = ()) -> None:
        self.page = page
        self.root = server.url
        self.rules = rules
        self.found: list[str] = []

    def go(self, path: str) -> None:
        """Open a page of the app by its own link."""
        page = self.page
        expand = page.get_by_test_id("stExpandSidebarButton")
        is_narrow = page.get_by_test_id("stTopNav").count() == 0
        if is_narrow and expand.is_visible():
            expand.click()
        link = page.locator(f"a[href='{self.root}{path}']").first
        if not is_narrow and not link.is_visible():
            page.get_by_role("button", name="Lesson", exact=True).click()
        link.click()
        page.wait_for_url(re.compile(rf"{re.escape(self.root)}{path}(\?.*)?$"))
        collapse = page.get_by_test_id("stSidebarCollapseButton").get_by_role("button")
        if is_narrow and collapse.is_visible():
            collapse.click()
        expect(page.get_by_test_id("stMain").get_by_role("button").first).to_be_attached()

    def check(self, state: str) -> None:
        self._note(state, violations(self.page, self.rules))
        self.check_width(state)

    def check_width(self, state: str) -> None:
        too_wide = self.page.evaluate(TOO_WIDE)
        self._note(state, [f"{too_wide} pixels too wide"] if too_wide > 0 else [])

    def _note(self, state: str, faults: Sequence[str]) -> None:
        where = self.page.url.removeprefix(self.root).partition("?")[0] or "train"
        self.found += [f"{where}, {state}: {fault}" for fault in faults]

    def check_opened(self, state: str) -> None:
        """With all that unfolds unfolded."""
        for summary in self.page.locator("details:not([open]) > summary").element_handles():
            summary.click()
        self.check(state)


def test_the_checks_find_a_missing_name_and_words_that_do_not_stand_out(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(WITH_FAULTS)
    name, words = sorted(violations(page))
    assert name.startswith("button-name: <button></button>: ")
    assert words.startswith("color-contrast (2 of them)")  # pale and lost, not dark or white
    assert words.endswith("contrast 2.85 of 4.5")
    page.close()


@pytest.mark.parametrize(
    ("scheme", "size"),
    [
        pytest.param("light", "wide", marks=pytest.mark.long),
        pytest.param("dark", "wide", marks=pytest.mark.long),
        pytest.param("light", "narrow", marks=pytest.mark.long),
    ],
)
def test_no_page_has_a_grave_fault_or_is_wider_than_the_window(
    scheme: Scheme, size: str, browser: Browser, server: Server, console: Console
) -> None:
    # Names and roles are the same in the dark.
    rules = COLOUR_RULES if scheme == "dark" else ()
    with visiting(scheme, size, browser, server, console, rules) as visit:
        page = visit.page
        open_train(page, server.url, "?steps=1500")
        if size == "wide":
            before_and_in_a_run(visit)
        else:
            page.get_by_test_id("stExpandSidebarButton").click()
            visit.check_opened("settings open")
            close = page.get_by_test_id("stSidebarCollapseButton").get_by_role("button")
            if close.is_visible():  # a press beside it has closed it else
                close.click()
        # Narrow, one chapter stands for all: they share what surrounds them.
        after_a_run(visit, LESSON if size == "wide" else (*LESSON[:2], LESSON[-1]))


@pytest.mark.long
def test_no_page_has_a_grave_fault_in_a_narrow_dark_window_where_the_curve_and_the_names_come_first(
    browser: Browser, server: Server, console: Console
) -> None:
    with visiting("dark", "narrow", browser, server, console) as visit:
        open_train(visit.page, server.url, "?steps=200")
        press(visit.page, "Train")
        expect_state(visit.page, "finished")
        tops = [
            visit.page.get_by_test_id(f"live-{part}").evaluate(
                "node => node.getBoundingClientRect().top"
            )
            for part in ("progress", "loss", "names", "network", "embedding")
        ]
        assert tops == sorted(tops)  # the curve and the names come first
        assert tops[2] < SIZES["narrow"][1]
        visit.check("finished")
        for path in (*WORK[1:], "lesson"):
            visit.go(path)
            visit.check("finished")


@contextmanager
def visiting(
    scheme: Scheme,
    size: str,
    browser: Browser,
    server: Server,
    console: Console,
    rules: Sequence[str] = (),
) -> Iterator[Visit]:
    """A visit by a browser of its own, at whose end nothing may have been found."""
    width, height = SIZES[size]
    of_scheme: dict[str, Any] = {
        "viewport": {"width": width, "height": height},
        "color_scheme": scheme,
        "reduced_motion": "reduce",
    }
    with visitor(browser, HAD_TOUR, **of_scheme) as page, watched(page, console):
        visit = Visit(page, server, rules)
        yield visit
    assert not visit.found, "\n".join(visit.found)


def before_and_in_a_run(visit: Visit) -> None:
    page = visit.page
    visit.check_opened("no run")
    for name in ("Share", "Lesson", "Main menu", "Presets", "Pace and more"):
        page.get_by_role("button", name=re.compile(f"^{name}")).first.click()
        visit.check(f"{name} open")
        page.keyboard.press("Escape")
    for path in WORK[1:]:
        visit.go(path)
        visit.check("no run")
    visit.go("")
    press(page, "Step")
    expect_state(page, "paused")
    visit.check("paused")
    for path in WORK[2:]:
        visit.go(path)
        visit.check_opened("paused")
    visit.go("")


def after_a_run(visit: Visit, lesson: Sequence[str]) -> None:
    page = visit.page
    press(page, "Train")
    expect_state(page, "finished")
    expect(page.get_by_role("button", name="Download", exact=True)).to_be_visible()
    visit.check("finished")
    visit.go("sweeps")
    press(page, "Run sweep")
    expect(button(page, "Use this rate")).to_be_enabled(timeout=JOB_TIMEOUT)
    visit.check_opened("finished")
    page.get_by_role("radio", name="Any one or two settings").click()
    # It comes after the button of the same name, whose forerunner goes when all is drawn.
    expect(page.get_by_text("21 runs.")).to_be_visible()
    expect(button(page, "Run sweep")).to_have_count(1)
    press(page, "Run sweep")
    expect(button(page, "Open on Train")).to_be_enabled(timeout=JOB_TIMEOUT)
    visit.check_opened("any settings swept")
    visit.go("search")
    page.get_by_role("spinbutton", name="Number of runs").fill("12")
    page.keyboard.press("Enter")
    press(page, "Run search")
    expect(button(page, "Use the best on Train")).to_be_enabled(timeout=JOB_TIMEOUT)
    visit.check_opened("searched")
    for path in WORK[3:]:
        visit.go(path)
        visit.check_opened("finished")
        if path == "sample":
            page.get_by_role("radio", name="Your own name").click()
            expect(page.get_by_test_id("card")).to_be_visible()
            visit.check_opened("own name")
    visit.go("counting")
    visit.check("before a guess")
    visit.go("lesson")
    page.get_by_text("Show answers at once").click()
    for path in lesson:
        visit.go(path)
        if path == "rate":
            press(page, "Train all three rates")
            expect(page.get_by_test_id("live-rates").get_by_text("loss")).to_have_count(3)
            expect(button(page, "Stop")).to_be_enabled()
            press(page, "Stop")
            expect(button(page, "Train all three again")).to_be_enabled()
        visit.check_opened("finished")
