"""Below the app: which connections stay open, and what a websocket may send besides messages."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, cast

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState
from websockets.frames import Opcode

from benchmarks.flood import frame
from core.environment import Environment
from server import connections
from server.connections import AN_ADDRESS, Connection, Listener, Open, Socket

SHAKE = (
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Transport(asyncio.Transport):
    """One end of nothing, that notes whether it was cut."""

    def __init__(self, address: str = "9.9.9.9") -> None:
        super().__init__({"peername": (address, 5), "sockname": ("127.0.0.1", 8501)})
        self.is_cut = False
        self.written = b""
        self.n_writes = 0

    def write(self, data: Any) -> None:
        self.written += bytes(data)
        self.n_writes += 1

    def abort(self) -> None:
        self.is_cut = True

    close = abort

    def is_closing(self) -> bool:
        return self.is_cut

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        pass


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


def config() -> uvicorn.Config:
    made = uvicorn.Config(app, ws=Socket, lifespan="off", log_config=None, proxy_headers=False)
    made.load()
    return made


def connected(others: Open, state: ServerState, address: str = "9.9.9.9") -> Transport:
    """A plain connection that says nothing yet."""
    transport = Transport(address)
    given = {"config": config(), "server_state": state, "app_state": {}}
    Connection(others, **given).connection_made(transport)
    return transport


async def websocket() -> tuple[Socket, Transport]:
    """One whose handshake is over."""
    made = Socket(config=config(), server_state=ServerState(), app_state={})
    transport = Transport()
    made.connection_made(transport)
    made.data_received(SHAKE)
    for _ in range(5):
        await asyncio.sleep(0)
    assert transport.written.startswith(b"HTTP/1.1 101")
    return made, transport


@pytest.mark.parametrize("opcode", [Opcode.PING, Opcode.PONG, Opcode.CONT])
def test_frames_that_are_no_message_are_bounded_too(opcode: Opcode) -> None:
    async def scene() -> int:
        made, transport = await websocket()
        if opcode is Opcode.CONT:
            made.data_received(frame(b"", is_last=False))
        for number in range(20_000):
            made.data_received(frame(b"", opcode, is_last=opcode is not Opcode.CONT))
            if transport.is_cut:
                return number
        return -1

    assert connections.BARE_FRAMES[1] <= asyncio.run(scene()) < 2 * connections.BARE_FRAMES[1]


def test_a_large_message_may_come_in_as_many_pieces_as_a_browser_makes() -> None:
    async def scene() -> bool:
        made, transport = await websocket()
        for _ in range(10):
            made.data_received(frame(b"x" * 1000, is_last=False))
            for _ in range(76):
                made.data_received(frame(b"x" * 131_000, Opcode.CONT, is_last=False))
            made.data_received(frame(b"x", Opcode.CONT))
            for _ in range(5):
                await asyncio.sleep(0)  # the app takes it
        return transport.is_cut

    assert not asyncio.run(scene())


def test_who_goes_on_after_the_goodbye_is_cut_off() -> None:
    async def scene() -> tuple[bool, bool]:
        made, transport = await websocket()
        await made.send({"type": "websocket.close", "code": 1008, "reason": "enough"})
        made.data_received(frame(b"x" * 1000))
        soon = transport.is_cut
        made.data_received(frame(b"x") * 10_000)
        return soon, transport.is_cut

    assert asyncio.run(scene()) == (False, True)


def test_what_a_turn_of_the_loop_sends_goes_out_at_once() -> None:
    texts = [f"part {number} of a page".encode() for number in range(40)]

    async def scene() -> tuple[bytes, int, bytes]:
        made, transport = await websocket()
        before, n_before = len(transport.written), transport.n_writes
        for text in texts:
            await made.send({"type": "websocket.send", "bytes": text})
        await asyncio.sleep(0)
        at_once, n_writes = transport.written[before:], transport.n_writes - n_before
        await made.send({"type": "websocket.send", "bytes": b"the last"})
        await made.send({"type": "websocket.close", "code": 1000, "reason": "done"})
        made.transport.close()
        return at_once, n_writes, transport.written[before + len(at_once) :]

    sent, n_writes, at_the_end = asyncio.run(scene())
    assert n_writes == 1
    assert sent == b"".join(bytes((0x82, len(text))) + text for text in texts)
    assert at_the_end.startswith(bytes((0x82, 8)) + b"the last" + bytes((0x88,)))


def test_if_there_are_too_many_the_one_that_was_quiet_for_longest_goes() -> None:
    async def scene() -> list[bool]:
        state, others = ServerState(), Open(3, Environment())
        first, second, third = (connected(others, state) for _ in range(3))
        (speaker,) = (each for each in state.connections if each.transport is first)
        cast("Connection", speaker).data_received(b"GET / HT")
        fourth = connected(others, state)
        return [each.is_cut for each in (first, second, third, fourth)]

    assert asyncio.run(scene()) == [False, True, False, False]


@pytest.mark.parametrize(
    ("environment", "address", "is_bounded"),
    [
        (Environment(is_public=True), "9.9.9.9", True),
        (Environment(is_public=True), "127.0.0.1", False),
        (Environment(is_public=True, proxies=("9.9.0.0/16",)), "9.9.9.9", False),
        (Environment(), "9.9.9.9", False),
    ],
)
def test_on_a_public_server_an_address_that_is_no_proxy_has_so_many(
    environment: Environment, address: str, is_bounded: bool
) -> None:
    async def scene() -> tuple[list[bytes], bool]:
        state, others = ServerState(), Open(1000, environment)
        made = [connected(others, state, address) for _ in range(AN_ADDRESS + 1)]
        other = connected(others, state, "8.8.8.8")
        return [each.written for each in made if each.is_cut], other.is_cut

    refused, is_other_refused = asyncio.run(scene())
    assert [each[:12] for each in refused] == [b"HTTP/1.1 503"] * is_bounded
    assert not is_other_refused


@pytest.fixture
def listening() -> Iterator[tuple[Listener, tuple[str, int]]]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        address = bound.getsockname()
        with Listener.of(bound, 10_000_000) as listener:
            listener.setblocking(False)
            yield listener, address


def test_an_answer_waits_for_no_word_of_the_other_end(
    listening: tuple[Listener, tuple[str, int]],
) -> None:
    listener, address = listening
    with socket.create_connection(address, timeout=10), listener.accept()[0] as accepted:
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_turn_of_accepting_ends_before_there_are_no_files_left(
    listening: tuple[Listener, tuple[str, int]],
) -> None:
    listener, address = listening
    with ExitStack() as held:
        for _ in range(6):
            held.enter_context(socket.create_connection(address, timeout=10))
        for _ in range(2):
            held.enter_context(listener.accept()[0])  # there's room
        listener._most = 0
        for _ in range(4):  # one in each turn, so that others can be closed in between
            held.enter_context(listener.accept()[0])
            with pytest.raises(BlockingIOError):
                listener.accept()


def test_where_the_system_has_no_more_it_is_asked_once_in_a_turn(
    listening: tuple[Listener, tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, _ = listening
    n_asked = 0

    def none_left(_: socket.socket) -> tuple[socket.socket, Any]:
        nonlocal n_asked
        n_asked += 1
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(socket.socket, "accept", none_left)
    with pytest.raises(OSError, match="Too many"):
        listener.accept()
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert n_asked == 1
