"""One hostile visitor of a public server that may open 1,024 files: the others are still served."""

from __future__ import annotations

import asyncio
import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.request import urlopen

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Opcode

from benchmarks.flood import flooding, frame, rerun
from benchmarks.serving import Server, serving
from benchmarks.visitors import Visitor
from server.connections import AN_ADDRESS, HEADER_SECONDS, most_open

FILES = 1024
HALF = 1100  # half headers
HEALTH_SECONDS = 2.0
LOG_BYTES = 20_000

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, and needs prlimit"),
    pytest.mark.skipif(most_open() < HALF, reason="this process may not open so many files itself"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    limits = ["prlimit", f"--nofile={FILES // 4}:{FILES}"]
    with serving("live", {"NAMESMITH_PUBLIC": "1"}, before=limits) as server:
        yield server
        assert "Traceback" not in server.log()
        assert len(server.log()) < LOG_BYTES


def health(server: Server) -> dict[str, object]:
    """In time, by a connection of its own."""
    with urlopen(f"{server.url}health", timeout=HEALTH_SECONDS) as answer:
        found: dict[str, object] = json.load(answer)
    return found


def opened(server: Server, said: bytes, address: str = "127.0.0.1") -> socket.socket:
    """A connection whose client has said so much."""
    client = socket.create_connection(
        ("127.0.0.1", server.port), timeout=30, source_address=(address, 0)
    )
    client.sendall(said)
    return client


def n_open(clients: Sequence[socket.socket], seconds: float) -> int:
    """How many the server hasn't closed, once it has closed all or the time is over."""
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client, selectors.EVENT_READ)
        while selector.get_map() and time.monotonic() < end:
            for key, _ in selector.select(timeout=end - time.monotonic()):
                assert isinstance(key.fileobj, socket.socket)
                if is_closed(key.fileobj):
                    selector.unregister(key.fileobj)
        return len(selector.get_map())


def is_closed(client: socket.socket) -> bool:
    try:
        return not client.recv(1 << 16)
    except ConnectionResetError:
        return True


def test_the_server_may_open_as_many_files_as_the_system_lets_it(server: Server) -> None:
    (pid,) = server.ports
    limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
    line = next(line for line in limits.splitlines() if line.startswith("Max open files"))
    assert line.split()[3:5] == [str(FILES), str(FILES)]


def test_a_header_that_does_not_end_is_not_waited_for(server: Server) -> None:
    half = b"GET / HTTP/1.1\r\nHost: loc"
    whole = f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    with ExitStack() as held:
        clients = [held.enter_context(opened(server, half)) for _ in range(HALF)]
        for _ in range(5):
            assert health(server)["status"] == "ok"
        clients += [held.enter_context(opened(server, said)) for said in (b"", whole + half)]
        assert n_open(clients, HEADER_SECONDS + 5) == 0
    assert health(server)["status"] == "ok"


def test_an_address_has_so_many_connections_and_others_still_come_in(server: Server) -> None:
    whole = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    crowded, other = "127.0.0.2", "127.0.0.3"
    with ExitStack() as held:
        for _ in range(AN_ADDRESS):
            held.enter_context(opened(server, b"GET", crowded))
        refused = held.enter_context(opened(server, b"", crowded)).recv(1000)
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"Too many connections come from your address" in refused
        assert held.enter_context(opened(server, whole, other)).recv(12) == b"HTTP/1.1 200"
    with opened(server, whole, crowded) as again:
        assert again.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "[zz]"}, 421),
        ({"Host": "[::1"}, 421),
        ({"Host": "testserver"}, 421),
        ({"Origin": "http://[zz"}, 403),
        ({"Origin": "http://[zz", "X-Forwarded-Host": "[zz", "X-Forwarded-For": "[::1"}, 403),
        ({"Host": "[zz]", "Connection": "Upgrade", "Upgrade": "websocket"}, 403),
        ({"Origin": "http://[zz", "Connection": "Upgrade", "Upgrade": "websocket"}, 403),
    ],
)
def test_a_host_or_an_origin_that_is_none_is_refused(
    server: Server, headers: dict[str, str], status: int
) -> None:
    shake = {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    method = "GET" if "Upgrade" in headers or status == 421 else "PUT"
    answer = asked(server, method, "/_stcore/stream", headers | shake)
    assert answer.status == status
    if "Upgrade" not in headers:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def asked(server: Server, method: str, path: str, headers: dict[str, str]) -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


FLOODS = {
    "wishes to run": frame(rerun()),
    "states of widgets": frame(rerun(n_states=5000)),
    "pings": frame(b"", Opcode.PING),
    "pongs": frame(b"", Opcode.PONG),
    "words": frame(b"x", Opcode.TEXT),
}


@pytest.mark.parametrize("what", FLOODS)
def test_beside_a_socket_that_floods_others_are_served(server: Server, what: str) -> None:
    async def scene() -> list[str]:
        visitor = Visitor(server.port, "")
        visitor.patience_seconds = 20.0  # a flood of wishes made others wait for minutes
        try:
            await visitor.arrive()
            with flooding(server.port, FLOODS[what]):
                for _ in range(3):
                    await visitor.run_script()
            return visitor.errors
        finally:
            visitor.vanish()

    memory_mb = server.memory_mb()
    assert asyncio.run(scene()) == []
    assert server.memory_mb() < memory_mb + 100


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        (rerun(n_states=500_000), 1008, "states of more than 300 widgets"),
        (b"\xff" * 9_000_000, 1007, "no message of Streamlit's"),
    ],
)
def test_a_forged_message_is_refused_in_words(
    server: Server, message: bytes, code: int, words: str
) -> None:
    async def scene() -> None:
        async with connect(f"ws://127.0.0.1:{server.port}/_stcore/stream", max_size=None) as page:
            await page.send(message)
            async for _ in page:
                pass

    memory_mb = server.memory_mb()
    with pytest.raises(ConnectionClosedError) as closed:
        asyncio.run(scene())
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code
    assert words in closed.value.rcvd.reason
    assert server.memory_mb() < memory_mb + 200
