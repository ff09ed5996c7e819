"""Plotly's small script: how it is fetched, from our own server, and what serves without it."""

from __future__ import annotations

import asyncio
import gzip
import io
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs, get_plotlyjs_version
from starlette.applications import Starlette
from starlette.types import Message

from pages import serving
from pages.charts import plotly_scripts
from pages.charts.plotly_scripts import PACKAGE, SMALL, WHOLE, address, compressed
from scripts import fetch_plotly
from tests.pages.test_door import scope_of

SCRIPT = "window.Plotly = 'small'"


def archive_of(script: str) -> bytes:
    """An archive like npm's."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        member = tarfile.TarInfo(f"package/{SMALL}")
        member.size = len(script)
        archive.addfile(member, io.BytesIO(script.encode()))
    return data.getvalue()


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("NAMESMITH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("sys.argv", ["fetch_plotly.py"])
    forget()
    yield
    forget()


def forget() -> None:
    """As a server that starts: it looks into the cache once."""
    plotly_scripts._small.cache_clear()
    compressed.cache_clear()


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The archive that a registry has; the pin is of one with the script above."""
    file = tmp_path / "registry" / PACKAGE.name / "-" / PACKAGE.file_name
    file.parent.mkdir(parents=True)
    file.write_bytes(archive_of(SCRIPT))
    pin = replace(PACKAGE, digest=sha256(file.read_bytes()).hexdigest())
    for module in (plotly_scripts, fetch_plotly):
        monkeypatch.setattr(module, "PACKAGE", pin)
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "registry"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("NPM_CONFIG_REGISTRY", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        yield file
        server.shutdown()
        thread.join(10)


def answer(name: str, encoding: str) -> tuple[dict[str, str], bytes]:
    """Headers and body that a browser gets which takes this encoding."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = scope_of(f"/assets/{name}", {"host": "localhost", "accept-encoding": encoding})
    asyncio.run(Starlette(routes=serving.routes())(scope, receive, send))
    headers = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return headers, b"".join(message["body"] for message in sent[1:])


def test_the_small_script_is_of_the_version_that_the_whole_one_has() -> None:
    assert get_plotlyjs_version() == PACKAGE.version


@pytest.mark.usefixtures("registry")
def test_the_fetched_script_serves_compressed_and_is_kept_by_browsers() -> None:
    assert fetch_plotly.main() == 0
    assert address(SMALL).startswith(f"assets/{SMALL}?v=")
    headers, body = answer(SMALL, "gzip, br")
    assert gzip.decompress(body).decode() == SCRIPT
    assert headers["content-encoding"] == "gzip"
    assert headers["vary"] == "Accept-Encoding"
    assert headers["content-type"].startswith("text/javascript")
    assert "immutable" in headers["cache-control"]
    headers, body = answer(SMALL, "identity")
    assert body.decode() == SCRIPT
    assert "content-encoding" not in headers
    assert headers["cache-control"] == answer(WHOLE, "gzip")[0]["cache-control"]


@pytest.mark.parametrize("has", ["another file", "nothing"])
def test_without_the_pinned_script_the_whole_one_serves(
    registry: Path, capsys: pytest.CaptureFixture[str], has: str
) -> None:
    if has == "nothing":
        registry.unlink()
    else:
        registry.write_bytes(archive_of(SCRIPT.replace("small", "other")))
    assert fetch_plotly.main() == 1
    assert ("answered 404" if has == "nothing" else "its checksum is") in capsys.readouterr().err
    assert address(SMALL) == address(WHOLE)
    assert answer(SMALL, "")[1].decode() == get_plotlyjs()


@pytest.mark.usefixtures("registry")
def test_a_script_that_was_changed_in_the_cache_does_not_serve(tmp_path: Path) -> None:
    assert fetch_plotly.main() == 0
    file = tmp_path / "cache" / PACKAGE.file_name
    file.write_bytes(archive_of(SCRIPT.replace("small", "other")))
    assert address(SMALL) == address(WHOLE)
    assert not file.exists()
