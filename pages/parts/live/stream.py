"""The live stream: a websocket for each open view, read only, ten frames a second at most."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from starlette.websockets import WebSocket, WebSocketDisconnect

FRAME_SECONDS = 0.1


class Versioned(Protocol):
    """A snapshot, of whatever kind: it never changes, and a newer one has a higher version."""

    @property
    def version(self) -> int:
        """Rises with each snapshot."""


class Channel:
    """What one token gives access to: the newest snapshot as a frame, made once for all readers."""

    def __init__(
        self, snapshot: Callable[[], Versioned | None], make: Callable[[Versioned], bytes]
    ) -> None:
        self._snapshot = snapshot
        self._make = make
        self._version = 0
        self._frame = b""

    def newer_than(self, version: int) -> tuple[int, bytes] | None:
        """The newest frame with its version, unless that is `version` itself."""
        snapshot = self._snapshot()
        if snapshot is None or snapshot.version == version:
            return None
        if snapshot.version != self._version:
            self._frame = self._make(snapshot)
            self._version = snapshot.version
        return self._version, self._frame


# A channel lives as long as the session that holds it; then its token opens nothing.
CHANNELS: WeakValueDictionary[str, Channel] = WeakValueDictionary()


async def live(websocket: WebSocket) -> None:
    """Serve one view: send each newer frame when the last one is through, until it hangs up.

    A wrong or old token and a foreign origin are refused before anything is sent.
    """
    token = websocket.path_params["token"]
    if token not in CHANNELS or not is_own_origin(websocket):
        await websocket.close(code=1008)
        return
    await websocket.accept()
    hung_up = asyncio.create_task(_until_hung_up(websocket))
    version = 0
    try:
        while not hung_up.done():
            channel = CHANNELS.get(token)
            if channel is None:
                await websocket.close(code=1001)
                return
            newer = channel.newer_than(version)
            del channel  # a waiting view must not keep a session's channel alive
            if newer is not None:
                version, frame = newer
                await websocket.send_bytes(frame)
            await asyncio.wait({hung_up}, timeout=FRAME_SECONDS)
    except (WebSocketDisconnect, RuntimeError):
        pass  # the reader left while a frame was on its way
    finally:
        hung_up.cancel()


def is_own_origin(websocket: WebSocket) -> bool:
    """Whether the page that opens the socket came from this server; browsers cannot hide it."""
    origin = websocket.headers.get("origin")
    if origin is None:
        return True  # not a browser, so no other site's page can be behind it
    hosts = {websocket.headers.get("host"), websocket.headers.get("x-forwarded-host")}
    return urlsplit(origin).netloc in hosts - {None}


async def _until_hung_up(websocket: WebSocket) -> None:
    while True:
        message = await websocket.receive()  # nothing is expected from the reader
        if message["type"] == "websocket.disconnect":
            return
