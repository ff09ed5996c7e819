"""The door of the server: who may come in, how many at once, and the headers of every answer."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
import socket
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from websockets import http11

from core.environment import ENVIRONMENT, Environment
from server import sessions
from server.connections import LOCAL, most_open
from server.page_messages import look
from server.rates import Paced, Rate
from server.streamlit_inside import FOR_THE_OPERATOR, STREAM, UPLOAD, upload_sizes

SOCKETS_A_PATH = 8  # of one token; a page has two, and a lost one may linger
SOCKETS_AN_ADDRESS = {False: 1000, True: 40}  # by whether anyone may come
PLAIN_CONNECTIONS = 64  # that there's always room for beside the websockets
# A page sends 14 messages a second at most, by a key held down; 1 KB each, or as much more as one
# has pasted. Sixty at once are a key held down for six seconds. A dragged slider sends ten.
PAGE_RATE = Rate(messages=(5.0, 60.0), size=(5e6, 60e6), largest=10e6)
OWN_RATE = Rate(messages=(20.0, 100.0), size=(20e3, 100e3), largest=4e3)
VISITORS = {False: 2000, True: 200}
UPLOADS = 6  # files that one visitor may have on the server
LONGEST_TOKEN = 64
LONGEST_LINE = 1 << 20  # bytes
_HOST = r"(?P<name>[\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?"
_IS_HOST = re.compile(_HOST, re.ASCII | re.IGNORECASE)
_IS_ORIGIN = re.compile(rf"(?P<scheme>https?|wss?)://(?P<host>{_HOST})", re.ASCII | re.IGNORECASE)
_OWN_SOCKETS = re.compile(r"/(live|drag)/([^/]*)$")
_UPLOAD = re.compile(UPLOAD)
_ALL = "all"
_SIGNS_OF_LIFE = ("/health", "/healthz")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class Door:
    """ASGI middleware in front of all routes, Streamlit's own among them."""

    def __init__(self, app: ASGIApp, environment: Environment = ENVIRONMENT) -> None:
        self._app = app
        self._environment = environment
        self._headers = headers(environment)
        self._sockets: Counter[str] = Counter()  # open ones, by path and by address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the headers added."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(scope, MutableHeaders(scope=message))
            await send(message)

        refused = self._why_not(scope)
        answer = PlainTextResponse(refused[1], refused[0]) if refused else self._app
        await answer(scope, receive, with_headers)

    def _why_not(self, scope: Scope) -> tuple[int, str] | None:
        """Status and words for a request that is refused."""
        given, path = Headers(scope=scope), scope["path"]
        host = given.get("host", "")
        is_look = path in _SIGNS_OF_LIFE and is_local(scope)  # of what watches over the process
        if not is_host(host, self._environment) and not is_look:
            return 421, (
                f"This server doesn't answer to the name {host[:60]!r}. Whoever runs it can let "
                "it: NAMESMITH_HOSTS holds its names.\n"
            )
        if any(private in path for private in FOR_THE_OPERATOR) and not is_local(scope):
            return 404, "Not found\n"
        if scope["method"] not in {"GET", "HEAD"} and not is_own_origin(given):
            return 403, "Another site's page may not do that.\n"
        upload = _UPLOAD.search(path)
        if upload and scope["method"] == "PUT" and len(upload_sizes(upload[1])) >= UPLOADS:
            return 413, f"{UPLOADS} files are here already: remove one first.\n"
        if path == "/" and self._is_full():
            return 503, "All places are taken: come back in a few minutes.\n"
        return None

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        given, path = Headers(scope=scope), scope["path"]
        is_public, room = self._environment.is_public, most_open() - PLAIN_CONNECTIONS
        own, address = _OWN_SOCKETS.search(path), f"from {address_of(scope)}"
        is_refused = (
            not is_host(given.get("host", ""), self._environment)
            or not is_own_origin(given)
            or (own and len(own[2]) > LONGEST_TOKEN)
            or (own and self._sockets[path] >= SOCKETS_A_PATH)
            or (path.endswith(STREAM) and self._is_full())
            or self._sockets[address] >= min(SOCKETS_AN_ADDRESS[is_public], room // 2)
            or self._sockets[_ALL] >= room
        )
        if is_refused:
            await receive()  # the handshake, which is answered by a refusal
            await send({"type": "websocket.close", "code": 1008})
            return
        counted = (path if own else STREAM, address, _ALL)
        self._sockets.update(counted)
        paced = Paced(receive, send, OWN_RATE) if own else Paced(receive, send, PAGE_RATE, look)
        try:
            await self._app(scope, paced.receive, paced.send)
        finally:
            self._sockets.subtract(counted)
            self._sockets += Counter()  # forgets who has none

    def _is_full(self) -> bool:
        n_awake = self._sockets[STREAM] - len(sessions.ASLEEP)
        return n_awake >= VISITORS[self._environment.is_public]

    def _add_headers(self, scope: Scope, answer: MutableHeaders) -> None:
        for name, value in self._headers.items():
            answer.setdefault(name, value)
        is_encrypted = (
            scope["scheme"] == "https" or Headers(scope=scope).get("x-forwarded-proto") == "https"
        )
        if is_encrypted:
            cookies = answer.getlist("set-cookie")
            if cookies:
                del answer["set-cookie"]
            for cookie in cookies:
                is_secure = re.search(r";\s*secure\b", cookie, re.IGNORECASE)
                answer.append("set-cookie", cookie if is_secure else f"{cookie}; Secure")


def headers(environment: Environment) -> dict[str, str]:
    """The headers of every answer: what the pages may load, and who may show them."""
    policy = {
        "default-src": "'self'",
        # A view's loader is a module that Streamlit makes of its text; its own page has one script.
        "script-src": " ".join(["'self'", "blob:", *_inline_scripts()]),
        "style-src": "'self' 'unsafe-inline'",  # Streamlit's and Plotly's, made as they are needed
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-src": "'none'",
        "frame-ancestors": environment.frame_ancestors,
    }
    found = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if environment.frame_ancestors == "'none'":
        found["X-Frame-Options"] = "DENY"
    return found


@cache
def _inline_scripts() -> tuple[str, ...]:
    """Hashes of the scripts that stand in Streamlit's own page."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def is_host(host: str, environment: Environment = ENVIRONMENT) -> bool:
    """Whether a request for this host is meant for this server.

    A page of another site whose name was made to lead here (DNS rebinding) comes with that site's
    name; an address, this machine's own name and those that the operator gives are ours.
    """
    found = _IS_HOST.fullmatch(host)
    name = found["name"].lower().strip("[]").rstrip(".") if found else ""
    if environment.hosts:
        return name in {each.strip("[]") for each in environment.hosts}
    own = socket.gethostname().lower()
    return (
        is_address(name)
        or name in {"localhost", own, own.split(".")[0]}
        or (name.removesuffix(".local") == own.split(".")[0])
    )


def is_address(name: str) -> bool:
    """Whether a host is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_own_origin(given: Mapping[str, str]) -> bool:
    """Whether the page that asks came from this server; browsers cannot hide it.

    Behind a proxy the server's own host is the one that the proxy was asked for.
    """
    origin = given.get("origin")
    if origin is None:
        return True  # not a browser, so no other site's page can be behind it
    parts = _IS_ORIGIN.fullmatch(origin)
    if parts is None:
        return False
    default = _DEFAULT_PORTS[parts["scheme"].lower()]
    hosts = (given.get("host"), given.get("x-forwarded-host"))
    own = {_without_port(host.lower(), default) for host in hosts if host}
    return _without_port(parts["host"].lower(), default) in own


def _without_port(host: str, default: int) -> str:
    return host.removesuffix(f":{default}")


def is_local(scope: Scope) -> bool:
    """Whether it was asked on this machine, and not through a proxy."""
    return "x-forwarded-for" not in Headers(scope=scope) and address_of(scope) in {"", *LOCAL}


def address_of(scope: Scope) -> str:
    """Who asks; Uvicorn has put there what a proxy that we trust says of it."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def mend_sockets() -> None:
    """Close a gap below this one that no middleware sees.

    A websocket whose URL is longer than a line may be is never answered, so lines may be longer
    than any that the server reads.
    """
    http11.MAX_LINE_LENGTH = LONGEST_LINE
