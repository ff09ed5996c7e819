"""Bounds on connections: how many are open, how many by one address, how long a header takes."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter, OrderedDict
from contextlib import suppress
from functools import cache, partial
from ipaddress import ip_address, ip_network
from typing import Any, cast

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from core.environment import ENVIRONMENT, Environment
from server.rates import Bucket

HEADER_SECONDS = 10.0  # for the whole of it, from the connection's first moment or its first byte
AN_ADDRESS = 120  # plain connections, on a public server; a browser has six
MOST_FILES = 10_240  # enough for 2,000 visitors, and as many as macOS allows
SPARE_FILES = 128  # for the database, the log, and connections that are being closed
READ_BYTES = 16_384  # from a websocket in one go, before others have their turn
LATE_BYTES = 65_536  # from a websocket that was told goodbye, until it's cut off
BARE_FRAMES = (100.0, 500.0)  # a second, and at once: pings, pongs, and pieces of a message
SMALL_PIECE = 1000  # bytes; browsers send a large message in pieces of 131,000
LOCAL = ("127.0.0.1", "::1", "::ffff:127.0.0.1")  # the last where IPv4 comes by IPv6
_TOO_MANY = b"Too many connections come from your address: close some and try again.\n"
_REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_TOO_MANY), _TOO_MANY)
)


@cache
def most_open() -> int:
    """Connections that may be open at once, after the limit of open files was raised."""
    return _raised_file_limit() - SPARE_FILES


def _raised_file_limit() -> int:
    try:
        import resource
    except ImportError:  # Windows, where there is none
        return MOST_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(ValueError, OSError):  # the system has a lower one besides
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_FILES if soft == resource.RLIM_INFINITY else soft


def bound(server: uvicorn.Server, environment: Environment = ENVIRONMENT) -> None:
    """Bound a server's connections, and have it believe its proxies; before it begins to listen.

    Uvicorn's own `limit_concurrency` counts connections too, but answers all alike with 503 once
    there are too many, a look at its health among them.
    """
    most = most_open()
    config = server.config
    config.http_protocol_class = partial(Connection, Open(most, environment))  # type: ignore[assignment]
    config.ws_protocol_class = Socket
    config.forwarded_allow_ips = proxies(environment)
    begin = server.startup
    listeners: list[socket.socket] = []

    async def startup(sockets: list[socket.socket] | None = None) -> None:
        listeners.extend(Listener.of(each, most + SPARE_FILES // 2) for each in sockets or ())
        await begin(listeners or None)

    server.startup = startup  # type: ignore[method-assign]


def proxies(environment: Environment) -> list[str]:
    """Whose word is taken for whom they ask for: this machine's, and those that are named."""
    return [*LOCAL, *environment.proxies]


class Open:
    """The plain connections that are open: not yet asked for anything, asked, or kept for more.

    Args:
        most: of all kinds, websockets among them.
    """

    def __init__(self, most: int, environment: Environment) -> None:
        self._most = most
        self._is_public = environment.is_public
        self._proxies = [ip_network(each) for each in proxies(environment)]
        self._addresses: Counter[str] = Counter()
        self._heard: OrderedDict[Connection, None] = OrderedDict()  # the last one at the end

    def add(self, connection: Connection, n_open: int) -> bool:
        """Whether a new one may stay; if there are too many, the quietest one goes for it."""
        address = connection.address
        if (
            self._is_public
            and self._addresses[address] >= AN_ADDRESS
            and not self._is_proxy(address)
        ):
            return False
        if n_open > self._most:
            if not self._heard:
                return False  # all are websockets, which are bounded elsewhere
            self.remove(quietest := next(iter(self._heard)))
            quietest.transport.abort()
        self._heard[connection] = None
        self._addresses[address] += 1
        return True

    def hear(self, connection: Connection) -> None:
        """It said something, so that others go first."""
        if connection in self._heard:
            self._heard.move_to_end(connection)

    def remove(self, connection: Connection) -> None:
        """It's gone, or has become a websocket."""
        if connection in self._heard:
            del self._heard[connection]
            self._addresses[connection.address] -= 1
            self._addresses += Counter()  # forgets who has none

    def _is_proxy(self, address: str) -> bool:
        with suppress(ValueError):
            return any(ip_address(address) in each for each in self._proxies)
        return False


class Connection(H11Protocol):
    """Uvicorn's end of a plain connection, with a time for the header."""

    def __init__(self, others: Open, **given: Any) -> None:
        super().__init__(**given)
        self._others = others
        self._timer: asyncio.TimerHandle | None = None

    @property
    def address(self) -> str:
        """Of the other end."""
        return self.client[0] if self.client else ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuse it if there are too many."""
        super().connection_made(transport)
        if self._others.add(self, len(self.connections)):
            self._look_for_header()
        else:
            transport.write(_REFUSAL)
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        self._others.hear(self)
        super().data_received(data)
        self._look_for_header()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """From here on it's a websocket."""
        self._others.remove(self)
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._others.remove(self)
        self._stop_timer()
        super().connection_lost(exc)

    def _look_for_header(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop_timer()
        elif self._timer is None:
            self._timer = self.loop.call_later(HEADER_SECONDS, self.transport.abort)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Socket(WebSocketsSansIOProtocol):
    """Uvicorn's end of a websocket, with a bound on what never becomes a message for the app."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._bare_frames = Bucket(*BARE_FRAMES)
        self._n_late_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Read less at once than asyncio does: in its 256 KB are 43,000 pings, a second of work."""
        super().connection_made(transport)
        transport.max_size = READ_BYTES  # type: ignore[attr-defined]
        self.transport = cast("asyncio.Transport", Bundling(self.transport, self.loop))

    def data_received(self, data: bytes) -> None:
        """Take what came; Uvicorn would go on for ten seconds after it has said goodbye."""
        if self.close_sent:
            self._n_late_bytes += len(data)
        if self._n_late_bytes > LATE_BYTES:
            self.transport.abort()
        else:
            super().data_received(data)

    def handle_ping(self) -> None:
        """Answer it."""
        if self._is_within_bounds():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Take the answer to a ping of ours."""
        if self._is_within_bounds():
            super().handle_pong(event)

    def handle_cont(self, event: Frame) -> None:
        """Take a further piece of a message."""
        if len(event.data) >= SMALL_PIECE or self._is_within_bounds():
            super().handle_cont(event)

    def _is_within_bounds(self) -> bool:
        if self._bare_frames.take(1) > 0:
            self.transport.abort()  # no browser does this, so nobody waits for a reason
        return not self.transport.is_closing()


class Bundling:
    """A websocket's transport that hands the system all that a turn of the loop writes at once.

    A page has forty messages. Each call of the system lets go of the interpreter's lock, which the
    loop then waits for a millisecond or more to have again where pages are drawn.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send this, soon."""
        if not self._held:
            self._loop.call_soon(self._hand_over)
        self._held.append(data)

    def close(self) -> None:
        """Send what was written, and hang up."""
        self._hand_over()
        self._transport.close()

    def _hand_over(self) -> None:
        held, self._held = self._held, []
        if held and not self._transport.is_closing():
            # Not `writelines`: in Python 3.12.8 and earlier it never asks the writer to pause.
            self._transport.write(b"".join(held))


class Listener(socket.socket):
    """A listening socket that leaves some files to the rest of the server.

    Asyncio accepts up to 2,048 connections before it looks at any of them. Where no file is left it
    logs so for each of them, and then deals with nobody for a second.
    """

    _most = 0
    _is_last = False

    @classmethod
    def of(cls, bound: socket.socket, most: int) -> Listener:
        """In place of a bound socket; so many files of the process may be open after a turn."""
        listener = cls(bound.family, bound.type, bound.proto, bound.detach())
        listener._most = most
        return listener

    def accept(self) -> tuple[socket.socket, Any]:
        """As a socket does, but the turn ends early where it's tight."""
        if self._is_last:
            self._is_last = False
            raise BlockingIOError  # it's called again once those that were accepted are looked at
        try:
            connection, address = super().accept()
        except BlockingIOError:
            raise
        except OSError:
            self._is_last = True
            raise
        # Asyncio does it only for sockets that name their protocol, which Uvicorn's don't; without
        # it each answer's body waits for the other end to say that the header came, often 40 ms.
        if self.family != getattr(socket, "AF_UNIX", None):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The system hands out the lowest number that is free.
        self._is_last = connection.fileno() >= self._most
        return connection, address
