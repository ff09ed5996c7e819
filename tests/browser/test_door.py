"""Who finds the door open does no harm."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.conftest import Server, wait_for
from tests.browser.train_page import expect_state, open_train, press, wait_for_step

pytestmark = pytest.mark.browser

EVIL = "evil.invalid"
HOSTILE = [
    "![x](http://evil/a)",
    "[x](http://evil)",
    "http://evil",
    "www·evil",
    "a@evil",
    ":smile:",
    ":material/home:",
    "$x^2$",
    "**bold**",
    "`code`",
    "<img src=http://evil>",
    ":red[x]",
]


def watch(page: Page, server: Server) -> list[str]:
    """Everything that is asked of another server than this one."""
    outside: list[str] = []

    def note(url: str) -> None:
        if not url.startswith((server.url, server.url.replace("http", "ws"), "data:", "blob:")):
            outside.append(url)

    page.on("request", lambda request: note(request.url))
    page.on("websocket", lambda socket: note(socket.url))
    return outside


def no_effect(page: Page) -> None:
    """Nothing of the hostile words is anything but text."""
    expect(page.locator("[href*='evil'], [src*='evil'], .katex")).to_have_count(0)
    expect(page.get_by_text("😄")).to_have_count(0)


@pytest.mark.long
def test_a_bad_list_is_refused_a_good_one_learned_and_a_hostile_one_is_text_on_every_page(
    page: Page, server: Server, tmp_path: Path
) -> None:
    outside = watch(page, server)
    open_train(page, server.url, "?steps=1000000")
    press(page, "Train")
    wait_for_step(page, 1)
    page.locator("summary", has_text="32,033").click()
    # By its path: 20 MB in a message to the browser take half a minute.
    long_list = tmp_path / "long.txt"
    long_list.write_bytes(b"anna\n" * 4_000_000 + b"o")
    page.locator("input[type=file]").set_input_files(long_list)
    expect(page.get_by_text("File must be 20.0MB or smaller.")).to_be_visible()
    upload(page, "bad.txt", b"a\n" * 20)
    expect(page.get_by_text("bad.txt couldn’t be used")).to_be_visible()
    expect_state(page, "running")
    towns = "\n".join(f"Zo\u00eb{letter}ville" for letter in "abcdefghijklmnop")
    upload(page, "towns.txt", towns.encode())
    press(page, "Use this list")
    press(page, "Reset")  # still the old run's names, from its first weights
    press(page, "Train")
    wait_for_step(page, 1)
    wait_for(
        page,
        "document.querySelector('[data-testid=live-embedding] canvas').drawn.tokens"
        ".includes('\u00eb')",
    )

    open_train(page, server.url, "?steps=200")
    page.locator("summary", has_text="towns.txt").click()
    upload(page, f"![x](http:{EVIL}) :smile: $x$ **b**.txt", "\n".join(HOSTILE).encode())
    press(page, "Use this list")
    expect(page.locator("summary", has_text="$x$ **b**.txt, 12")).to_be_visible()
    no_effect(page)
    press(page, "Train")
    expect_state(page, "finished")
    no_effect(page)
    for name in ("Sample", "Embeddings"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        page.wait_for_load_state("networkidle")
        no_effect(page)
    assert not outside


def upload(page: Page, name: str, content: bytes) -> None:
    """Give a list of one's own, where there is one place for it."""
    file: FilePayload = {"name": name, "mimeType": "text/plain", "buffer": content}
    page.locator("input[type=file]").set_input_files(file)


def test_a_link_with_a_wrong_setting_says_so_changes_nothing_and_puts_nothing_foreign_there(
    page: Page, server: Server
) -> None:
    outside = watch(page, server)
    for value in (
        f"![x](http://{EVIL}/a.png)",
        f"[Your session expired](http://{EVIL})",
        f"http://{EVIL} www.{EVIL} a@{EVIL} :smile: $x$",
    ):
        page.goto(f"{server.url}?steps={quote(value)}")
        expect(page.get_by_text("The link's settings were left out")).to_be_visible()
        no_effect(page)
    assert not outside
    page.goto(f"{server.url}?n_hidden=5000")
    expect(page.get_by_text("n_hidden must be a whole number from 0 to 1,024")).to_be_visible()
    hidden = page.get_by_role("slider", name=re.compile("Hidden units"))
    expect(hidden).to_have_attribute("aria-valuetext", "100")


def test_another_site_cannot_show_the_app_in_a_frame(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.route(
        "http://other.invalid/",
        lambda route: route.fulfill(
            body=f"<iframe src='{server.url}'></iframe>", content_type="text/html"
        ),
    )
    page.goto("http://other.invalid/")
    frame = page.frames[1]
    assert frame.url.startswith("chrome-error:")
    page.close()
