"""Several processes behind nginx: a visitor stays with his, and has another when it is gone."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from benchmarks.visitors import Visitor
from core.environment import Environment
from core.errors import ConfigError
from core.room_codes import prefixes
from scripts import replicas

ROOT = Path(__file__).parent.parent
NGINX = replicas.nginx()
START_SECONDS = 180.0
BACK_SECONDS = 10.0
QUERY = "steps=1000000&n_embd=10&n_hidden=200"

needs_nginx = pytest.mark.skipif(
    NGINX is None and "CI" not in os.environ, reason="nginx is not installed"
)


@dataclass
class Room:
    """Two processes and nginx, as `start.py --replicas 2` runs them."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    def pid_of(self, name: str) -> int:
        """The newest one's."""
        return int(re.findall(rf"^{name} has the id (\d+)$", self.log.read_text(), re.M)[-1])

    def serves(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "log.txt"
    code = "import sys; from scripts import replicas; sys.exit(replicas.run(sys.executable, 2, "
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", f"{code}['--server.port={port}']))"],
            cwd=ROOT,
            env=os.environ | {"NAMESMITH_STORE": str(tmp_path / "runs.db")},  # one for both
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield Room(process, port, log)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def wait_until(is_so: Callable[[], object], seconds: float, log: Path) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)


@needs_nginx
def test_when_a_process_is_killed_its_visitors_are_on_another_within_ten_seconds(
    room: Room,
) -> None:
    wait_until(lambda: room.log.read_text().count("You can now view") == 2, START_SECONDS, room.log)
    wait_until(room.serves, START_SECONDS, room.log)
    asyncio.run(_lose_a_process(room))
    n_said = len(room.log.read_text())
    room.process.send_signal(signal.SIGINT)
    assert room.process.wait(timeout=60) == 0
    assert room.log.read_text()[n_said:] == "\nGoodbye.\n"  # one for all, and nothing else
    assert not room.serves()


async def _lose_a_process(room: Room) -> None:
    visitors = [Visitor(room.port, QUERY) for _ in range(4)]
    try:
        for visitor in visitors:
            await visitor.arrive()
            await visitor.train()
        processes = [_process_of(visitor) for visitor in visitors]
        assert set(processes) == {"namesmith_process=1", "namesmith_process=2"}
        await _frames_of(visitors)
        lost = [visitor for visitor in visitors if _process_of(visitor) == processes[0]]
        others = [visitor for visitor in visitors if _process_of(visitor) != processes[0]]
        name = processes[0].replace("namesmith_process=", "process ")
        os.kill(room.pid_of(name), signal.SIGKILL)
        started = time.monotonic()
        back = []
        for visitor in lost:
            again = Visitor(room.port, QUERY)
            again.cookie = visitor.cookie  # a browser keeps it
            visitors.append(again)
            await again.arrive()
            await again.train()
            back.append(again)
        await _frames_of(back)
        assert time.monotonic() - started < BACK_SECONDS
        assert set(map(_process_of, back)) == set(map(_process_of, others))
        await _frames_of(others)
        assert [error for visitor in (*others, *back) for error in visitor.errors] == []
    finally:
        for visitor in visitors:
            visitor.vanish()


def _process_of(visitor: Visitor) -> str:
    """The cookie by which nginx knows it, beside the app's own."""
    cookies = visitor.cookie.split("; ")
    return next(cookie for cookie in cookies if cookie.startswith("namesmith_process="))


async def _frames_of(visitors: list[Visitor]) -> None:
    """Each sees something new from now on."""
    for visitor in visitors:
        visitor.frames.clear()
    async with asyncio.timeout(30):
        while not all(visitor.frames for visitor in visitors):
            await asyncio.sleep(0.05)


@needs_nginx
def test_a_rooms_code_leads_to_its_process_before_any_cookie(tmp_path: Path) -> None:
    """With servers in place of the processes that say which they are."""
    assert NGINX is not None
    with ExitStack() as stack:
        servers = [stack.enter_context(_saying(str(number))) for number in (1, 2)]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        replicas.configure(tmp_path, f"127.0.0.1:{port}", [each.server_port for each in servers])
        command = [NGINX, "-p", str(tmp_path), "-c", "nginx.conf", "-g", "daemon off;"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        stack.callback(process.wait, 30)
        stack.callback(process.terminate)

        def answer(query: str, cookie: str = "") -> str:
            request = Request(f"http://127.0.0.1:{port}/{query}", headers={"Cookie": cookie})
            with urlopen(request, timeout=30) as found:
                return f"{found.read().decode()} {found.headers['Set-Cookie'].split(';')[0]}"

        wait_until(lambda: _is_up(port), 30, tmp_path / "nginx.conf")
        for number in (1, 2):
            fronts = prefixes(number, 2)
            for code in (f"{fronts[0]}XMQT", f"{fronts[-1]}xmqt".lower()):
                cookie = f"namesmith_process={3 - number}"
                said = f"{number} namesmith_process={number}"  # so its sockets follow it
                assert answer(f"?room={code}") == answer(f"?room={code}", cookie) == said
            assert answer("?steps=9", f"namesmith_process={number}").startswith(f"{number} ")
        assert answer("?room=1%20", "namesmith_process=2").startswith("2 ")


class _Silent(BaseHTTPRequestHandler):
    said = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.said)))
        self.end_headers()
        self.wfile.write(self.said)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _saying(text: str) -> Iterator[ThreadingHTTPServer]:
    handler = type("Saying", (_Silent,), {"said": text.encode()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


def _is_up(port: int) -> bool:
    with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/", timeout=5):
        return True
    return False


@pytest.mark.parametrize("said", ["", "2", "0/2", "3/2", "1/65", "a/b", "1/2/3"])
def test_a_process_is_one_of_several(said: str) -> None:
    assert Environment.read({"NAMESMITH_REPLICA": "2/4"}).replica == (2, 4)
    with pytest.raises(ConfigError, match="such as 2/4"):
        Environment.read({"NAMESMITH_REPLICA": said})


def test_each_process_has_the_others_behind_it() -> None:
    text = replicas.replicas([8601, 8602, 8603])
    blocks = dict(re.findall(r"upstream (\w+) \{([^}]*)\}", text))
    assert set(blocks) == {"any", "process_1", "process_2", "process_3"}
    assert blocks["process_2"].split(";")[0].split()[1] == "127.0.0.1:8602"
    assert re.findall(r":(\d+) backup", blocks["process_2"]) == ["8601", "8603"]


@needs_nginx
def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    assert NGINX is not None
    replicas.configure(tmp_path, "127.0.0.1:8599", [8601])
    command = [NGINX, "-t", "-p", str(tmp_path), "-c", "nginx.conf"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    shutil.copy(ROOT / "deploy" / "nginx" / "replicas.conf", tmp_path)
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
