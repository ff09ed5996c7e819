"""A room in three browsers at once: a host on a stage, and two phones, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import HAD_TOUR, Console, Server, visitor, wait_for, watched
from tests.browser.train_page import button, expect_state, press

pytestmark = pytest.mark.browser

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True,
}  # fmt: skip
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Three(NamedTuple):
    """Who is there."""

    host: Page
    light: Page
    dark: Page


@pytest.fixture
def three(browser: Browser, console: Console) -> Iterator[Three]:
    size = {"viewport": {"width": 1280, "height": 720}}
    with ExitStack() as stack:
        pages = [
            stack.enter_context(visitor(browser, HAD_TOUR, **options))
            for options in (size, PHONE, {**PHONE, "color_scheme": "dark"})
        ]
        for page in pages:
            stack.enter_context(watched(page, console))
        yield Three(*pages)


def open_room(host: Page, url: str) -> str:
    host.goto(url + "room")
    press(host, "Open a room")
    code = host.locator(".nm-room-code")
    expect(code).to_have_text(re.compile("^[A-HJ-NP-Z]{5}$"))
    return code.inner_text()


def join(three: Three, url: str) -> None:
    """Open a room, have both phones in it, and its wall on the stage."""
    code = open_room(three.host, url)
    for phone in (three.light, three.dark):
        phone.goto(f"{url}?room={code}")
        expect(strip(phone)).to_contain_text(f"Room {code}")
    three.host.get_by_text("The wall", exact=True).click()


def asked(page: Page) -> Any:
    return page.get_by_test_id("guess")


def strip(page: Page) -> Any:
    return page.get_by_test_id("room")


@pytest.mark.long
def test_a_room_learns_together(three: Three, server: Server) -> None:
    host, light, dark = three
    code = open_room(host, server.url)
    qr = host.get_by_alt_text(f"QR code of the link to room {code}").bounding_box()
    assert qr is not None
    assert qr["height"] > 0.5 * 720  # for the last row
    assert not violations(host)

    # One comes by the link, the other types the code.
    light.goto(f"{server.url}?room={code}&n_hidden=60")
    expect(strip(light)).to_contain_text(f"Room {code}")
    dark.goto(server.url + "room")
    dark.get_by_label("Code of the room").fill(code.lower())
    press(dark, "Join")
    expect(strip(dark)).to_contain_text("2 here")
    nickname = light.get_by_role("textbox", name="Your nickname")
    nickname.fill("<i>Ann</i>")
    nickname.press("Enter")
    for phone in (light, dark):
        assert not phone.evaluate(SIDEWAYS)
        press(phone, "Train")
        expect_state(phone, "running")
        assert not violations(phone)

    # The wall, on a stage.
    host.get_by_text("The wall", exact=True).click()
    tile = host.get_by_role("button", name="<i>Ann</i>, validation loss")
    expect(tile).to_be_visible()
    host.get_by_role("button", name="Presenter's view").click()
    expect(host.get_by_role("button", name="Full screen (F)")).to_be_visible()
    expect(tile).to_be_in_viewport()
    assert not violations(host)
    tile.click()
    expect(host.get_by_text("<i>Ann</i> at step")).to_be_visible()
    expect(host.get_by_test_id("live-loss")).to_be_visible()
    press(host, "Back to the wall")
    with host.expect_download() as download:
        press(host, "Download picture")
    assert download.value.suggested_filename == "namesmith-room.png"

    # Follow me, letting go, coming back; nobody's run is lost.
    host.get_by_text("Follow me").click()
    host.get_by_label("Chapter", exact=True).select_option("counting")
    for page in three:
        page.wait_for_url(re.compile("/counting$"))
    press(dark, "Following: let go")
    expect(button(dark, "Follow the host again")).to_be_visible()
    press(host, "Next (right arrow)")
    light.wait_for_url(re.compile("/idea$"))
    assert dark.url.endswith("/counting")
    press(dark, "Follow the host again")
    dark.wait_for_url(re.compile("/idea$"))
    host.keyboard.press("Escape")
    expect(host.get_by_role("button", name="Full screen (F)")).to_be_hidden()
    host.get_by_role("link", name="Train").first.click()
    for phone in (light, dark):
        expect(phone.get_by_test_id("live-loss")).to_be_visible()
        wait_for(phone, "document.querySelector('.nm-progress')?.dataset.state != 'idle'")

    # Who reloads is in it again; who leaves isn't; the end is said to all.
    light.reload()
    expect(nickname).to_have_value("<i>Ann</i>")
    press(dark, "Leave")
    press(dark, "Really leave?")
    expect(dark.get_by_text(f"You’ve left room {code}.")).to_be_visible()
    expect(strip(dark)).to_have_count(0)
    host.reload()
    expect(strip(host)).to_contain_text("1 joined")
    press(host, "End the room")
    press(host, "Really end it?")
    expect(light.get_by_text(f"The host has ended room {code}.")).to_be_visible()
    expect(strip(light)).to_have_count(0)


def test_a_room_guesses_and_sees_what_it_guessed(three: Three, server: Server) -> None:
    host, light, dark = three
    join(three, server.url)
    host.get_by_role("button", name="Presenter's view").click()
    expect(host.get_by_role("button", name="Full screen (F)")).to_be_visible()
    host.get_by_text("Ask the room", exact=True).click()
    host.get_by_role("button", name="We count longer and longer runs").click()
    for page in three:
        expect(asked(page)).to_be_in_viewport()
        expect(asked(page)).to_contain_text("0 of 2 have answered.")
    for phone, option in ((light, "It falls, then rises"), (dark, "It keeps falling")):
        assert not phone.evaluate(SIDEWAYS)
        press(phone, option)
        expect(asked(phone)).to_contain_text("Counted.")
        expect(button(phone, f"✓ {option}")).to_be_disabled()
    expect(asked(host)).to_contain_text("2 of 2 have answered.")
    expect(asked(host).locator(".nm-guess-bar").first).to_be_hidden()

    # Who reloads has answered still; who has put it aside can have it back.
    light.reload()
    expect(button(light, "✓ It falls, then rises")).to_be_disabled()
    press(dark, "Not now")
    expect(asked(dark)).to_be_hidden()
    press(dark, "The question")
    expect(asked(dark)).to_be_visible()

    press(host, "Show the answers")
    for page in three:
        expect(asked(page).locator(".nm-guess-count")).to_have_text(["1", "1", "0"])
        expect(asked(page).locator(".nm-guess-bar").first).to_be_visible()
        assert not page.evaluate(SIDEWAYS)
    wall = host.get_by_test_id("wall").bounding_box()
    assert wall is not None
    assert wall["y"] < 720 / 2  # half of the screen is still the wall's
    press(light, "See the picture")
    light.wait_for_url(re.compile("/counting$"))
    expect(light.get_by_text("Right.")).to_be_attached()
    press(host, "See the picture")
    host.wait_for_url(re.compile("/counting$"))
    press(host, "The question")
    press(host, "Put away")
    for page in three:
        expect(asked(page)).to_be_hidden()
    press(host, "Ask this chapter’s question")
    for page in three:
        expect(asked(page)).to_contain_text("0 of 2 have answered.")
        assert not violations(page)


@pytest.mark.long
def test_a_challenge_is_tried_and_judged_by_the_test_part(three: Three, server: Server) -> None:
    host, light, dark = three
    join(three, server.url)
    host.get_by_text("Challenge", exact=True).click()
    host.get_by_label("At most").fill("300")
    assert not violations(host)
    press(host, "Begin")
    tried = [page.get_by_test_id("challenge") for page in three]
    for page, shown in zip(three, tried, strict=True):
        expect(shown).to_contain_text("Lowest loss on Names")
        expect(shown).to_contain_text(" left")
        assert not page.evaluate(SIDEWAYS)
        assert not violations(page)
    # One is within the budget, the other isn't, and reads why.
    for phone, steps in ((light, 300), (dark, 400)):
        phone.goto(f"{server.url}?steps={steps}")
        press(phone, "Train")
        expect_state(phone, "finished")
    expect(tried[1]).to_contain_text("You’re first of 1")
    expect(tried[2]).to_contain_text("It took 400 steps: at most 300 steps count.")
    expect(tried[0]).to_contain_text("Guest 1 leads with")
    press(host, "Finish it now")
    for page, shown in zip(three, tried, strict=True):
        expect(shown).to_contain_text("over")
        expect(shown.get_by_role("row").nth(1).get_by_role("cell").nth(3)).to_have_text(
            re.compile(r"^\d\.\d{4}$")
        )
        assert not page.evaluate(SIDEWAYS)
        assert not violations(page)
    press(host, "Clear it away")
    for shown in tried:
        expect(shown).to_be_hidden()


def test_a_room_whose_process_ended_is_said_to_be_over(page: Page, server: Server) -> None:
    # As it is where another process has taken over the page: the tab alone knows of the room. Put
    # there by what has no bar, which would say so and forget it.
    page.goto(f"{server.url}healthz")
    page.evaluate("sessionStorage.setItem('room', 'KXMQT')")
    page.goto(server.url)
    expect(page.get_by_text("Room KXMQT is over")).to_be_visible()
    page.reload()
    expect(button(page, "Train")).to_be_enabled()
    expect(page.get_by_text("Room KXMQT is over")).to_have_count(0)
