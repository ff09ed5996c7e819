"""The live socket's rules, with a reader of the test's own in place of the network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from pages.live import stream
from pages.live.stream import CHANNELS, SOON, Channel, live
from server import load


class Reader:
    """Stands for a browser: takes each frame when `may_take` is set, and can hang up."""

    def __init__(self, token: str, headers: dict[str, str] | None = None) -> None:
        self.path_params = {"token": token}
        self.headers = {"host": "127.0.0.1:8501"} | (headers or {})
        self.messages: list[bytes] = []
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
        self.messages.append(frame)

    @property
    def frames(self) -> list[bytes]:
        return [message for message in self.messages if message.startswith(b"frame")]

    async def receive(self) -> dict[str, Any]:
        await self.hung_up.wait()
        return {"type": "websocket.disconnect"}


class Numbered(NamedTuple):
    version: int
    run: int


class Source:
    """A trainer whose snapshots the test makes."""

    def __init__(self) -> None:
        self.current = Numbered(version=1, run=1)
        self.n_made = 0
        self.n_described = 0
        self.channel = Channel(lambda: self.current, self)

    def id_of(self, snapshot: Numbered) -> int:
        return snapshot.run

    def version_of(self, snapshot: Numbered) -> int:
        return snapshot.version

    def describe(self, snapshot: Numbered) -> bytes:
        self.n_described += 1
        return b"run %d" % snapshot.run

    def make(self, snapshot: Numbered) -> bytes:
        self.n_made += 1
        return b"frame %d" % snapshot.version

    def advance(self) -> None:
        self.current = self.current._replace(version=self.current.version + 1)

    def begin_again(self) -> None:
        self.current = Numbered(self.current.version + 1, self.current.run + 1)


@pytest.fixture(autouse=True)
def quick_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "FRAME_SECONDS", 0.001)


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


def test_a_description_comes_first_and_once_and_again_with_a_new_run() -> None:
    async def scene() -> None:
        source = Source()
        CHANNELS["t"] = source.channel
        first = Reader("t")
        views = [asyncio.create_task(live(first))]  # type: ignore[arg-type]
        for version in (1, 2):
            await until(lambda version=version: len(first.frames) == version)  # type: ignore[misc]
            source.advance()
        await until(lambda: len(first.frames) == 3)
        second = Reader("t")  # a view that opens amid the run
        views.append(asyncio.create_task(live(second)))  # type: ignore[arg-type]
        await until(lambda: second.frames)
        source.begin_again()
        await until(lambda: first.frames[-1] == second.frames[-1] == b"frame 4")
        for reader in (first, second):
            reader.hung_up.set()
        await asyncio.gather(*views)
        begun_again = [b"run 2", b"frame 4"]
        assert first.messages == [b"run 1", b"frame 1", b"frame 2", b"frame 3", *begun_again]
        assert second.messages == [b"run 1", b"frame 3", *begun_again]
        assert (source.n_described, source.n_made) == (2, 4)

    asyncio.run(scene())


def test_a_slow_reader_that_slept_over_a_new_run_gets_its_description() -> None:
    async def scene() -> None:
        source = Source()
        CHANNELS["t"] = source.channel
        reader = Reader("t")
        view = asyncio.create_task(live(reader))  # type: ignore[arg-type]
        await until(lambda: reader.frames)
        reader.may_take.clear()
        source.advance()
        for _ in range(50):
            await asyncio.sleep(0)
        source.begin_again()
        source.begin_again()
        reader.may_take.set()
        await until(lambda: reader.frames[-1] == b"frame 4")
        assert b"run 2" not in reader.messages
        assert reader.messages[-2:] == [b"run 3", b"frame 4"]
        reader.hung_up.set()
        await view

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


def test_a_frame_lets_a_rush_of_pages_by_and_one_by_event_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rush = [True]

    class Rushed:
        @property
        def is_rushed(self) -> bool:
            return rush[0]

    monkeypatch.setattr(stream, "GATE", Rushed())

    async def scene() -> None:
        sources = Source(), Source()
        sources[1].channel.is_by_event = True
        readers = [Reader("run"), Reader("room")]
        CHANNELS.update({"run": sources[0].channel, "room": sources[1].channel})
        views = [asyncio.create_task(live(reader)) for reader in readers]  # type: ignore[arg-type]
        await until(lambda: readers[1].frames)
        assert not readers[0].frames
        rush[0] = False
        await until(lambda: readers[0].frames)
        for reader in readers:
            reader.hung_up.set()
        await asyncio.gather(*views)

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


def test_a_view_without_a_newer_frame_looks_again_soon_and_then_rests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []

    def at_once(seconds: float) -> asyncio.Timeout:
        pauses.append(round(seconds / load.FRAME_SECONDS, 3))
        return asyncio.Timeout(0)  # long past

    monkeypatch.setattr("pages.live.stream.asyncio.timeout", at_once)

    async def scene() -> None:
        source = Source()
        CHANNELS["t"] = source.channel
        reader = Reader("t")
        view = asyncio.create_task(live(reader))  # type: ignore[arg-type]
        await until(lambda: len(pauses) == 6)
        source.advance()
        await until(lambda: len(pauses) >= 10)
        reader.hung_up.set()
        await view

    asyncio.run(scene())
    assert pauses[:6] == [1, SOON, SOON, SOON, 1, 1]
    assert pauses[6:10] == [1, SOON, SOON, SOON]
