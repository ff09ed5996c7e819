"""Positions of a moving slider in, curves out: a websocket for the page that drags."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal, TypedDict
from weakref import WeakValueDictionary

import numpy as np
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.config import RunConfig
from core.errors import ConfigError
from core.jobs import DragCurve, Dragging
from core.learning import Floats
from core.text import Corpus
from pages.live.frames import pack
from server.middleware import is_own_origin

DRAGGED = ("block_size", "n_embd", "n_hidden", "base_lr", "batch_size")
LONGEST_MESSAGE = 1000  # characters
MOST_READY = 64  # frames that wait for one page


class DragFrame(TypedDict):
    """The curve of a position.

    Attributes:
        kind: of message.
        number: of the position, as the browser counts.
        width, fine: bins of the curve, as a `LossCurve` has them.
        is_finished: whether this is all of it.
        has_diverged: whether it ended at a loss that is not finite.
        complaint: why there is no curve, in words.
        mean: the loss of each bin.
    """

    kind: Literal["drag-frame"]
    number: int
    width: int
    fine: int
    is_finished: bool
    has_diverged: bool
    complaint: str
    mean: Floats


class Drag:
    """What one visitor's sliders move: all other settings, the corpus, and who trains."""

    def __init__(self, check: Callable[[RunConfig], object] = lambda _run: None) -> None:
        """Take positions that a check lets pass, which raises `ConfigError` for any other."""
        self.dragging = Dragging()
        self._check = check
        self._base: tuple[RunConfig, Corpus] | None = None

    def offer(self, config: RunConfig, corpus: Corpus) -> None:
        """From now on positions are changes of these settings."""
        self._base = (config, corpus)

    def forget(self) -> None:
        """End the run under way, and drop the settings and words that it is of."""
        self.dragging.stop()
        self._base = None

    def move(self, text: str, on_frame: Callable[[bytes], None]) -> None:
        """Train the position that a message says; its curve, or why there is none, comes back.

        Args:
            text: in JSON `{"number": 3, "settings": {"n_hidden": 120}}`.
            on_frame: takes `DragFrame`s, on any thread.

        Raises:
            ValueError: if the message is not of that form.
        """
        message = json.loads(text)
        if not isinstance(message, dict) or self._base is None:
            raise ValueError("no position")
        number, moved = message.get("number"), message.get("settings")
        if not isinstance(number, int) or not isinstance(moved, dict):
            raise ValueError("no position")
        config, corpus = self._base
        try:
            if not moved.keys() <= set(DRAGGED):
                raise ConfigError("settings", f"some of {', '.join(DRAGGED)}", list(moved))
            position = RunConfig.from_settings(config.to_settings() | moved)
            self._check(position)
        except ConfigError as error:
            on_frame(_frame(number, complaint=str(error)))
            return
        self.dragging.move(number, position, corpus, lambda curve: on_frame(_of(curve)))


# As with the channels of the live stream, one lives as long as its session.
DRAGS: WeakValueDictionary[str, Drag] = WeakValueDictionary()


async def drag(websocket: WebSocket) -> None:
    """Serve one page's sliders until it hangs up; a wrong token or foreign origin is refused."""
    token = websocket.path_params["token"]
    if token not in DRAGS or not is_own_origin(websocket.headers):
        await websocket.close(code=1008)
        return
    await websocket.accept()
    loop = asyncio.get_running_loop()
    ready = _Ready()

    def hand_over(frame: bytes) -> None:
        with suppress(RuntimeError):  # the server has ended while a run went on
            loop.call_soon_threadsafe(ready.put, frame)

    sending = asyncio.create_task(_send(websocket, ready))
    try:
        while not sending.done():
            text = await websocket.receive_text()
            mine = DRAGS.get(token)
            if mine is None or len(text) > LONGEST_MESSAGE:
                await websocket.close(code=1001 if mine is None else 1009)
                break
            mine.move(text, hand_over)
            del mine  # a waiting page must not keep a session alive
    except ValueError:
        await websocket.close(code=1007)
    except (WebSocketDisconnect, RuntimeError, KeyError):
        pass  # it left, or sent something other than text
    finally:
        sending.cancel()
        left = DRAGS.get(token)
        if left is not None:
            left.dragging.stop()


class _Ready:
    """Frames on their way to a page; of one that doesn't take them the oldest are left out."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque(maxlen=MOST_READY)
        self._has_some = asyncio.Event()

    def put(self, frame: bytes) -> None:
        """Add one; on the loop's own thread."""
        self._frames.append(frame)
        self._has_some.set()

    async def get(self) -> bytes:
        """The oldest, once there is one."""
        while not self._frames:
            self._has_some.clear()
            await self._has_some.wait()
        return self._frames.popleft()


async def _send(websocket: WebSocket, ready: _Ready) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await websocket.send_bytes(await ready.get())


def _of(curve: DragCurve) -> bytes:
    return _frame(
        curve.number,
        mean=curve.curve.mean,
        width=curve.curve.width,
        fine=curve.curve.fine,
        is_finished=curve.is_finished,
        has_diverged=curve.has_diverged,
        complaint=curve.error,
    )


def _frame(number: int, **more: Any) -> bytes:
    frame: DragFrame = {
        "kind": "drag-frame",
        "number": number,
        "width": 1,
        "fine": 0,
        "is_finished": True,
        "has_diverged": False,
        "complaint": "",
        "mean": np.zeros(0, dtype=np.float32),
    }
    return pack({**frame, **more})
