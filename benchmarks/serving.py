"""A server of the benchmark's own: started on a free port, watched, and ended by its own id."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

from scripts.environment import ROOT

App = Literal["live", "usual"]
SCRIPTS: dict[App, str] = {"live": "app.py", "usual": "benchmarks/usual_way_app.py"}
START_SECONDS = 120.0
GRACE_SECONDS = 2.0
LEFT_SECONDS = 60.0  # beyond that, at most, until all that visitors left is gone
SEARCH_SECONDS = 25.0  # in which the server looks for garbage once somebody has gone
_OPEN_STATES = {"01", "04", "05", "08"}  # established, and half closed, as /proc/net/tcp has them


class Server:
    """A running app, and what the system knows of its processes.

    Attributes:
        url: where it serves, with a slash at the end.
        port: of 127.0.0.1, that visitors come to.
        start_seconds: from the process's start until its page was served.
        ports: of each process that serves pages, by its id; they stand behind nginx where there
            are several.
    """

    def __init__(self, app: App, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}/"
        self.port = port
        self.start_seconds = 0.0
        self.ports = {process.pid: port}
        self._app = app
        self._process = process
        self._log = log

    def wait_until_served(self, started: float) -> None:
        """Poll until both the sign of life and the page are there.

        Raises:
            RuntimeError: if the process ends or does not serve in time.
        """
        health = "healthz" if self._app == "live" else "_stcore/health"
        while not (_answers(self.url + health) and _answers(self.url)):
            seconds = time.perf_counter() - started
            if self._process.poll() is not None or seconds > START_SECONDS:
                raise RuntimeError(f"the server does not serve:\n{self.log()}")
            time.sleep(0.01)
        self.start_seconds = time.perf_counter() - started

    def log(self) -> str:
        """What the server wrote so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def n_runs(self) -> int:
        """Trainer threads; the usual way's server cannot tell, so -1."""
        if self._app != "live":
            return -1
        return self._counted("runs")

    def n_sessions(self) -> int:
        """Visitors that it has in memory, those who have just left among them."""
        return self._counted("sessions")

    def await_emptiness(self) -> bool:
        """Wait until all that visitors left is gone from memory; whether that came in time.

        A session is dropped after five times the grace more, and what it held is found by the next
        search for garbage.
        """
        end = time.monotonic() + 6 * GRACE_SECONDS + LEFT_SECONDS
        while self.n_runs() or self.n_sockets() or self.n_sessions():
            if time.monotonic() > end:
                return False
            time.sleep(0.25)
        time.sleep(SEARCH_SECONDS)
        return True

    def memory_mb(self) -> float:
        """Resident memory of the processes."""
        return self._status("VmRSS") / 1024

    def n_threads(self) -> int:
        """Threads of the processes, of whatever kind."""
        return self._status("Threads")

    def n_sockets(self) -> int:
        """Connections to clients that the processes still hold open."""
        return sum(_n_sockets(pid, port) for pid, port in self.ports.items())

    def _counted(self, what: str) -> int:
        total = 0
        for port in self.ports.values():
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
                total += int(json.load(answer)[what])
        return total

    def _status(self, name: str) -> int:
        total = 0
        for pid in self.ports:
            lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
        return total


def _n_sockets(pid: int, port: int) -> int:
    held = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            held.add(str(entry.readlink()))
        except OSError:
            continue  # closed while we looked
    count = 0
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        columns = line.split()
        is_ours = int(columns[1].split(":")[1], 16) == port
        if is_ours and columns[3] in _OPEN_STATES and f"socket:[{columns[9]}]" in held:
            count += 1
    return count


def _behind_nginx(log: str, count: int) -> dict[int, int]:
    """The port of each process by its id, once each of them serves."""
    found = {}
    for pid in map(int, re.findall(r"^process \d+ has the id (\d+)$", log, re.M)):
        words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
        found[pid] = next(int(w.split("=")[1]) for w in words if w.startswith("--server.port="))
    assert len(found) == count, log
    end = time.monotonic() + START_SECONDS
    for port in found.values():
        while not _answers(f"http://127.0.0.1:{port}/healthz"):
            if time.monotonic() > end:
                raise RuntimeError(f"a process does not serve:\n{log}")
            time.sleep(0.05)
    return found


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=10) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@contextmanager
def serving(
    app: App,
    environment: Mapping[str, str] | None = None,
    n_processes: int = 1,
    before: Sequence[str] = (),
) -> Iterator[Server]:
    """Run the app for the length of the block; several processes stand behind nginx.

    What is in `before` starts the command in other circumstances, as `prlimit` does.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "server.port": str(port),
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
        "server.fileWatcherType": "none",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    command = [sys.executable, "-m", "streamlit", "run", SCRIPTS[app], *arguments]
    if n_processes > 1:
        start = "import sys; from scripts import replicas; "
        start += f"sys.exit(replicas.run(sys.executable, {n_processes}, sys.argv[1:]))"
        command = [sys.executable, "-c", start, *arguments]
    extra = {"NAMESMITH_GRACE_SECONDS": str(GRACE_SECONDS)} | dict(environment or {})
    with tempfile.TemporaryDirectory() as folder:
        extra.setdefault("NAMESMITH_STORE", str(Path(folder) / "runs.db"))  # not the user's own
        log = Path(folder) / "log.txt"
        started = time.perf_counter()
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*before, *command],
                cwd=ROOT,
                env=os.environ | extra,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            server = Server(app, process, port, log)
            server.wait_until_served(started)
            if n_processes > 1:
                server.ports = _behind_nginx(server.log(), n_processes)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=15)
