"""Ctrl+C and SIGTERM in mid-run: no failure, no word but goodbye, and not a moment's wait."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from benchmarks.visitors import Visitor
from core.runs import store as stores
from core.runs.store import Query, Store
from scripts import start

ROOT = Path(__file__).parents[1]
START_SECONDS = 120.0
# Twice what a person gets, as the machine may be busy with other tests.
END_SECONDS = 4.0
LONG = "steps=1000000&n_embd=10&n_hidden=200"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends a signal")


@dataclass
class Started:
    """A server whose output is in a file."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def health(self) -> dict[str, object]:
        with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
            found: dict[str, object] = json.load(answer)
        return found

    def end(self, asked_by: signal.Signals) -> tuple[int, str, float]:
        """Exit code, what was said since the signal, and how long that took in seconds."""
        n_said = len(self.log.read_text())
        begun = time.monotonic()
        self.process.send_signal(asked_by)
        code = self.process.wait(timeout=60)
        return code, self.log.read_text()[n_said:], time.monotonic() - begun


def plain(port: int) -> list[str]:
    return [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]


def by_start(port: int) -> list[str]:
    return start.server_command(sys.executable, [f"--server.port={port}"])


@contextmanager
def started(command: Callable[[int], list[str]], folder: Path, place: Path) -> Iterator[Started]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            command(port),
            cwd=ROOT,
            env=os.environ | {"NAMESMITH_STORE": str(place)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Started(process, port, log)
    try:
        yield server
    finally:
        process.kill()
        process.wait(timeout=60)


def wait_until(is_so: Callable[[], object], server: Started) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        with suppress(OSError):
            if is_so():
                return
        assert server.process.poll() is None, server.log.read_text()
        assert time.monotonic() < end, server.log.read_text()
        time.sleep(0.05)


async def all_at_work(server: Started) -> list[Visitor]:
    """One trains at full speed, one sweeps, one searches."""
    trains, sweeps, searches = visitors = [Visitor(server.port, LONG) for _ in range(3)]
    for visitor in visitors:
        await visitor.arrive()
    await trains.train()
    await trains.press("At once")
    await sweeps.open("sweeps")
    await sweeps.press("Run sweep")
    await searches.open("search")
    await searches.press("Run search")
    return visitors


def deaf_clients(server: Started) -> list[socket.socket]:
    """One never answers that the server hangs up, one never ends its upload."""
    host = f"Host: 127.0.0.1:{server.port}\r\n"
    shake = (
        f"GET /_stcore/stream HTTP/1.1\r\n{host}Connection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    upload = f"PUT /_stcore/upload_file/a/b HTTP/1.1\r\n{host}Content-Length: 1000\r\n\r\n--"
    clients = []
    for request in (shake, upload):
        client = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        client.sendall(request.encode())
        clients.append(client)
    clients[0].recv(100)  # the handshake's answer
    return clients


@pytest.mark.parametrize(
    ("command", "asked_by"),
    [(by_start, signal.SIGINT), (plain, signal.SIGINT), (plain, signal.SIGTERM)],
)
def test_in_mid_run_it_ends_at_once_and_says_goodbye(
    command: Callable[[int], list[str]], asked_by: signal.Signals, tmp_path: Path
) -> None:
    place = tmp_path / "kept.db"
    with started(command, tmp_path, place) as server:
        wait_until(server.health, server)
        asyncio.run(_ends_at_work(server, asked_by))
    kept = Store.open(str(place), stores.Limits())
    runs, _ = kept.page("own", Query(), limit=5)
    kept.close()
    assert [row.step > 0 for row in runs] == [True]  # what it had reached is there the next time


async def _ends_at_work(server: Started, asked_by: signal.Signals) -> None:
    visitors = await all_at_work(server)
    deaf = await asyncio.to_thread(deaf_clients, server)
    try:
        assert [error for visitor in visitors for error in visitor.errors] == []
        assert (await asyncio.to_thread(server.health))["runs"] == 1
        code, said, seconds = await asyncio.to_thread(server.end, asked_by)
        assert (code, said) == (0, "\nGoodbye.\n")
        assert seconds < END_SECONDS
    finally:
        for visitor in visitors:
            visitor.vanish()
        for client in deaf:
            client.close()


@pytest.mark.skipif(sys.platform != "linux", reason="looks at what a process catches in /proc")
@pytest.mark.parametrize("moment", ["", "You can now view"])
def test_while_it_starts_it_ends_as_quickly(moment: str, tmp_path: Path) -> None:
    with started(by_start, tmp_path, tmp_path / "kept.db") as server:
        if moment:
            wait_until(lambda: moment in server.log.read_text(), server)
        else:  # when Python has read the script, which takes the signals first of all
            wait_until(lambda: _takes_sigterm(server), server)
        code, said, seconds = server.end(signal.SIGINT)
        assert code == 0
        assert said.endswith("\nGoodbye.\n")
        assert "Traceback" not in said
        assert seconds < END_SECONDS


def _takes_sigterm(server: Started) -> bool:
    """Whether the process catches it, as Python by itself does not."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
