"""Gives each browser the cookie that opens its workspace, where there are several."""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.parts.keeping import COOKIE, TOKEN, has_workspaces

SECONDS = 365 * 24 * 3600  # that a browser keeps it, from the last visit on


class Workspaces:
    """Sets the cookie with the page itself, so that the page's connection brings it.

    No script can read it, and no other site can have it sent along.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with the cookie beside a page."""
        if scope["type"] != "http" or not has_workspaces():
            await self._app(scope, receive, send)
            return
        token = token_in(scope) or secrets.token_urlsafe(32)
        forwarded = Headers(scope=scope).get("x-forwarded-proto")
        is_secure = "https" in {scope.get("scheme"), forwarded}

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append(
                        "set-cookie",
                        f"{COOKIE}={token}; Max-Age={SECONDS}; Path=/; HttpOnly; SameSite=Lax"
                        + ("; Secure" if is_secure else ""),
                    )
                    # Or a cache between would hand one visitor's to the next.
                    headers["cache-control"] = "no-store"
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def token_in(scope: Scope) -> str:
    """The visitor's, if the request brings one that could be ours."""
    found: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                found.load(value.decode("latin-1"))
            except CookieError:
                continue
    token = found[COOKIE].value if COOKIE in found else ""
    return token if TOKEN.fullmatch(token) else ""
