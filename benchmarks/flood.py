"""A socket that sends all that the server takes, as fast as it takes it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.frames import Frame, Opcode

AT_ONCE = 1000  # frames handed to the system together


def rerun(n_states: int = 0) -> bytes:
    """A page's wish to run again, with so many states of widgets that it hasn't got."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    for number in range(n_states):
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.bool_value = str(number), True
    return bytes(message.SerializeToString())


def frame(data: bytes, opcode: Opcode = Opcode.BINARY, *, is_last: bool = True) -> bytes:
    """A client's frame, the last one of its message or not."""
    return Frame(opcode, data, fin=is_last).serialize(mask=True)


def connected(port: int, path: str = "/_stcore/stream") -> socket.socket:
    """The other end of a websocket, after the handshake."""
    client = socket.create_connection(("127.0.0.1", port), timeout=60)
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: streamlit\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    client.sendall(request.encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += client.recv(1)
    assert answer.startswith(b"HTTP/1.1 101"), answer
    return client


@contextmanager
def flooding(port: int, one: bytes = b"") -> Iterator[None]:
    """For the length of the block a socket sends this frame on and on; cut off, it comes again."""
    has_ended = threading.Event()
    many = (one or frame(rerun())) * AT_ONCE

    def read(client: socket.socket) -> None:
        with suppress(OSError):
            while client.recv(1 << 16):
                pass

    def flood() -> None:
        while not has_ended.is_set():
            with suppress(OSError), connected(port) as client:
                threading.Thread(target=read, args=(client,), daemon=True).start()
                client.settimeout(0.5)
                n_sent = 0
                while not has_ended.is_set():
                    with suppress(TimeoutError):  # the server takes its time
                        n_sent = (n_sent + client.send(many[n_sent:])) % len(many)

    thread = threading.Thread(target=flood, daemon=True)
    thread.start()
    try:
        yield
    finally:
        has_ended.set()
        thread.join(timeout=60)
