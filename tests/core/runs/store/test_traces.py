"""What is deleted is overwritten in SQLite's log too, as soon as nobody reads it any more."""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.runs import RunRecord
from core.runs.store import Query, Store, Writer
from tests.core.runs.store.conftest import TIMEOUT

ME, YOU = "me", "you"
SECRET = b"Xyzzyplugh"


class Time:
    """Passes when a test says so; who waits is woken by that or by what comes."""

    def __init__(self) -> None:
        self.now = 0.0

    def wait(self, condition: threading.Condition, _seconds: float | None) -> None:
        assert condition.wait(TIMEOUT)

    def passes(self, writer: Writer, seconds: float, reached: Callable[[], bool]) -> None:
        """Let it pass, and wait for what comes of it."""
        with writer._condition:
            self.now += seconds
            writer._condition.notify_all()
            assert writer._condition.wait_for(reached, TIMEOUT)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    monkeypatch.setattr("core.runs.store.store.PATIENCE_SECONDS", 0.0)
    return Time()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


@pytest.fixture
def writer(file: Path, time: Time, finished: RunRecord) -> Iterator[Writer]:
    """With a run that has a note."""
    writer = Writer(lambda: Store.open(str(file)), wait=time.wait, clock=lambda: time.now)
    writer.save(ME, finished, None)
    writer.annotate(ME, finished.key, {"note": SECRET.decode()})
    assert writer.flush(TIMEOUT)
    yield writer
    writer.close(TIMEOUT)


@contextmanager
def read_by_another(file: Path) -> Iterator[None]:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM runs").fetchall()
        yield


def log_of(file: Path) -> bytes:
    return file.with_name("runs.db-wal").read_bytes()


def is_left(file: Path) -> bool:
    return any(SECRET in each.read_bytes() for each in file.parent.iterdir())


def test_while_another_program_reads_traces_are_said_and_then_overwritten(
    file: Path, writer: Writer, time: Time, finished: RunRecord
) -> None:
    with read_by_another(file):
        writer.forget_all(ME)
        assert SECRET in log_of(file)
        assert (writer.has_traces(ME), writer.has_traces(YOU)) == (True, False)
        assert writer._overwrite_at == 0.5
        time.passes(writer, 0.5, lambda: writer._overwrite_at == 1.5)
        assert writer.has_traces(ME)
        # Nobody else's run waits for it.
        writer.save(YOU, replace(finished, key="a" * 32), None)
        assert writer.flush(TIMEOUT)
        assert (writer.store().page(YOU, Query())[1], writer.trouble) == (1, "")
    time.passes(writer, 1.0, lambda: not writer.has_traces(ME))
    assert not is_left(file)


def test_tries_to_overwrite_come_less_and_less_often(
    file: Path, writer: Writer, time: Time
) -> None:
    with read_by_another(file):
        writer.forget_all(ME)
        for pause in [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]:
            due = writer._overwrite_at
            assert due == time.now + pause
            time.passes(writer, pause, lambda due=due: writer._overwrite_at > due)  # type: ignore[misc]
        assert writer.has_traces(ME)


def test_a_single_run_is_overwritten_later_without_a_word(
    file: Path, writer: Writer, time: Time, finished: RunRecord
) -> None:
    with read_by_another(file):
        writer.forget(ME, [finished.key])
        assert writer.flush(TIMEOUT)
        assert SECRET in log_of(file)
        assert not writer.has_traces(ME)
    time.passes(writer, 0.5, lambda: math.isinf(writer._overwrite_at))
    assert not is_left(file)


def test_what_nobody_reads_is_overwritten_at_once(file: Path, writer: Writer) -> None:
    writer.forget_all(ME)
    assert not is_left(file)
    assert not writer.has_traces(ME)
    assert math.isinf(writer._overwrite_at)
