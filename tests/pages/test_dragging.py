"""The slider's websocket: frames for a page that takes them, and for one that doesn't."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.websockets import WebSocketDisconnect

from core.config import RunConfig
from core.text import embedded_corpus
from pages.live.dragging import DRAGS, MOST_READY, Drag, drag


class Page:
    """Sends positions that are refused, and takes frames only in the end."""

    def __init__(self, token: str, n_positions: int) -> None:
        self.path_params = {"token": token}
        self.headers = {"host": "127.0.0.1"}
        self.frames: list[bytes] = []
        self.may_take = asyncio.Event()
        self.all_are_sent = asyncio.Event()
        self.hangs_up = asyncio.Event()
        self._positions = iter(range(n_positions))

    async def accept(self) -> None:
        pass

    async def receive_text(self) -> str:
        number = next(self._positions, None)
        if number is None:
            self.all_are_sent.set()
            await self.hangs_up.wait()
            raise WebSocketDisconnect
        await asyncio.sleep(0)
        return json.dumps({"number": number, "settings": {"n_hidden": -1}})

    async def send_bytes(self, frame: bytes) -> None:
        await self.may_take.wait()
        self.frames.append(frame)


def number_of(frame: bytes) -> int:
    length = int.from_bytes(frame[:4], "little")
    header: dict[str, Any] = json.loads(frame[4 : 4 + length])
    return int(header["number"])


def test_a_page_that_takes_no_frames_has_the_newest_waiting_and_no_more() -> None:
    async def scene() -> list[int]:
        mine = Drag()
        mine.offer(RunConfig(), embedded_corpus())
        DRAGS["t"] = mine
        page = Page("t", 1000)
        serving = asyncio.create_task(drag(page))  # type: ignore[arg-type]
        await page.all_are_sent.wait()
        page.may_take.set()
        while not page.frames or number_of(page.frames[-1]) != 999:
            await asyncio.sleep(0)
        page.hangs_up.set()
        await serving
        return [number_of(frame) for frame in page.frames]

    numbers = asyncio.run(scene())
    assert len(numbers) <= MOST_READY + 1  # one was on its way
    assert numbers[-MOST_READY:] == list(range(1000 - MOST_READY, 1000))
