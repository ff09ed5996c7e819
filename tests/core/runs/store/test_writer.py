"""What can't be written waits in memory, in order, and nothing forgotten comes back."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event

from core.runs import RunRecord, State, Trainer
from core.runs.codec.corpora import OWN_CORPUS, reference_of
from core.runs.store import PROCESS, Query, Store, WorkspaceSaver, Writer, is_written_elsewhere
from core.runs.store.waiting import Waiting
from core.text import Corpus
from tests.core.runs.store.conftest import TIMEOUT, settings, train
from tests.postgres import Postgres

ME = "me"


class Pauses:
    """Waits for a command as long as it takes, and for time only until a test lets it pass."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.passing = threading.Event()

    def were_asked(self, times: int) -> bool:
        return len(self.asked) == times

    def __call__(self, condition: threading.Condition, seconds: float | None) -> None:
        if seconds is None:
            condition.wait()
            return
        self.asked.append(seconds)
        condition.notify_all()
        while not self.passing.is_set():
            condition.release()
            try:
                assert self.passing.wait(TIMEOUT)
            finally:
                condition.acquire()
        self.passing.clear()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def new_writer(pauses: Pauses) -> Iterator[Callable[[str], Writer]]:
    made: list[Writer] = []

    def make(where: str) -> Writer:
        made.append(Writer(lambda: Store.open(where), wait=pauses))
        return made[-1]

    yield make
    for writer in made:
        pauses.passing.set()
        writer.close(TIMEOUT)


def in_trouble(writer: Writer) -> str:
    """What hinders it, once it has found out."""
    assert not writer.flush(TIMEOUT)
    return writer.trouble


def is_written(writer: Writer) -> bool:
    """Whether all is written in the end, after trouble."""
    with writer._condition:
        return writer._condition.wait_for(
            lambda: not writer._waiting and writer._at_work is None, TIMEOUT
        )


def n_runs(writer: Writer) -> int:
    return writer.store().page(ME, Query())[1]


def test_a_trainers_runs_are_kept_renamed_and_forgotten(
    where: str, new_writer: Callable[[str], Writer]
) -> None:
    writer = new_writer(where)
    trainer = Trainer(saver=WorkspaceSaver(writer, ME))
    for _ in range(2):
        trainer.start(settings())
        trainer.wait_until(lambda s: s.state is State.FINISHED, TIMEOUT)
        assert trainer.join(TIMEOUT)
    trainer.rename(2, "second")
    trainer.look_at_test(2)
    assert writer.flush(TIMEOUT)
    second, first = writer.store().page(ME, Query())[0]
    assert (first.number, first.state, second.name) == (1, "finished", "second")
    assert second.n_test_looks == 1
    assert second.test_loss is not None
    trainer.forget(1)
    assert writer.flush(TIMEOUT)
    assert n_runs(writer) == 1


def test_a_pause_is_kept_with_what_goes_on_from_it(
    where: str, new_writer: Callable[[str], Writer]
) -> None:
    writer = new_writer(where)
    trainer = Trainer(saver=WorkspaceSaver(writer, ME))
    trainer.start(settings(), is_paused=True)
    trainer.step(5)
    trainer.wait_until(lambda s: s.step == 5 and s.state is State.PAUSED, TIMEOUT)
    trainer.stop()
    assert trainer.join(TIMEOUT)
    assert writer.flush(TIMEOUT)
    (run,) = writer.store().page(ME, Query())[0]
    assert (run.state, run.step, run.has_state) == ("stopped", 5, True)


def test_a_full_disk_is_said_and_costs_nothing(
    tmp_path: Path, finished: RunRecord, pauses: Pauses, new_writer: Callable[[str], Writer]
) -> None:
    writer = new_writer(str(tmp_path / "runs.db"))
    is_full = True

    @event.listens_for(writer.store().engine, "begin")
    def limit(connection: object) -> None:
        raw = connection.connection.dbapi_connection  # type: ignore[attr-defined]
        n_pages = raw.execute("PRAGMA page_count").fetchone()[0]
        raw.execute(f"PRAGMA max_page_count = {n_pages if is_full else 1 << 30}").close()

    records = [replace(finished, key=f"{n:032x}", run_id=n) for n in (1, 2)]
    writer.save(ME, records[0], None)
    assert "There is no room left" in in_trouble(writer)
    writer.save(ME, records[1], None)
    writer.annotate(ME, records[0].key, {"name": "kept"})
    assert writer.n_waiting == 2
    is_full = False
    pauses.passing.set()
    assert is_written(writer)
    assert writer.trouble == ""
    assert {run.title for run in writer.store().page(ME, Query())[0]} == {"kept", "Run 2"}


def test_a_locked_file_is_waited_for(
    tmp_path: Path,
    finished: RunRecord,
    pauses: Pauses,
    new_writer: Callable[[str], Writer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.runs.store.opening.BUSY_SECONDS", 0.0)
    file = tmp_path / "runs.db"
    writer = new_writer(str(file))
    writer.store()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        writer.save(ME, finished, None)
        assert "in use by another program" in in_trouble(writer)
        other.execute("ROLLBACK")
    pauses.passing.set()
    assert is_written(writer)
    assert n_runs(writer) == 1


def test_a_damaged_file_is_waited_for_until_it_is_moved_away(
    tmp_path: Path, finished: RunRecord, pauses: Pauses, new_writer: Callable[[str], Writer]
) -> None:
    file = tmp_path / "runs.db"
    file.write_bytes(b"no database at all, but a text of some length" * 100)
    writer = new_writer(str(file))
    writer.save(ME, finished, None)
    assert "damaged" in in_trouble(writer)
    file.rename(tmp_path / "away.db")
    pauses.passing.set()
    assert is_written(writer)
    assert n_runs(writer) == 1


def test_a_lost_database_is_waited_for(
    postgres: Postgres, finished: RunRecord, pauses: Pauses, new_writer: Callable[[str], Writer]
) -> None:
    writer = new_writer(postgres.new_database())
    first, second, third = (replace(finished, key=f"{n:032x}", run_id=n) for n in (1, 2, 3))
    writer.save(ME, first, None)
    assert writer.flush(TIMEOUT)
    postgres.stop()
    try:
        writer.save(ME, second, None)
        assert "can’t be reached" in in_trouble(writer)
        writer.save(ME, third, None)
    finally:
        postgres.start()
    pauses.passing.set()
    assert is_written(writer)
    assert n_runs(writer) == 3


def test_tries_come_less_and_less_often(
    tmp_path: Path, finished: RunRecord, pauses: Pauses, new_writer: Callable[[str], Writer]
) -> None:
    folder = tmp_path / "in the way"
    folder.write_text("")
    writer = new_writer(str(folder / "runs.db"))
    writer.save(ME, finished, None)
    with writer._condition:
        for n in range(1, 10):
            assert writer._condition.wait_for(partial(pauses.were_asked, n), TIMEOUT)
            pauses.passing.set()
    assert pauses.asked[:9] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_what_is_forgotten_is_not_written_again(
    where: str, finished: RunRecord, new_writer: Callable[[str], Writer]
) -> None:
    writer = new_writer(where)
    writer.save(ME, finished, None)
    assert writer.flush(TIMEOUT)
    writer.forget(ME, [finished.key])
    writer.save(ME, finished, None)  # by a thread that was at it
    writer.annotate(ME, finished.key, {"name": "ghost"})
    assert writer.flush(TIMEOUT)
    assert n_runs(writer) == 0


def test_to_forget_everything_takes_what_waits_too(
    where: str, finished: RunRecord, new_writer: Callable[[str], Writer]
) -> None:
    writer = new_writer(where)
    other = replace(finished, key="a" * 32, run_id=2)
    writer.save(ME, finished, None)
    assert writer.flush(TIMEOUT)
    writer.save(ME, other, None)
    writer.forget_all(ME)
    assert writer.flush(TIMEOUT)
    assert n_runs(writer) == 0


def waiting_runs(writer: Writer) -> list[int]:
    return [each.record.run_id for each in writer._waiting.values() if each.record]


@pytest.mark.parametrize("bound", ["number", "bytes"])
def test_of_runs_that_wait_for_a_store_the_newest_stay_and_every_deletion(
    bound: str,
    tmp_path: Path,
    finished: RunRecord,
    pauses: Pauses,
    new_writer: Callable[[str], Writer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocked = tmp_path / "in the way"
    blocked.write_text("")
    writer = new_writer(str(blocked / "runs.db"))
    records = [replace(finished, key=f"{n:032x}", run_id=n) for n in range(8)]
    size = Waiting(ME, finished).n_bytes
    assert size > 4 * finished.parameters.n_parameters
    if bound == "number":
        monkeypatch.setattr("core.runs.store.waiting.MOST_WAITING", 3)
    else:
        monkeypatch.setattr("core.runs.store.waiting.MOST_WAITING_BYTES", 3 * size)
    writer.forget(ME, ["gone"])
    assert in_trouble(writer)
    writer.annotate(ME, records[0].key, {"name": "said"})
    for record in records:
        writer.save(ME, record, None)
    assert waiting_runs(writer) == [5, 6, 7]
    assert "gone" in writer._waiting
    assert records[0].key in writer._waiting  # for its name
    assert records[1].key not in writer._waiting
    blocked.unlink()
    blocked.mkdir()
    pauses.passing.set()
    assert is_written(writer)
    assert n_runs(writer) == 3


def test_notes_that_wait_are_bounded_too(
    tmp_path: Path, new_writer: Callable[[str], Writer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.runs.store.waiting.MOST_FORGOTTEN", 20)
    (tmp_path / "in the way").write_text("")
    writer = new_writer(str(tmp_path / "in the way" / "runs.db"))
    writer.forget(ME, ["gone"])
    assert in_trouble(writer)
    for n in range(50):
        writer.annotate(ME, f"{n:032x}", {"name": "a"})
    assert writer.n_waiting <= 21
    assert "gone" in writer._waiting
    assert f"{49:032x}" in writer._waiting


def test_an_end_writes_what_waits(tmp_path: Path, finished: RunRecord) -> None:
    file = str(tmp_path / "runs.db")
    writer = Writer(lambda: Store.open(file))
    for n in range(1, 30):
        writer.save(ME, replace(finished, key=f"{n:032x}", run_id=n), None)
    writer.close(TIMEOUT)
    store = Store.open(file)
    assert store.page(ME, Query())[1] == 29
    store.close()


@pytest.mark.parametrize("are_kept", [True, False])
def test_own_words_are_kept_only_where_that_was_agreed(tmp_path: Path, are_kept: bool) -> None:
    corpus = Corpus.of_words("mine.txt", [f"na{chr(97 + n % 26)}{n % 7}" for n in range(40)])
    record = train(settings(), corpus)
    file = tmp_path / "runs.db"
    writer = Writer(lambda: Store.open(str(file)), saves_own_corpora=lambda _workspace: are_kept)
    writer.save(ME, record, None)
    assert writer.flush(TIMEOUT)
    parts = writer.store().parts(ME, record.key)
    assert ("weights" in parts) is are_kept
    with writer.store().engine.connect() as connection:
        n_corpora = connection.exec_driver_sql("SELECT count(*) FROM corpora").scalar()
    assert n_corpora == are_kept
    writer.close(TIMEOUT)
    if not are_kept:
        written = b"".join(each.read_bytes() for each in tmp_path.iterdir())
        for word in corpus.texts:
            assert f'"{word}"'.encode() not in written


def test_an_error_of_the_program_costs_one_run_alone(
    tmp_path: Path,
    finished: RunRecord,
    new_writer: Callable[[str], Writer],
    caplog: pytest.LogCaptureFixture,
) -> None:
    writer = new_writer(str(tmp_path / "runs.db"))
    broken = replace(finished, key="b" * 32, run_id=1, curve=None)  # type: ignore[arg-type]
    writer.save(ME, broken, None)
    writer.save(ME, replace(finished, run_id=2), None)
    assert writer.flush(TIMEOUT)
    assert n_runs(writer) == 1
    assert "is not kept" in caplog.text


@pytest.mark.parametrize(
    ("age", "is_elsewhere"), [(-3600, False), (-2, False), (-0.5, True), (29, True), (31, False)]
)
def test_a_row_from_the_future_proves_nothing(
    age: float, is_elsewhere: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1e9)
    assert is_written_elsewhere("another", 1e9 - age) is is_elsewhere
    assert not is_written_elsewhere(PROCESS, 1e9 - age)


def test_the_same_words_have_the_same_reference() -> None:
    one, other = (Corpus.of_words("mine", ["anna", "otto", "ida"]) for _ in range(2))
    assert one is not other
    assert reference_of(one) == reference_of(other)
    assert reference_of(one).startswith(OWN_CORPUS)
