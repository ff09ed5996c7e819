"""The cookie that opens a workspace: who gets one, and that nobody else can use it."""

from __future__ import annotations

import asyncio
from http.cookies import SimpleCookie
from typing import Any

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from pages.parts import workspaces
from pages.parts.keeping import COOKIE, TOKEN
from pages.parts.workspaces import Workspaces


@pytest.fixture(autouse=True)
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspaces, "has_workspaces", lambda: True)


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
    asyncio.run(Workspaces(app)(scope, receive, send))
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def token(headers: dict[str, str]) -> str:
    return SimpleCookie(headers["set-cookie"])[COOKIE].value


def test_a_page_brings_a_name_that_nobody_can_guess_and_no_script_can_read() -> None:
    found = {token(answer()) for _ in range(20)}
    assert len(found) == 20
    assert all(TOKEN.fullmatch(each) for each in found)
    said = answer()["set-cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"):
        assert part in said
    assert "Secure" not in said
    assert "Secure" in answer(scheme="https")["set-cookie"]
    assert answer()["cache-control"] == "no-store"


def test_a_browser_keeps_its_name() -> None:
    mine = token(answer())
    assert token(answer(cookie=f"other=1; {COOKIE}={mine}; x=y")) == mine


@pytest.mark.parametrize("cookie", [f"{COOKIE}=own", f"{COOKIE}=" + "x" * 500, "\xff=;;==", ""])
def test_a_name_that_is_none_of_ours_is_replaced(cookie: str) -> None:
    assert TOKEN.fullmatch(token(answer(cookie=cookie)))


def test_nothing_but_a_page_brings_it() -> None:
    assert "set-cookie" not in answer(PlainTextResponse("ok"))


def test_on_ones_own_machine_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspaces, "has_workspaces", lambda: False)
    assert "set-cookie" not in answer()
