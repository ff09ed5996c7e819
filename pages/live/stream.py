"""The live stream: a websocket for each open view, with at most ten frames a second.

All that a reader can say on it is a text, for a channel that listens to one: a question.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from weakref import WeakValueDictionary

from starlette.websockets import WebSocket, WebSocketDisconnect

from server.gate import GATE
from server.load import LOAD
from server.middleware import is_own_origin

NUDGED_SECONDS = 0.02  # between looks just after a nudge
NUDGED_LOOKS = 8
SOON = 0.25  # of the time between two frames, until the next look where there was none yet
SOON_LOOKS = 3  # in a row; what has none by then is at rest
EVENT_SECONDS = 10.0  # until the next look where each change comes with a nudge
RUSH_SECONDS = 1.0  # that a frame waits at most for pages
LONGEST_TEXT = 1000  # characters that a reader may send at once


class Versioned(Protocol):
    """A snapshot, of whatever kind: it never changes, and a newer one has a higher version."""

    @property
    def version(self) -> int:
        """Rises with each snapshot."""


SnapshotT = TypeVar("SnapshotT", bound=Versioned)
SnapshotT_contra = TypeVar("SnapshotT_contra", bound=Versioned, contravariant=True)


class Frames(Protocol[SnapshotT_contra]):
    """Makes the messages about one kind of snapshots."""

    def id_of(self, snapshot: SnapshotT_contra) -> int:
        """Another number, from 1, wherever `describe` would make another description."""

    def version_of(self, snapshot: SnapshotT_contra) -> int:
        """Another number wherever `make` would make another frame; it rises."""

    def describe(self, snapshot: SnapshotT_contra) -> bytes:
        """What stays as it is as long as that number does."""

    def make(self, snapshot: SnapshotT_contra) -> bytes:
        """What moves, whole: a reader needs no frame before it."""


class Sent(NamedTuple):
    """What a reader has got: the description of the run `id`, and the frame of `version`."""

    id: int = 0
    version: int = 0


class Channel(Generic[SnapshotT]):
    """What one token gives access to: the newest snapshot, as messages made once for all readers.

    A description goes out before the first frame of its run, to each reader once; a frame goes
    out whenever there is a newer one.

    Attributes:
        readers: what wakes each of them, and the loop that it waits in.
        hear: takes a text that a reader sent, on any thread; by default it's dropped.
        is_by_event: whether each newer snapshot comes with a nudge, so that nobody has to look.
    """

    def __init__(
        self,
        snapshot: Callable[[], SnapshotT | None],
        frames: Frames[SnapshotT],
        hear: Callable[[str], object] = lambda _text: None,
        *,
        is_by_event: bool = False,
    ) -> None:
        self._snapshot = snapshot
        self._frames = frames
        self.hear = hear
        self.is_by_event = is_by_event
        self._made = Sent()
        self._description = b""
        self._frame = b""
        self.readers: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def nudge(self) -> None:
        """Have the readers look at once, as something is about to begin; from any thread."""
        for event, loop in list(self.readers.items()):
            with suppress(RuntimeError):  # the server has ended
                loop.call_soon_threadsafe(event.set)

    def newer_than(self, sent: Sent) -> tuple[Sent, list[bytes]]:
        """The messages that a reader lacks, and what it has after them."""
        snapshot = self._snapshot()
        if snapshot is None:
            return sent, []
        newest = Sent(self._frames.id_of(snapshot), self._frames.version_of(snapshot))
        if newest.version == sent.version:
            return sent, []
        if newest.id != self._made.id:
            self._description = self._frames.describe(snapshot)
        if newest.version != self._made.version:
            self._frame = self._frames.make(snapshot)
        self._made = newest
        is_described = newest.id == sent.id
        return newest, [self._frame] if is_described else [self._description, self._frame]


# A channel lives as long as the session that holds it; then its token opens nothing.
CHANNELS: WeakValueDictionary[str, Channel[Any]] = WeakValueDictionary()


async def live(websocket: WebSocket) -> None:
    """Serve one view: send each newer frame when the last one is through, until it hangs up.

    A wrong or old token and a foreign origin are refused before anything is sent.
    """
    token = websocket.path_params["token"]
    if token not in CHANNELS or not is_own_origin(websocket.headers):
        await websocket.close(code=1008)
        return
    await websocket.accept()
    wake = asyncio.Event()
    readers: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
    hung_up = asyncio.create_task(_until_hung_up(websocket, token, wake))
    sent, nudged, n_empty = Sent(), 0, 0
    try:
        while not hung_up.done():
            channel = CHANNELS.get(token)
            if channel is None:
                await websocket.close(code=1001)
                return
            if not channel.is_by_event:
                await _let_pages_by()
            sent, messages = channel.newer_than(sent)
            readers = channel.readers
            readers[wake] = asyncio.get_running_loop()
            by_event = EVENT_SECONDS if channel.is_by_event else None
            del channel  # a waiting view must not keep a session's channel alive
            n_empty = 0 if messages else n_empty + 1
            for message in messages:
                await websocket.send_bytes(message)
            if by_event and messages:
                await asyncio.sleep(LOAD.frame_seconds)  # what comes meanwhile is in the next one
            with suppress(TimeoutError):
                async with asyncio.timeout(by_event or _pause(nudged, n_empty)):
                    await wake.wait()
            nudged = NUDGED_LOOKS if wake.is_set() else max(0, nudged - 1)
            wake.clear()
    except (WebSocketDisconnect, RuntimeError):
        pass  # the reader left while a frame was on its way
    finally:
        readers.pop(wake, None)
        hung_up.cancel()


async def _let_pages_by() -> None:
    """Wait while many pages are to be drawn: their clicks come before the next point of a curve."""
    end = time.monotonic() + RUSH_SECONDS
    while GATE.is_rushed and time.monotonic() < end:
        await asyncio.sleep(LOAD.frame_seconds)


def _pause(nudged: int, n_empty: int) -> float:
    """Seconds until the next look, after so many that found nothing new."""
    if nudged:
        return NUDGED_SECONDS
    return LOAD.frame_seconds * (SOON if 0 < n_empty <= SOON_LOOKS else 1)


async def _until_hung_up(websocket: WebSocket, token: str, wake: asyncio.Event) -> None:
    """Hand on what the reader sends, one text after the other, as each may take a while."""
    try:
        while (message := await websocket.receive())["type"] != "websocket.disconnect":
            text, channel = message.get("text"), CHANNELS.get(token)
            if text is not None and len(text) <= LONGEST_TEXT and channel is not None:
                await asyncio.to_thread(channel.hear, text)
                wake.set()
            del channel  # a waiting view must not keep a session's channel alive
    finally:
        wake.set()
