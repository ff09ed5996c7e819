"""What deploy/ says holds: the files of the image are all that a process needs, and names agree."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml
from numba.core.caching import _CacheLocator

from core.environment import Environment

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
PORT = "8501"


def instructions() -> list[tuple[str, str]]:
    """Of the Containerfile, with continued lines joined."""
    text = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
    lines = (line.strip() for line in text.splitlines())
    pairs = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    return [(name, rest) for name, rest in pairs]


def copied(folder: Path) -> None:
    """Copy what the image's first stage copies."""
    for name, rest in instructions():
        if name == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            for source in sources:
                place = folder / target / (source if target in {".", "./"} else "")
                if (ROOT / source).is_dir():
                    ignored = shutil.ignore_patterns("__pycache__")
                    shutil.copytree(ROOT / source, place, dirs_exist_ok=True, ignore=ignored)
                else:
                    shutil.copy(ROOT / source, place)


def hand_on_compiled(app: Path, cache: Path) -> None:
    """Give the copied files what was compiled of these here; else that is most of the test."""
    for compiled in ROOT.glob("core/**/__pycache__/*.nb[ci]"):
        folder = app / compiled.parent.parent.relative_to(ROOT)
        place = cache / _CacheLocator.get_suitable_cache_subpath(str(folder / "any.py"))
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy2(compiled, place)


def command_of(instruction: str) -> list[str]:
    """The last one of its kind, in its JSON form."""
    (rest,) = [rest for name, rest in instructions() if name == instruction]
    found: list[str] = json.loads(rest[rest.index("[") :])
    return found


@pytest.mark.skipif(os.name != "posix", reason="containers run Linux")
def test_the_files_of_the_image_serve_and_its_check_says_so(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    copied(app)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    own = [shlex.split(rest) for name, rest in instructions() if name == "ENV"][-1]
    given = dict(pair.split("=", 1) for pair in own if not pair.startswith(("PATH", "HOME")))
    places = {"NUMBA_CACHE_DIR": str(tmp_path / "c"), "NAMESMITH_STORE": str(tmp_path / "r.db")}
    assert given.keys() >= places.keys()
    hand_on_compiled(app, Path(places["NUMBA_CACHE_DIR"]))
    environment = os.environ | given | places | {"NAMESMITH_HOSTS": "names.example"}
    serve = [word.replace(PORT, port) for word in command_of("CMD")]
    serve[serve.index("--server.address=0.0.0.0")] = "--server.address=127.0.0.1"
    check = [word.replace(PORT, port) for word in command_of("HEALTHCHECK")]
    assert (serve[0], check[0]) == ("streamlit", "python")
    process = subprocess.Popen(
        [sys.executable, "-m", *serve],
        cwd=app,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 120
        while subprocess.call([sys.executable, *check[1:]], stderr=subprocess.DEVNULL):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.1)
        url = f"http://127.0.0.1:{port}/"
        with urlopen(Request(url, headers={"Host": "names.example"}), timeout=30) as answer:
            assert answer.status == 200
        with pytest.raises(HTTPError, match="421"):
            urlopen(url, timeout=30)
        process.terminate()
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait(timeout=30)


def test_compose_nginx_and_the_processes_agree() -> None:
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = compose["services"]
    processes = {name: each for name, each in services.items() if name != "nginx"}
    addresses = [each["networks"]["room"]["ipv4_address"] for each in processes.values()]
    upstreams = (DEPLOY / "nginx" / "replicas.conf").read_text()
    for number, address in enumerate(addresses, start=1):
        first = re.search(rf"upstream process_{number} {{\s*server ([0-9.]+):{PORT}", upstreams)
        assert first is not None
        assert first[1] == address
        assert f'"~{re.escape(address)}:{PORT}$" {number};' in upstreams
    assert set(services["nginx"]["depends_on"]) == set(processes)
    (subnet,) = [each["subnet"] for each in compose["networks"]["room"]["ipam"]["config"]]
    for each in processes.values():
        known = {k: re.sub(r"\$\{\w+:-?(.*)\}", r"\1", v) for k, v in each["environment"].items()}
        found = Environment.read(known)
        assert found.is_public
        assert [ipaddress.ip_network(subnet)] == [*map(ipaddress.ip_network, found.proxies)]
        assert all(ipaddress.ip_address(a) in ipaddress.ip_network(subnet) for a in addresses)
        (volume,) = each["volumes"]
        assert volume.split(":")[0] in compose["volumes"]
