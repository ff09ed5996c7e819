"""Who finds the door open does no harm, and leaves nothing behind."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server, wait_until
from tests.browser.train_page import expect_state, open_train, press

pytestmark = pytest.mark.browser

EVIL = "evil.invalid"
# A word may hold no full stop, so its hosts have none.
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


def test_a_list_of_hostile_words_is_text_on_every_page(page: Page, server: Server) -> None:
    outside = watch(page, server)
    open_train(page, server.url, "?steps=200")
    page.locator("summary", has_text="32,033").click()
    upload = page.locator("input[type=file]")
    upload.set_input_files(
        {
            "name": f"![x](http:{EVIL}) :smile: $x$ **b**.txt",
            "mimeType": "text/plain",
            "buffer": "\n".join(HOSTILE).encode(),
        }
    )
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


@pytest.mark.parametrize(
    "value",
    [
        f"![x](http://{EVIL}/a.png)",
        f"[Your session expired](http://{EVIL})",
        f"http://{EVIL} www.{EVIL} a@{EVIL} :smile: $x$",
    ],
)
def test_a_link_puts_nothing_foreign_on_the_page(page: Page, server: Server, value: str) -> None:
    outside = watch(page, server)
    open_train(page, server.url, f"?steps={quote(value)}")
    expect(page.get_by_text("The link's settings were left out")).to_be_visible()
    no_effect(page)
    assert not outside


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


def test_a_closed_tab_leaves_no_session_behind(page: Page, server: Server) -> None:
    open_train(page, server.url, "?steps=200")
    before = server.health()["sessions"]
    assert isinstance(before, int)
    assert before >= 1
    page.close()
    wait_until(lambda: int(str(server.health()["sessions"])) < before, 60)
