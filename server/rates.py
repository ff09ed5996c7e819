"""How much one websocket may send: it's slowed down first, and closed if it goes on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias

from starlette.types import Message, Receive, Send

# What becomes of a message; or the code and the reason with which its socket is closed.
Verdict: TypeAlias = Literal["take", "drop"] | tuple[int, str]

PATIENCE_SECONDS = 60.0  # that a socket may be slowed down for, without a pause
TOO_MUCH = "This page sent more than the server takes from one."
TOO_LARGE = "This page sent a message that's larger than the server takes."

_log = logging.getLogger("namesmith")


class Bucket:
    """A token bucket: so much a second on average, and so much at once."""

    def __init__(
        self, per_second: float, at_once: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._clock = clock
        self._left = at_once
        self._at = clock()

    def take(self, amount: float) -> float:
        """Take so much, on credit if it isn't there; the seconds until the debt is paid.

        >>> bucket = Bucket(10, 20, clock=lambda: 0.0)
        >>> bucket.take(15), bucket.take(15)
        (0.0, 1.0)
        """
        now = self._clock()
        self._left = min(self._at_once, self._left + (now - self._at) * self._per_second) - amount
        self._at = now
        return max(0.0, -self._left / self._per_second)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """What a kind of websocket may send.

    Attributes:
        messages: a second, and at once.
        size: in bytes, a second, and at once.
        largest: message, in bytes.
    """

    messages: tuple[float, float]
    size: tuple[float, float]
    largest: float


class Paced:
    """A websocket's `receive` and `send`, where what comes in is bounded.

    Args:
        look: what is to become of a message that is neither too large nor too much.
    """

    def __init__(
        self,
        receive: Receive,
        send: Send,
        rate: Rate,
        look: Callable[[Message], Verdict] = lambda _: "take",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._receive, self._send = receive, send
        self._largest, self._look = rate.largest, look
        self._messages = Bucket(*rate.messages, clock)
        self._bytes = Bucket(*rate.size, clock)
        self._clock = clock
        self._slow_since: float | None = None
        self._is_over = False

    async def receive(self) -> Message:
        """The next message, late if many came before it; a goodbye where it's too much."""
        while not self._is_over:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return message
            verdict = await self._after_its_turn(message)
            if isinstance(verdict, tuple):
                await self._close(*verdict)
            elif verdict == "take" and not self._is_over:
                return message
        return {"type": "websocket.disconnect", "code": 1006}

    async def _after_its_turn(self, message: Message) -> Verdict:
        size = len(message.get("bytes") or message.get("text") or "")
        if size > self._largest:
            return 1009, TOO_LARGE
        seconds = max(self._messages.take(1), self._bytes.take(size))
        if not seconds:
            self._slow_since = None
        elif self._slow_since is None:
            self._slow_since = self._clock()
        elif self._clock() - self._slow_since > PATIENCE_SECONDS:
            return 1008, TOO_MUCH
        # Until then nothing more is read from the socket, so that its sender waits too.
        await asyncio.sleep(seconds)
        return self._look(message)

    async def send(self, message: Message) -> None:
        """Send it, if the other end is still there."""
        if self._is_over:
            return
        try:
            await self._send(message)
        except OSError:  # it's gone; what waits to be received of it is of no use any more
            self._is_over = True
        except RuntimeError:
            if not self._is_over:  # else the goodbye went out while this one waited
                raise

    async def _close(self, code: int, reason: str) -> None:
        self._is_over = True
        _log.warning("a page's connection was closed: %s", reason)
        with suppress(OSError):
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
