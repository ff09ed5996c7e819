"""A PostgreSQL of the tests' own, on a free port, run by another user where the tests are root."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass
class Postgres:
    """A server of the tests' own.

    Attributes:
        port: at 127.0.0.1.
    """

    programs: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    n_databases: int = 0

    def start(self) -> None:
        self.process = self.run(
            "postgres",
            *("-D", str(self.folder / "data"), "-p", str(self.port), "-k", ""),
            *("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
        )
        import psycopg

        for _ in range(300):
            try:
                psycopg.connect(self.url("postgres", ""), connect_timeout=1).close()
            except psycopg.OperationalError:
                self.process.poll()
                assert self.process.returncode is None, "the database server ended"
                select_a_moment()
            else:
                return
        raise AssertionError("the database server does not answer")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()  # a 'smart' shutdown waits for connections; see `kill`
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=30)
            self.process = None

    def url(self, database: str, driver: str = "+psycopg") -> str:
        return f"postgresql{driver}://namesmith@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        import psycopg

        self.n_databases += 1
        name = f"runs_{self.n_databases}"
        with psycopg.connect(self.url("postgres", ""), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one of its programs; they refuse to run as root."""
        as_user: dict[str, Any] = {}
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        with (self.folder / "log.txt").open("ab") as log:
            return subprocess.Popen(
                [str(self.programs / program), *arguments],
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
                **as_user,
            )


def select_a_moment() -> None:
    """A tenth of a second, for what has no event to wait for."""
    import select

    select.select([], [], [], 0.1)


def programs() -> Path | None:
    """Where PostgreSQL's programs are."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    found = programs()
    if found is None:
        reason = "PostgreSQL isn't installed here (on Debian: apt-get install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="namesmith-postgres-"))
    server = Postgres(found, folder, port)
    try:
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        made = server.run(
            "initdb",
            *("-D", str(folder / "data"), "-U", "namesmith", "-A", "trust"),
            *("-N", "-E", "UTF8", "--locale=C"),
        )
        assert made.wait(timeout=120) == 0, (folder / "log.txt").read_text()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
