"""Knows a browser again: a signed cookie, which no script can read and only this server issues."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import StoreError
from pages.visit import saving

SECONDS = 365 * 24 * 3600  # that a browser keeps it, from the last visit on
UNSIGNED = "namesmith_workspace"  # what earlier versions issued
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes, as `secrets.token_urlsafe` writes them
_KEY = "cookies"
_SPARE = secrets.token_urlsafe(32)  # signs while the store, and its key with it, is away


class Cookies:
    """ASGI middleware that sets the cookie with the page itself.

    So the page's connection brings it, no script can read it, and no other site can have it sent.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with the cookie beside a page."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    # The key is in the store, which may be slow or away.
                    cookie = await anyio.to_thread.run_sync(_set_cookie, scope)
                    headers.append("set-cookie", cookie)
                    # Or a cache between would hand one visitor's to the next.
                    headers["cache-control"] = "no-store"
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def owner(cookies: Mapping[str, str]) -> str | None:
    """The hash of the secret that this browser alone has; None where it brings none of ours.

    Args:
        cookies: all that it sends, by name.
    """
    token = _token(cookies)
    return None if token is None else _hash(token)


def cookie(token: str, *, is_secure: bool = False) -> tuple[str, str]:
    """Name and value of the cookie with this secret, signed.

    Args:
        token: 43 characters that nobody can guess.
        is_secure: whether it goes over HTTPS.
    """
    key = _keys()[0]
    return _name(key, is_secure=is_secure), f"{token}.{_signature(token, key)}"


def _name(key: str, *, is_secure: bool) -> str:
    """Of the key, as servers on other ports of a host get its cookies too.

    Over HTTPS with a prefix that keeps neighbouring domains from setting it.
    """
    of_key = hashlib.sha256(key.encode()).hexdigest()[:8]
    return f"{'__Host-' if is_secure else ''}namesmith_{of_key}"


def _set_cookie(scope: Scope) -> str:
    """The header's value: the browser's own cookie for another year, or a new one."""
    forwarded = Headers(scope=scope).get("x-forwarded-proto")
    is_secure = "https" in {scope.get("scheme"), forwarded}
    token = _token(_cookies_in(scope), is_secure=is_secure) or secrets.token_urlsafe(32)
    name, value = cookie(token, is_secure=is_secure)
    secure = "; Secure" if is_secure else ""
    return f"{name}={value}; Max-Age={SECONDS}; Path=/; HttpOnly; SameSite=Lax{secure}"


def _token(cookies: Mapping[str, str], *, is_secure: bool | None = None) -> str | None:
    """The secret in a cookie that we issued.

    Args:
        cookies: by name.
        is_secure: over which way it must have been set; over HTTPS first where that isn't known.
    """
    for key in _keys():
        for each in (True, False) if is_secure is None else (is_secure,):
            value = str(cookies.get(_name(key, is_secure=each), ""))
            token, _, signature = value.partition(".")
            if _TOKEN.fullmatch(token) and hmac.compare_digest(
                signature.encode(errors="replace"), _signature(token, key).encode()
            ):
                return token
    unsigned = str(cookies.get(UNSIGNED, ""))
    if _TOKEN.fullmatch(unsigned) and _is_known(_hash(unsigned)):
        return unsigned
    return None


def _keys() -> list[str]:
    """What may have signed a cookie; the first one signs."""
    try:
        return [saving.writer().secret(_KEY), _SPARE]
    except StoreError:
        return [_SPARE]


def _is_known(workspace: str) -> bool:
    try:
        return saving.writer().store().knows(workspace)
    except StoreError:
        return False


def _signature(token: str, key: str) -> str:
    return hmac.new(key.encode(), token.encode(), hashlib.sha256).hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _cookies_in(scope: Scope) -> dict[str, str]:
    found: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                found.load(value.decode("latin-1"))
            except CookieError:
                continue
    return {name: morsel.value for name, morsel in found.items()}
