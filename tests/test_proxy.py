"""Behind a real nginx with HTTPS, as deploy/ has it: whose sockets are let in, what cookies are."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from benchmarks.serving import serving
from benchmarks.visitors import Visitor
from scripts import replicas
from server import middleware

NGINX = replicas.nginx()
NAME = "names.test"
EVIL = "https://evil.example"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or ((NGINX is None) and "CI" not in os.environ),
    reason="nginx is not installed",
)


@dataclass
class Front:
    """nginx before one process: its two ports, and how its certificate is checked."""

    port: int
    secure_port: int
    trusted: ssl.SSLContext

    def url(self, path: str, *, is_secure: bool) -> str:
        """By the public name."""
        port = self.secure_port if is_secure else self.port
        return f"{'wss' if is_secure else 'ws'}://{NAME}:{port}/{path}"

    def origin(self, *, is_secure: bool) -> str:
        return self.url("", is_secure=is_secure).replace("ws", "http", 1).rstrip("/")

    def get(
        self, path: str, headers: Mapping[str, str], *, is_secure: bool = False
    ) -> HTTPResponse:
        """Ask as a browser of the public name does."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        if is_secure:
            connection = HTTPSConnection(NAME, self.secure_port, context=self.trusted, timeout=30)
            plain = socket.create_connection(("127.0.0.1", self.secure_port), timeout=30)
            connection.sock = self.trusted.wrap_socket(plain, server_hostname=NAME)
        named = {"Host": self.origin(is_secure=is_secure).split("//")[1]}
        connection.request("GET", path, headers=named | dict(headers))
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    async def socket(self, path: str, origin: str, *, is_secure: bool, **more: Any) -> Any:
        """A websocket of a page of this origin; raises `InvalidStatus` where it is refused."""
        return await connect(
            self.url(path, is_secure=is_secure),
            origin=Origin(origin),
            host="127.0.0.1",
            port=self.secure_port if is_secure else self.port,
            ssl=self.trusted if is_secure else None,
            server_hostname=NAME if is_secure else None,
            open_timeout=30,
            **more,
        )


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def certify(folder: Path) -> ssl.SSLContext:
    """A certificate of our own for the public name; what trusts it and nothing else."""
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run([*request, *names, *files], check=True, capture_output=True)
    return ssl.create_default_context(cafile=str(folder / "certificate.pem"))


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    assert NGINX is not None
    folder = tmp_path_factory.mktemp("front")
    trusted = certify(folder)
    port, secure_port = free_ports()
    public = {"NAMESMITH_PUBLIC": "1", "NAMESMITH_HOSTS": f"{NAME},127.0.0.1"}
    listen = (
        f"127.0.0.1:{port}; listen 127.0.0.1:{secure_port} ssl; "
        "ssl_certificate certificate.pem; ssl_certificate_key key.pem"
    )
    with serving("live", public) as server:
        replicas.configure(folder, listen, [server.port])
        command = [NGINX, "-p", str(folder), "-c", "nginx.conf", "-g", "daemon off;"]
        nginx = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            await_answer(port, nginx)
            yield Front(port, secure_port, trusted)
        finally:
            nginx.terminate()
            nginx.communicate(timeout=30)


def await_answer(port: int, nginx: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert nginx.poll() is None, nginx.communicate()[1]
        with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return
        time.sleep(0.05)
    raise AssertionError("nginx does not answer")


async def is_refused(opening: Any) -> bool:
    try:
        opened: ClientConnection = await opening
    except InvalidStatus as refused:
        return refused.response.status_code == 403
    await opened.close()
    return False


FORGED: list[dict[str, str]] = [
    {},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "::1"},
    {"Forwarded": "for=127.0.0.1;host=evil.example;proto=https", "X-Real-IP": "127.0.0.1"},
    {"X-Forwarded-Server": "evil.example", "X-Original-Host": "evil.example"},
]


@pytest.mark.parametrize("is_secure", [False, True])
def test_the_stream_is_for_pages_of_the_public_name_alone(front: Front, is_secure: bool) -> None:
    async def scene() -> None:
        visitor = Visitor(front.port, "steps=200000&n_hidden=200")
        try:
            await visitor.arrive()
            await visitor.train()
            assert visitor.stream
            for path in (visitor.stream, "_stcore/stream"):
                own = front.origin(is_secure=is_secure)
                opened = await front.socket(path, own, is_secure=is_secure)
                if path == visitor.stream:
                    assert await asyncio.wait_for(opened.recv(), 30)
                await opened.close()
                for headers in FORGED:
                    for foreign in (EVIL, f"{own}0"):
                        opening = front.socket(
                            path, foreign, is_secure=is_secure, additional_headers=headers
                        )
                        assert await is_refused(opening)
        finally:
            visitor.vanish()

    asyncio.run(scene())


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-Proto": "http"}])
def test_every_cookie_is_secure_behind_https(front: Front, headers: dict[str, str]) -> None:
    answer = front.get("/", headers, is_secure=True)
    cookies = answer.headers.get_all("Set-Cookie")
    assert answer.status == 200
    mine, process = sorted(cookie.split("=")[0] for cookie in cookies or [])
    assert process == "namesmith_process"
    assert re.fullmatch(r"__Host-namesmith_[0-9a-f]{8}", mine)
    for cookie in cookies or []:
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


def test_nobody_makes_the_server_believe_that_it_is_behind_https(front: Front) -> None:
    answer = front.get("/", {"X-Forwarded-Proto": "https"})
    cookies = answer.headers.get_all("Set-Cookie") or []
    assert len(cookies) == 2
    assert not any("Secure" in cookie for cookie in cookies)


def test_another_name_is_told_where_names_are_set(front: Front) -> None:
    for headers in ({"Host": "other.test"}, {"Host": "other.test", "X-Forwarded-Host": NAME}):
        connection = HTTPConnection("127.0.0.1", front.port, timeout=30)
        connection.request("GET", "/", headers=headers)
        answer = connection.getresponse()
        assert answer.status == 421
        said = answer.read().decode()
        connection.close()
        assert "doesn't answer to the name 'other.test'" in said
        assert "NAMESMITH_HOSTS" in said


def test_an_address_has_so_many_sockets_whatever_it_says_of_itself(front: Front) -> None:
    own = front.origin(is_secure=False)

    def open_from(address: str, number: int) -> Any:
        forged = {"X-Forwarded-For": f"10.0.0.{number}", "X-Real-IP": f"10.0.0.{number}"}
        return front.socket(
            "_stcore/stream",
            own,
            is_secure=False,
            additional_headers=forged,
            local_addr=(address, 0),
        )

    async def scene() -> None:
        async with AsyncExitStack() as opened:
            for number in range(middleware.SOCKETS_AN_ADDRESS[True]):
                await opened.enter_async_context(await open_from("127.0.0.2", number))
            assert await is_refused(open_from("127.0.0.2", 99))
            assert not await is_refused(open_from("127.0.0.3", 99))

    asyncio.run(scene())
