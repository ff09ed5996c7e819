"""The lesson as a learner and a presenter walk it, by keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from core.lesson.contents import CHAPTERS
from tests.browser.conftest import Server
from tests.browser.train_page import button, open_train

pytestmark = pytest.mark.browser

PICTURE = ".js-plotly-plot, [data-testid=stHtml] svg"
ASKED_FIRST = {chapter.slug for chapter in CHAPTERS if chapter.prediction}
NUMBERED = list(enumerate(CHAPTERS, start=1))


def expect_chapter(page: Page, number: int) -> None:
    """The chapter stands whole, with its last part and the bar, and no script runs any more."""
    chapter = CHAPTERS[number - 1]
    expect(page).to_have_url(re.compile(rf"/{chapter.slug}(\?|$)"))
    expect(page.get_by_role("heading", name=f"{number}. {chapter.title}")).to_be_visible()
    if chapter.slug in ASKED_FIRST:
        expect(page.locator(".nm-way [aria-current=page]")).to_have_text(str(number))
        show = page.get_by_role("button", name="Show the answer")
        guesses = page.get_by_role("radiogroup").get_by_text("Just show me")
        shown = page.get_by_text("To think about:")
        expect(show.or_(guesses).or_(shown).first).to_be_visible()
        if show.is_visible():
            page.keyboard.press("a")
        elif not shown.is_visible():
            guesses.click()
            page.get_by_role("heading", level=1).click()  # or the arrow keys would move the guess
    question = chapter.question.replace("`", "")  # as Markdown shows it
    expect(page.get_by_text(f"To think about: {question}")).to_be_visible()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.locator(PICTURE).first).to_be_visible()
    # The bar takes the keys; it is a module of its own and may come after the rest.
    expect(page.locator(".nm-way [aria-current=page]")).to_have_text(str(number))


def tab_to(page: Page, name: str) -> None:
    """Move the focus by Tab to the button with this name."""
    expect(page.get_by_role("button", name=name)).to_be_visible()
    for _ in range(100):  # the settings come first
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.getAttribute('aria-label')") == name:
            return
    raise AssertionError(f"{name} cannot be reached by Tab")


@pytest.mark.long
def test_a_presenter_walks_every_page_with_a_clicker(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_train(page, server.url, pace="Watch")
    tab_to(page, "Presenter's view")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()

    for _ in range(5):  # the page has followed none of them yet
        page.keyboard.press("PageDown")
    page.keyboard.press("PageUp")
    expect(page).to_have_url(re.compile("/sample$"))
    expect(page.get_by_role("heading", name="There is no model yet")).to_be_visible()
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    for _ in range(5):  # one more than there are pages before it
        page.keyboard.press("PageUp")
    expect(page).to_have_url(server.url)
    expect(button(page, "Train")).to_be_enabled()

    for path in ("sweeps", "search", "embeddings", "sample", "runs", "lesson"):
        page.keyboard.press("PageDown")
        expect(page).to_have_url(re.compile(f"/{path}$"))
        expect(page.get_by_test_id("stMain").get_by_role("button").first).to_be_visible()
    for number, _ in NUMBERED:
        page.keyboard.press("PageDown" if number % 2 else "ArrowRight")
        expect_chapter(page, number)
        assert_nothing_is_wider(page)
        expect(page.locator(PICTURE).first).to_be_in_viewport(ratio=0.95)  # it has margins
    for key, number in (("PageUp", len(CHAPTERS) - 1), ("ArrowLeft", len(CHAPTERS) - 2)):
        page.keyboard.press(key)
        expect_chapter(page, number)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stHeader")).to_be_visible()


@pytest.mark.long
def test_a_request_that_gets_lost_is_sent_again(page: Page, server: Server) -> None:
    lost: list[str | bytes] = []

    def between(route: WebSocketRoute) -> None:
        upstream = route.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if isinstance(message, bytes) and b'"path":"overfit"' in message and not lost:
                lost.append(message)
            else:
                upstream.send(message)

        route.on_message(pass_on)

    page.route_web_socket(re.compile("/_stcore/stream"), between)
    page.goto(f"{server.url}loss")
    expect_chapter(page, 5)
    page.keyboard.press("ArrowRight")
    expect_chapter(page, 6)
    assert lost


@pytest.mark.long
def test_a_learner_walks_by_arrow_keys_and_finds_it_all_again(page: Page, server: Server) -> None:
    page.goto(f"{server.url}lesson")
    expect(page.get_by_role("heading", name="Contents", level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Next (right arrow)")).to_be_visible()
    for key, number in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("ArrowRight", 2)):
        page.keyboard.press(key)
        expect_chapter(page, number)
    page.reload()
    expect_chapter(page, 2)
    for number, chapter in NUMBERED[:3]:
        seen = ", seen" if number < 3 else ""
        name = f"{number}. {chapter.title}{seen}"
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()

    look_up = [chapter.slug for chapter in CHAPTERS].index("look_up") + 1
    page.goto(f"{server.url}look_up")
    expect_chapter(page, look_up)
    term = page.locator(".nm-term").first
    expect(term.locator(".nm-tip")).to_be_hidden()
    term.focus()
    expect(term.locator(".nm-tip")).to_be_visible()

    page.get_by_role("radio", name="A list").click()
    expect(page).to_have_url(re.compile(r"look_up\.what=A(\+|%20)list"))
    page.goto(page.url)
    indices = page.get_by_role("textbox", name=re.compile("Indices"))
    expect(indices).to_be_visible()
    expect_chapter(page, look_up)
    indices.focus()
    page.keyboard.press("ArrowRight")  # stays in the control
    page.keyboard.press("ArrowLeft")
    expect_chapter(page, look_up)
    page.get_by_role("button", name="Next (right arrow)").click()
    expect_chapter(page, look_up + 1)
    page.keyboard.press("ArrowRight")
    expect_chapter(page, look_up + 2)
    page.get_by_test_id("stTopNavLink").filter(has_text="Sample").click()  # the key counted once
    expect(page.get_by_role("heading", name="There is no model yet")).to_be_visible()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page).to_have_url(re.compile("/sample$"))


def assert_nothing_is_wider(page: Page) -> None:
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0, page.url
