"""The live socket's rules, with a reader of the test's own in place of the network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from pages.parts.live import stream
from pages.parts.live.stream import CHANNELS, Channel, is_own_origin, live


class Reader:
    """Stands for a browser: takes each frame when `may_take` is set, and can hang up."""

    def __init__(self, token: str, headers: dict[str, str] | None = None) -> None:
        self.path_params = {"token": token}
        self.headers = {"host": "127.0.0.1:8501"} | (headers or {})
        self.frames: list[bytes] = []
        self.closed: int | None = None
        self.is_accepted = False
        self.may_take = asyncio.Event()
        self.may_take.set()
        self.hung_up = asyncio.Event()

    async def accept(self) -> None:
        self.is_accepted = True

    async def close(self, code: int) -> None:
        self.closed = code

    async def send_bytes(self, frame: bytes) -> None:
        await self.may_take.wait()
        self.frames.append(frame)

    async def receive(self) -> dict[str, Any]:
        await self.hung_up.wait()
        return {"type": "websocket.disconnect"}


class Numbered:
    def __init__(self, version: int) -> None:
        self.version = version


class Source:
    """A trainer whose snapshots the test makes."""

    def __init__(self) -> None:
        self.current = Numbered(1)
        self.n_made = 0
        self.channel = Channel(lambda: self.current, self.make)

    def make(self, snapshot: Any) -> bytes:
        self.n_made += 1
        return b"frame %d" % snapshot.version

    def advance(self) -> None:
        self.current = Numbered(self.current.version + 1)


@pytest.fixture(autouse=True)
def quick_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "FRAME_SECONDS", 0.001)


async def until(is_so: Callable[[], object]) -> None:
    for _ in range(20_000):
        if is_so():
            return
        await asyncio.sleep(0)
    raise AssertionError("never so")


def test_all_readers_get_one_frame_made_once() -> None:
    async def scene() -> None:
        source = Source()
        CHANNELS["t"] = source.channel
        readers = [Reader("t") for _ in range(5)]
        views = [asyncio.create_task(live(reader)) for reader in readers]  # type: ignore[arg-type]
        await until(lambda: all(reader.frames for reader in readers))
        source.advance()
        await until(lambda: all(len(reader.frames) == 2 for reader in readers))
        assert source.n_made == 2
        for reader in readers:
            reader.hung_up.set()
        await asyncio.gather(*views)
        assert readers[0].frames == [b"frame 1", b"frame 2"]

    asyncio.run(scene())


def test_a_slow_reader_gets_fewer_frames_and_never_an_old_one() -> None:
    async def scene() -> None:
        source = Source()
        CHANNELS["t"] = source.channel
        reader = Reader("t")
        reader.may_take.clear()
        view = asyncio.create_task(live(reader))  # type: ignore[arg-type]
        for _ in range(50):
            source.advance()
            await asyncio.sleep(0)
        reader.may_take.set()
        await until(lambda: reader.frames and reader.frames[-1] == b"frame 51")
        assert len(reader.frames) == 2  # the one that was on its way, and the newest
        reader.hung_up.set()
        await view

    asyncio.run(scene())


def test_nothing_is_sent_while_nothing_changes() -> None:
    async def scene() -> None:
        source = Source()
        CHANNELS["t"] = source.channel
        reader = Reader("t")
        view = asyncio.create_task(live(reader))  # type: ignore[arg-type]
        await until(lambda: reader.frames)
        for _ in range(2000):
            await asyncio.sleep(0)
        assert len(reader.frames) == 1
        reader.hung_up.set()
        await view

    asyncio.run(scene())


@pytest.mark.parametrize("origin", ["http://example.org", "null", "http://127.0.0.1:1", ""])
def test_a_foreign_origin_is_refused(origin: str) -> None:
    async def scene() -> None:
        source = Source()
        CHANNELS["t"] = source.channel
        reader = Reader("t", {"origin": origin})
        await live(reader)  # type: ignore[arg-type]
        assert (reader.is_accepted, reader.closed, reader.frames) == (False, 1008, [])

    asyncio.run(scene())


def test_an_unknown_token_is_refused() -> None:
    async def scene() -> None:
        reader = Reader("nobody's")
        await live(reader)  # type: ignore[arg-type]
        assert (reader.is_accepted, reader.closed) == (False, 1008)

    asyncio.run(scene())


def test_a_token_dies_with_its_session_even_while_someone_looks() -> None:
    async def scene() -> None:
        source = Source()
        CHANNELS["t"] = source.channel
        reader = Reader("t")
        view = asyncio.create_task(live(reader))  # type: ignore[arg-type]
        await until(lambda: reader.frames)
        del source.channel
        await view
        assert reader.closed == 1001

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({"origin": "http://127.0.0.1:8501"}, True),
        ({"origin": "https://names.example", "x-forwarded-host": "names.example"}, True),
        ({"origin": "https://names.example"}, False),
        ({}, True),
    ],
)
def test_the_own_origin_is_the_host_that_was_asked(headers: dict[str, str], is_own: bool) -> None:
    async def scene() -> None:
        assert is_own_origin(Reader("t", headers)) is is_own  # type: ignore[arg-type]

    asyncio.run(scene())
