"""The door: whose requests come in, how many at once, and what every answer says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias, cast
from unittest.mock import ANY

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.environment import Environment
from server import middleware, sessions
from server.connections import proxies
from server.middleware import Door, address_of, is_host, is_own_origin

Served: TypeAlias = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]
FULL = "All places are taken: come back in a few minutes.\n"
HTTPS = [("https", {}), ("http", {"x-forwarded-proto": "https"})]


# What no browser sends for a host; most make a parser of URLs raise, or take the wrong part.
NASTY = [
    "[zz",
    "[zz]",
    "[::1",
    "::1]",
    "[::1]]",
    "[127.0.0.1",
    "[::1]evil.example",
    "[::1%lo]",
    "localhost:",
    "localhost:port",
    "localhost:99999999",
    "localhost:-1",
    "localhost:80:80",
    "evil.example@localhost",
    "localhost@evil.example",
    "localhost/evil.example",
    "localhost\\evil.example",
    "localhost?evil",
    "localhost#evil",
    "localhost,evil.example",
    "local host",
    "local\thost",
    "localhost\x00",
    "localhost\n",
    "ｌocalhost",
    "127.0.0.1%2eevil.example",
    "١٢٧.0.0.1",
    "\ufffd",
    "℀.example",
    "a" * 10_000,
    "[" * 1000,
    ":",
    ".",
    "@",
    "//",
]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """What stands behind the door: says that it was reached."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        return
    cookies = [(b"set-cookie", b"_xsrf=a; Path=/")]
    await send({"type": "http.response.start", "status": 200, "headers": cookies})
    await send({"type": "http.response.body", "body": b"inside"})


def scope_of(path: str, given: dict[str, str], **more: Any) -> Scope:
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    return {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "headers": raw,
        "client": ("127.0.0.1", 5),
        **more,
    }


def ask(
    door: Served, path: str = "/", given: dict[str, str] | None = None, **more: Any
) -> tuple[int, dict[str, str], str]:
    """Status, headers and words of an answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    asyncio.run(door(scope_of(path, {"host": "localhost"} | (given or {}), **more), receive, send))
    start, *bodies = sent
    said = b"".join(message["body"] for message in bodies).decode()
    return start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, said


def behind_proxies(environment: Environment, inside: ASGIApp = app) -> Served:
    """The door with Uvicorn in front of it."""
    door: Any = Door(inside, environment)
    return cast("Served", ProxyHeadersMiddleware(door, proxies(environment)))


class Socket:
    """A client's side of a websocket, held open until it hangs up."""

    def __init__(self, door: Served, path: str, **given: str) -> None:
        self.sent: list[str] = []
        self._hung_up = asyncio.Event()
        self._n_read = 0
        scope = scope_of(path, {"host": "localhost"} | given, type="websocket")
        self.task = asyncio.create_task(door(scope, self._receive, self._send))

    async def _receive(self) -> Message:
        self._n_read += 1
        if self._n_read > 1:
            await self._hung_up.wait()
            return {"type": "websocket.disconnect"}
        return {"type": "websocket.connect"}

    async def _send(self, message: Message) -> None:
        self.sent.append(message["type"])

    async def hang_up(self) -> None:
        self._hung_up.set()
        await self.task


async def opened(door: Served, path: str, **given: str) -> Socket:
    socket = Socket(door, path, **given)
    for _ in range(5):
        await asyncio.sleep(0)
    return socket


def test_every_answer_says_what_a_page_may_load_and_who_may_frame_it() -> None:
    for path in ("/", "/static/x.js", "/healthz"):
        _, headers, _ = ask(Door(app), path)
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "script-src 'self' blob: 'sha256-" in policy
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == (
            "nosniff",
            "DENY",
        )
        assert headers["referrer-policy"] == "same-origin"


def test_a_site_that_is_named_may_frame_it() -> None:
    environment = Environment(frame_ancestors="https://class.example")
    _, headers, _ = ask(Door(app, environment))
    assert "frame-ancestors https://class.example" in headers["content-security-policy"]
    assert "x-frame-options" not in headers


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1:8501", True),
        ("[::1]:8501", True),
        ("192.168.1.7", True),
        ("LOCALHOST:1", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("testserver", False),
        ("", False),
    ],
)
def test_another_sites_name_that_leads_here_is_refused_in_words(host: str, is_ours: bool) -> None:
    assert is_host(host, Environment()) is is_ours
    status, headers, said = ask(Door(app, Environment()), given={"host": host})
    assert status == (200 if is_ours else 421)
    assert ("NAMESMITH_HOSTS" in said) is not is_ours
    assert "content-security-policy" in headers


def test_the_names_that_the_operator_gives_are_the_only_ones() -> None:
    environment = Environment(hosts=("names.example",))
    assert is_host("names.example:443", environment)
    assert not is_host("127.0.0.1", environment)


def test_an_address_of_version_six_may_be_one_of_the_operators_names() -> None:
    assert is_host("[::1]:8501", Environment(hosts=("[::1]",)))


def test_a_host_that_is_none_is_refused_in_words() -> None:
    for host in NASTY:
        status, headers, said = ask(Door(app, Environment()), given={"host": host})
        assert (host, status, "NAMESMITH_HOSTS" in said) == (host, 421, True)
        assert "content-security-policy" in headers


@pytest.mark.parametrize(
    "field", ["origin", "x-forwarded-host", "x-forwarded-for", "x-forwarded-proto"]
)
def test_whatever_a_header_holds_another_sites_page_is_refused(field: str) -> None:
    forms = ["{}", "http://{}", "https://{}:443/", "{}, 1.2.3.4", "evil.example, {}"]
    values = [form.format(name) for form in forms for name in NASTY]
    at = behind_proxies(Environment())
    for value in values:
        foreign = {"origin": "http://evil.example"} | {field: value}
        status, headers, _ = ask(at, "/_stcore/upload_file/a/b", foreign, method="PUT")
        assert (value, status) == (value, 403)
        assert "content-security-policy" in headers

    async def scene() -> None:
        for value in values:
            foreign = {"origin": "http://evil.example"} | {field: value}
            assert (await opened(at, "/live/t", **foreign)).sent == ["websocket.close"]

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("given", "is_own"),
    [
        ({"origin": "http://a.example:8501", "host": "a.example:8501"}, True),
        ({"origin": "https://a.example", "host": "a.example:443"}, True),
        ({"origin": "https://A.example", "x-forwarded-host": "a.example", "host": "x:1"}, True),
        ({"origin": "https://a.example", "host": "127.0.0.1:8501"}, False),
        ({"origin": "https://a.example:444", "host": "a.example"}, False),
        ({"origin": "null", "host": "a.example"}, False),
        ({"origin": "http://[zz", "host": "[zz"}, False),
        ({"origin": "http://evil@a.example", "host": "a.example"}, False),
        ({"origin": "http://a.example/x", "host": "a.example"}, False),
        ({"origin": "HTTP://[::1]:80", "host": "[::1]"}, True),
        ({"origin": "", "host": "a.example"}, False),
        ({"host": "a.example"}, True),
    ],
)
def test_the_own_origin_is_the_host_that_was_asked(given: dict[str, str], is_own: bool) -> None:
    assert is_own_origin(given) is is_own


def test_another_sites_page_changes_nothing() -> None:
    foreign = {"origin": "https://evil.example"}
    assert ask(Door(app), "/_stcore/upload_file/a/b", foreign, method="PUT")[0] == 403
    assert ask(Door(app), "/", foreign)[0] == 200  # a link to it may be followed


def test_figures_of_the_server_are_for_who_runs_it() -> None:
    assert ask(Door(app), "/_stcore/metrics")[0] == 200
    assert ask(Door(app), "/_stcore/metrics", client=("10.0.0.9", 1))[0] == 404
    assert ask(Door(app), "/_stcore/metrics", {"x-forwarded-for": "10.0.0.9"})[0] == 404


@pytest.mark.parametrize(
    ("scheme", "forwarded"), [("https", {}), ("http", {"x-forwarded-proto": "https"})]
)
def test_cookies_are_secure_behind_https(scheme: str, forwarded: dict[str, str]) -> None:
    assert (
        ask(Door(app), "/", forwarded, scheme=scheme)[1]["set-cookie"] == "_xsrf=a; Path=/; Secure"
    )
    assert ask(Door(app))[1]["set-cookie"] == "_xsrf=a; Path=/"


def test_a_visitor_has_a_few_files_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"full": [1] * middleware.UPLOADS}
    monkeypatch.setattr(middleware, "upload_sizes", lambda session: files.get(session, []))
    status, _, said = ask(Door(app), "/_stcore/upload_file/full/x", method="PUT")
    assert (status, said) == (413, "6 files are here already: remove one first.\n")
    assert ask(Door(app), "/_stcore/upload_file/other/x", method="PUT")[0] == 200
    assert ask(Door(app), "/_stcore/upload_file/full/x", method="DELETE")[0] == 200


def test_a_token_has_few_readers_and_room_again_when_one_leaves() -> None:
    async def scene() -> None:
        at = Door(app)
        readers = [await opened(at, "/live/t") for _ in range(middleware.SOCKETS_A_PATH)]
        assert all(reader.sent == ["websocket.accept"] for reader in readers)
        one_too_many = await opened(at, "/live/t")
        assert one_too_many.sent == ["websocket.close"]
        await readers.pop().hang_up()
        again = await opened(at, "/live/t")
        assert again.sent == ["websocket.accept"]
        other = await opened(at, "/live/u")
        assert other.sent == ["websocket.accept"]
        for reader in (*readers, again, other):
            await reader.hang_up()
        assert not at._sockets

    asyncio.run(scene())


def test_an_address_has_so_many_sockets_on_a_public_server_and_others_still_come_in() -> None:
    async def scene() -> None:
        at = behind_proxies(Environment(is_public=True))
        crowd = [
            await opened(at, "/_stcore/stream", **{"x-forwarded-for": "9.9.9.9"})
            for _ in range(middleware.SOCKETS_AN_ADDRESS[True] + 1)
        ]
        assert crowd[-1].sent == ["websocket.close"]
        assert crowd[-2].sent == ["websocket.accept"]
        other = await opened(at, "/_stcore/stream", **{"x-forwarded-for": "1.2.3.4, 8.8.8.8"})
        assert other.sent == ["websocket.accept"]
        for socket in (*crowd[:-1], other):
            await socket.hang_up()

    asyncio.run(scene())


def test_websockets_leave_room_for_a_look_at_the_servers_health(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(middleware, "most_open", lambda: middleware.PLAIN_CONNECTIONS + 10)

    async def scene() -> None:
        at = behind_proxies(Environment())
        asked = [
            await opened(at, f"/live/{n}", **{"x-forwarded-for": f"9.9.9.{n % 3}"})
            for n in range(30)
        ]
        accepted = [socket for socket in asked if socket.sent == ["websocket.accept"]]
        assert asked[: len(accepted)] == accepted
        assert len(accepted) == 10
        for socket in accepted:
            await socket.hang_up()

    asyncio.run(scene())


def test_a_full_server_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(middleware.VISITORS, True, 1)

    async def scene() -> None:
        at = Door(app, Environment(is_public=True))
        visitor = await opened(at, "/_stcore/stream")
        assert (await opened(at, "/_stcore/stream")).sent == ["websocket.close"]
        assert await asyncio.to_thread(ask, at) == (503, ANY, FULL)
        await visitor.hang_up()
        assert (await asyncio.to_thread(ask, at))[0] == 200

    asyncio.run(scene())


def test_who_was_let_go_as_idle_takes_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(middleware.VISITORS, True, 1)
    asleep: set[str] = set()
    monkeypatch.setattr(sessions, "ASLEEP", asleep)

    async def scene() -> None:
        at = Door(app, Environment(is_public=True))
        visitor = await opened(at, "/_stcore/stream")
        assert (await asyncio.to_thread(ask, at))[0] == 503
        asleep.add("the visitor's")
        assert (await asyncio.to_thread(ask, at))[0] == 200
        await visitor.hang_up()

    asyncio.run(scene())


@pytest.mark.parametrize("given", [{"origin": "https://evil.example"}, {"host": "evil.example"}])
def test_a_foreign_page_gets_no_socket(given: dict[str, str]) -> None:
    async def scene() -> None:
        for path in ("/live/t", "/drag/t", "/_stcore/stream"):
            assert (await opened(Door(app, Environment()), path, **given)).sent == [
                "websocket.close"
            ]

    asyncio.run(scene())


def test_a_long_token_is_answered_at_once() -> None:
    async def scene() -> None:
        assert (await opened(Door(app), f"/live/{'a' * 20_000}")).sent == ["websocket.close"]

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("client", "proxies", "forwarded", "address"),
    [
        ("127.0.0.1", (), "1.1.1.1, 2.2.2.2", "2.2.2.2"),
        ("127.0.0.1", (), "1.1.1.1", "1.1.1.1"),
        ("9.9.9.9", (), "1.1.1.1, 2.2.2.2", "9.9.9.9"),
        ("9.9.9.9", ("9.9.0.0/16",), "1.1.1.1, 2.2.2.2", "2.2.2.2"),
        ("9.9.9.9", ("9.8.0.0/16",), "1.1.1.1, 2.2.2.2", "9.9.9.9"),
        ("9.9.9.9", ("9.9.0.0/16",), "1.1.1.1, 2.2.2.2, 9.9.9.8", "2.2.2.2"),  # two of them
    ],
)
def test_behind_a_proxy_the_address_is_what_the_proxy_itself_saw(
    client: str, proxies: tuple[str, ...], forwarded: str, address: str
) -> None:
    seen: list[str] = []

    async def note(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(address_of(scope))
        await app(scope, receive, send)

    at = behind_proxies(Environment(proxies=proxies), note)
    assert ask(at, "/", {"x-forwarded-for": forwarded}, client=(client, 1))[0] == 200
    assert seen == [address]


def test_what_watches_over_the_process_needs_no_name() -> None:
    at = Door(app, Environment(hosts=("names.example",)))
    here = {"host": "127.0.0.1:8501"}
    assert ask(at, "/health", here)[0] == 200
    assert ask(at, "/", here)[0] == 421
    assert ask(at, "/health", here, client=("9.9.9.9", 1))[0] == 421
    assert ask(at, "/health", here | {"x-forwarded-for": "9.9.9.9"})[0] == 421
