"""A file may be moved, deleted or replaced under the server: what comes then is in the new one."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import optuna
import pytest

from core.errors import StoreError
from core.runs import RunRecord, State, Trainer, worker
from core.runs.codec.records import parts_of
from core.runs.codec.rows import row_of
from core.runs.store import Limits, Query, Store, WorkspaceSaver, Writer
from tests.core.runs.store.conftest import TIMEOUT, settings

ME = "me"
OLD, NEW, BACKED_UP = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "runs.db"


@pytest.fixture
def away(file: Path) -> Path:
    return file.parent / "elsewhere" / "runs.db"


@pytest.fixture
def backup(file: Path, finished: RunRecord) -> Path:
    """A closed file with a run in it."""
    path = file.with_name("backup.db")
    store = Store.open(str(path))
    put(store, finished, BACKED_UP)
    store.close()
    return path


@pytest.fixture
def writer(file: Path) -> Iterator[Writer]:
    writer = Writer(lambda: Store.open(str(file), Limits(n_searches=3)))
    yield writer
    writer.close(TIMEOUT)


def put(store: Store, record: RunRecord, key: str) -> None:
    own = replace(record, key=key)
    store.put(ME, row_of(own, has_state=False), parts_of(own, None))


def keep(writer: Writer, record: RunRecord, key: str) -> None:
    writer.save(ME, replace(record, key=key), None)
    assert writer.flush(TIMEOUT), writer.trouble


def keys_in(path: Path) -> set[str]:
    """Of the runs in a file, as any program would read them."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {key for (key,) in connection.execute("SELECT key FROM runs")}


def step_in(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [step for (step,) in connection.execute("SELECT step FROM runs")]


def take_away(file: Path, away: Path, *ends: str) -> None:
    for end in ends:
        file.with_name(file.name + end).rename(away.with_name(away.name + end))


def test_after_a_deletion_a_new_file_is_made(
    file: Path, writer: Writer, finished: RunRecord, caplog: pytest.LogCaptureFixture
) -> None:
    keep(writer, finished, OLD)
    assert writer.n_moves == 0
    file.unlink()
    keep(writer, finished, NEW)
    assert keys_in(file) == {NEW}
    assert [run.key for run in writer.store().page(ME, Query())[0]] == [NEW]
    assert writer.n_moves == 1
    assert f"{file} was moved or replaced" in caplog.text


@pytest.mark.parametrize("ends", [[""], ["", "-wal", "-shm"]], ids=["alone", "with its log"])
def test_what_was_moved_has_all_of_before_and_the_new_file_all_of_after(
    ends: list[str], file: Path, away: Path, writer: Writer, finished: RunRecord
) -> None:
    keep(writer, finished, OLD)
    take_away(file, away, *ends)
    keep(writer, finished, NEW)
    assert keys_in(away) == {OLD}
    assert keys_in(file) == {NEW}
    take_away(file, away.with_name("second.db"), "")
    keep(writer, finished, BACKED_UP)
    assert keys_in(file) == {BACKED_UP}
    assert writer.n_moves == 2


def test_a_restored_backup_is_used_and_not_mixed_with_the_log_of_before(
    file: Path, away: Path, backup: Path, writer: Writer, finished: RunRecord
) -> None:
    keep(writer, finished, OLD)
    take_away(file, away, "")
    assert file.with_name("runs.db-wal").stat().st_size
    backup.rename(file)
    assert [run.key for run in writer.store().page(ME, Query())[0]] == [BACKED_UP]
    keep(writer, finished, NEW)
    assert keys_in(file) == {BACKED_UP, NEW}
    assert keys_in(away) == {OLD}


def test_at_the_end_too_a_moved_file_is_whole(
    file: Path, away: Path, writer: Writer, finished: RunRecord
) -> None:
    keep(writer, finished, OLD)
    take_away(file, away, "")
    writer.close(TIMEOUT)
    assert keys_in(away) == {OLD}
    assert not list(file.parent.glob("runs.db*"))


def test_a_second_server_leaves_the_log_of_the_first_ones_new_file_alone(
    file: Path, away: Path, writer: Writer, finished: RunRecord
) -> None:
    other = Writer(lambda: Store.open(str(file)))
    keep(writer, finished, OLD)
    keep(other, finished, BACKED_UP)
    take_away(file, away, "")
    keep(writer, finished, NEW)
    keep(other, finished, "d" * 32)
    keep(writer, finished, "e" * 32)
    assert keys_in(file) == {NEW, "d" * 32, "e" * 32}
    other.close(TIMEOUT)
    assert keys_in(away) == {OLD, BACKED_UP}


@pytest.mark.parametrize("n_forgotten", [0, 2])  # before; the new file knows of none
def test_a_run_under_way_goes_on_being_written(
    n_forgotten: int, file: Path, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "KEEP_REST_SECONDS", 0.0)  # each rest is kept at once
    trainer = Trainer(saver=WorkspaceSaver(writer, ME))
    for _ in range(n_forgotten):
        writer.forget_all(ME)
    trainer.start(settings(steps=500), is_paused=True)
    trainer.step(5)
    trainer.wait_until(lambda s: s.step == 5 and s.state is State.PAUSED, TIMEOUT)
    assert writer.flush(TIMEOUT)
    file.unlink()
    for step in (9, 11):
        trainer.step(step - (5 if step == 9 else 9))
        trainer.wait_until(lambda s, step=step: s.step == step, TIMEOUT)  # type: ignore[misc]
        trainer.wait_until(lambda s: s.state is State.PAUSED, TIMEOUT)
        assert writer.flush(TIMEOUT)
        assert step_in(file) == [step]
    # And who forgets all in the new file forgets this run too.
    other = Store.open(str(file))
    other.forget_all(ME)
    other.close()
    trainer.stop()
    assert trainer.join(TIMEOUT)
    assert writer.flush(TIMEOUT)
    assert step_in(file) == []


def test_runs_in_memory_are_written_again_where_they_are_not_there(
    file: Path, away: Path, writer: Writer
) -> None:
    trainer = Trainer(saver=WorkspaceSaver(writer, ME))
    for _ in range(3):
        trainer.start(settings())
        trainer.wait_until(lambda s: s.state is State.FINISHED, TIMEOUT)
        assert trainer.join(TIMEOUT)
    trainer.start(settings(steps=500), is_paused=True)
    trainer.step(5)
    trainer.wait_until(lambda s: s.step == 5 and s.state is State.PAUSED, TIMEOUT)
    assert writer.flush(TIMEOUT)
    first, second, third, paused = (run.key for run in trainer.runs())
    before = writer._n_written
    trainer.restore(writer.store().load_some(ME, [first]).values())  # its weights aren't read
    take_away(file, away, "")
    assert trainer.save_again([second]) == 2
    with writer._condition:
        assert writer._condition.wait_for(lambda: writer._n_written == before + 2, TIMEOUT)
    assert keys_in(file) == {third, paused}
    assert writer.store().load(ME, paused)[1] is not None
    trainer.stop()
    assert trainer.join(TIMEOUT)


def test_what_signs_the_cookies_is_the_same_in_a_new_file_and_a_backups_own(
    file: Path, backup: Path, writer: Writer
) -> None:
    store = Store.open(str(backup))
    theirs = store.secret("cookies")
    store.close()
    ours = writer.secret("cookies")
    file.unlink()
    writer.follow()
    assert writer.secret("cookies") == ours
    after = Writer(lambda: Store.open(str(file)))  # as after a restart
    assert after.secret("cookies") == ours
    after.close()
    backup.replace(file)
    writer.follow()
    assert writer.secret("cookies") == theirs


def test_weights_that_were_not_read_yet_come_from_the_file_that_is_there(
    file: Path, writer: Writer, finished: RunRecord
) -> None:
    keep(writer, finished, OLD)
    (record,) = writer.store().load_some(ME, [OLD]).values()
    writer.store().overwrite()
    copy = file.with_name("copy.db")
    shutil.copy(file, copy)
    file.unlink()
    with pytest.raises(StoreError, match="weights of this run weren’t kept"):
        record.weights.load()
    copy.replace(file)
    assert record.parameters.keys() == finished.parameters.keys()


def test_no_connection_is_made_to_another_file(
    file: Path, backup: Path, finished: RunRecord
) -> None:
    store = Store.open(str(file))
    trial = optuna.trial.create_trial(value=1.0)
    assert len(list(store.searches.add_runs(ME, "search", [trial]))) == 1
    backup.replace(file)
    store.engine.dispose()
    store.searches._studies._storage.engine.dispose()  # type: ignore[union-attr]
    for ask in (
        lambda: store.page(ME, Query()),
        lambda: put(store, finished, NEW),
        lambda: list(store.searches.add_runs(ME, "search", [trial])),
    ):
        with pytest.raises(StoreError, match="was moved or replaced"):
            ask()
    store.close()
    assert keys_in(file) == {BACKED_UP}
    with closing(sqlite3.connect(file)) as connection:
        assert not connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'studies'"
        ).fetchall()
