"""The cookie by which a browser is known again: who gets one, and that nobody else can use it."""

from __future__ import annotations

import asyncio
from http.cookies import SimpleCookie
from typing import Any

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from core.errors import StoreError
from core.runs.store.store import Store
from pages.visit import browser, saving, workspace

TOKEN = "a" * 43


def answer(
    response: Response | None = None, *, cookie: str | None = None, scheme: str = "http"
) -> dict[str, str]:
    """The headers of what a browser gets."""
    sent: list[dict[str, Any]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (response or HTMLResponse("<p>page</p>"))(scope, receive, send)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [] if cookie is None else [(b"cookie", cookie.encode("latin-1"))]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "scheme": scheme,
        "headers": headers,
        "query_string": b"",
    }
    asyncio.run(browser.Cookies(app)(scope, receive, send))
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def given(headers: dict[str, str]) -> dict[str, str]:
    """The cookies that a browser then has."""
    return {name: each.value for name, each in SimpleCookie(headers["set-cookie"]).items()}


def test_a_page_brings_a_cookie_that_nobody_can_guess_and_no_script_can_read() -> None:
    found = {browser.owner(given(answer())) for _ in range(20)}
    assert len(found) == 20
    assert None not in found
    said = answer()["set-cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"):
        assert part in said
    assert "Secure" not in said
    assert answer()["cache-control"] == "no-store"


def test_over_https_no_neighbour_can_set_it() -> None:
    said = answer(scheme="https")["set-cookie"]
    assert said.startswith("__Host-namesmith_")
    assert "Secure" in said
    assert "Domain" not in said
    name, value = browser.cookie(TOKEN)  # as a neighbouring domain would set it
    forced = answer(scheme="https", cookie=f"{name}={value}")
    assert browser.owner(given(forced)) not in {None, browser.owner({name: value})}
    both = given(forced) | {name: value}
    assert browser.owner(both) == browser.owner(given(forced))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_browser_keeps_its_cookie(scheme: str) -> None:
    mine = given(answer(scheme=scheme))
    ((name, value),) = mine.items()
    again = answer(cookie=f"other=1; {name}={value}; x=y", scheme=scheme)
    assert given(again) == mine


def test_what_the_server_did_not_issue_is_not_adopted() -> None:
    name, value = browser.cookie(TOKEN)
    token, _, signature = value.partition(".")
    forged = (token, f"{'b' * 43}.{signature}", f"{token}.{'0' * 64}", f"{token}.", "own", "\xff;")
    for each in forged:
        headers = answer(cookie=f"{name}={each}; {browser.UNSIGNED}={token}")
        assert browser.owner(given(headers)) not in {None, browser.owner({name: value})}
        assert browser.owner({name: each, browser.UNSIGNED: token}) is None


def test_two_servers_on_one_host_leave_each_others_cookies_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    here = given(answer())
    monkeypatch.setenv("NAMESMITH_STORE", str(tmp_path / "another.db"))
    there = given(answer(cookie="; ".join(f"{n}={v}" for n, v in here.items())))
    assert not set(here) & set(there)


def test_a_cookie_outlives_the_server() -> None:
    mine = given(answer())
    owner = browser.owner(mine)
    saving.close()
    assert browser.owner(mine) == owner


def test_while_the_store_is_away_a_browser_is_known_too(monkeypatch: pytest.MonkeyPatch) -> None:
    before = given(answer())
    saving.close()

    def gone(_where: str) -> None:
        raise StoreError("The disk is away.")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "open", gone)
        during = given(answer(cookie="; ".join(f"{n}={v}" for n, v in before.items())))
        assert not set(before) & set(during)  # so the browser has both
        known = browser.owner(before | during)
        assert known is not None
        saving.close()
    assert browser.owner(during) == known
    assert browser.owner(before) is not None


def test_nothing_but_a_page_brings_it() -> None:
    assert "set-cookie" not in answer(PlainTextResponse("ok"))


@pytest.mark.parametrize(
    ("headers", "are_separate"),
    [
        ({}, False),
        ({"Host": "localhost:8501"}, False),
        ({"Host": "127.0.0.1:8501"}, False),
        ({"Host": "[::1]:8501"}, False),
        ({"Host": "localhost:8501", "X-Forwarded-For": "10.0.0.1"}, True),
        ({"Host": "localhost:8501", "Forwarded": "for=10.0.0.1"}, True),
        ({"Host": "localhost:8501", "Via": "1.1 proxy"}, True),
        ({"Host": "192.168.0.7:8501"}, True),
        ({"Host": "names.example.org"}, True),
        ({"Host": "[zz]"}, True),
    ],
)
def test_on_a_machine_of_ones_own_whoever_comes_through_a_proxy_has_a_workspace_of_their_own(
    headers: dict[str, str], are_separate: bool
) -> None:
    assert workspace.are_separate(headers) is are_separate
