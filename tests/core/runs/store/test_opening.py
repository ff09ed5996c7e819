"""A store opens whatever its age, or says why not; and what it says can be acted on."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import optuna
import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Connection

from core.errors import StoreError
from core.runs import RunRecord
from core.runs.codec.records import parts_of
from core.runs.codec.rows import row_of
from core.runs.store import Query, Store
from core.runs.store.forms import upgrade
from core.runs.store.opening import FILE_NAME, place, url_of
from core.runs.store.schema import NEWEST

ME = "me"
OLDEST = "0001"


def described(connection: Connection) -> dict[str, object]:
    """All that can be said of the tables."""
    found = inspect(connection)
    return {
        table: (
            sorted(  # their order says nothing
                (c["name"], str(c["type"]), c["nullable"], str(c["default"]).strip("()"))
                for c in found.get_columns(table)
            ),
            found.get_pk_constraint(table)["constrained_columns"],
            sorted(index["name"] or "" for index in found.get_indexes(table)),
            sorted(each["name"] or "" for each in found.get_unique_constraints(table)),
            [
                (each["name"], each["referred_table"], each["options"])
                for each in found.get_foreign_keys(table)
            ],
        )
        for table in found.get_table_names()
    }


def as_alembic_has_it(connection: Connection) -> None:
    """Before 0003 the form was noted where Optuna now notes its own."""
    for statement in (
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
        "INSERT INTO alembic_version SELECT version_num FROM namesmith_version",
        "DROP TABLE namesmith_version",
    ):
        connection.execute(text(statement))


def make_oldest(where: str, finished: RunRecord) -> None:
    """A store as the first version made it, with a run in it."""
    url = url_of(where)
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).parent.mkdir(parents=True)
    engine = create_engine(url)
    with engine.begin() as connection:
        upgrade(connection, OLDEST)
        as_alembic_has_it(connection)
        row = row_of(finished, has_state=False) | {
            "workspace": ME,
            "saved_at": 0.0,
            "writer": "",
            "n_bytes": 0,
        }
        row = {name: value for name, value in row.items() if not name.startswith("new_")}
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        as_json = text(f"INSERT INTO runs ({names}) VALUES ({values})")
        connection.execute(as_json, row | {"settings": json.dumps(row["settings"])})
        for name, data in parts_of(finished, None).items():
            connection.execute(
                text("INSERT INTO parts (run, name, data) VALUES (:run, :name, :data)"),
                {"run": finished.key, "name": name, "data": data},
            )
    engine.dispose()


def test_an_older_store_is_brought_up_to_date(where: str, finished: RunRecord) -> None:
    make_oldest(where, finished)
    store = Store.open(where)
    (run,) = store.page(ME, Query())[0]
    assert (run.note, run.tags, run.is_starred, run.search) == ("", (), False, "")
    assert (run.new_validation_loss, run.new_test_loss) == (None, None)
    assert store.load(ME, finished.key)[0].final == finished.final
    store.annotate(ME, finished.key, {"is_starred": True})
    store.close()
    again = Store.open(where)
    assert again.page(ME, Query(only_starred=True))[1] == 1
    again.close()


def test_a_file_of_before_is_kept_beside_the_new_one(tmp_path: Path, finished: RunRecord) -> None:
    file = tmp_path / "folder" / "runs.db"
    make_oldest(str(file), finished)
    Store.open(str(file)).close()
    copy = file.with_name("runs.db.form-0001")
    with closing(sqlite3.connect(copy)) as old, closing(sqlite3.connect(file)) as new:
        assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [(OLDEST,)]
        assert old.execute("SELECT key FROM runs").fetchall() == [(finished.key,)]
        assert new.execute("SELECT version_num FROM namesmith_version").fetchall() == [(NEWEST,)]
        assert not new.execute("SELECT 1 FROM sqlite_master WHERE name LIKE 'alembic%'").fetchall()


def test_a_new_store_is_what_all_steps_lead_to(where: str, finished: RunRecord) -> None:
    make_oldest(where, finished)
    stepped = Store.open(where)
    with stepped.engine.connect() as connection:
        by_steps = described(connection)
    with stepped.engine.begin() as connection:
        for table in (
            "parts",
            "corpora",
            "runs",
            "searches",
            "workspaces",
            "secrets",
            "namesmith_version",
        ):
            connection.execute(text(f"DROP TABLE {table}"))
    stepped.close()
    new = Store.open(where)
    with new.engine.connect() as connection:
        at_once = described(connection)
    new.close()
    assert at_once == by_steps


def test_a_newer_store_is_refused_and_left_as_it_is(where: str) -> None:
    store = Store.open(where)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE namesmith_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer Namesmith .* Update Namesmith, or name another"):
        Store.open(where)
    with store.engine.connect() as connection:
        found = connection.execute(text("SELECT version_num FROM namesmith_version")).scalar()
    assert found == "9999"
    store.close()


def test_optunas_tables_may_be_there_first_or_later(where: str, finished: RunRecord) -> None:
    url = url_of(where)
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).parent.mkdir(parents=True)
    theirs = optuna.storages.RDBStorage(url.render_as_string(hide_password=False))
    study = optuna.create_study(storage=theirs)
    study.enqueue_trial({})
    Store.open(where).close()
    store = Store.open(where)
    store.put(ME, row_of(finished, has_state=False), parts_of(finished, None))
    assert store.load(ME, finished.key)[0].final == finished.final
    with store.engine.connect() as connection:
        noted = {
            name: connection.execute(text(f"SELECT version_num FROM {name}")).scalar()
            for name in ("alembic_version", "namesmith_version")
        }
    assert noted["namesmith_version"] == NEWEST
    assert str(noted["alembic_version"]).startswith("v")
    assert len(study.get_trials()) == 1
    theirs.remove_session()
    theirs.engine.dispose()
    store.close()


@pytest.mark.parametrize("content", [b"Dear diary, this is no database at all.", b"\0" * 5000])
def test_a_file_that_is_none_of_ours_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "runs.db"
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged, or isn’t one of ours\. Move it away"):
        Store.open(str(file))
    assert file.read_bytes() == content


def test_a_damaged_file_is_said(tmp_path: Path, finished: RunRecord) -> None:
    file = tmp_path / "runs.db"
    store = Store.open(str(file))
    store.put(ME, row_of(finished, has_state=False), parts_of(finished, None))
    store.close()
    data = bytearray(file.read_bytes())
    data[4096 : len(data)] = b"\x5a" * (len(data) - 4096)
    file.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"):
        Store.open(str(file)).page(ME, Query())


def test_a_file_that_may_not_grow_is_said(tmp_path: Path, finished: RunRecord) -> None:
    resource = pytest.importorskip("resource")
    store = Store.open(str(tmp_path / "runs.db"))
    parts = {"weights": bytes(400_000)}
    row = row_of(finished, has_state=False)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(StoreError) as caught:
            store.put(ME, row, parts)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "lets it grow no further. Check the room" in str(caught.value)
    assert caught.value.is_passing
    assert store.put(ME, row, parts)
    store.close()


def test_a_file_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"can’t be made: Not a directory|File exists"):
        Store.open(str(tmp_path / "file" / "runs.db"))


def test_a_database_that_does_not_answer_is_said_without_its_password() -> None:
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql://me:secret@127.0.0.1:1/runs")
    assert "can’t be reached" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("where", ["postgres//nothing", "nonsense://x", "mysql://me@127.0.0.1/x"])
def test_a_place_that_is_none_is_said(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "://" not in where:
        assert url_of(where).get_backend_name() == "sqlite"  # a file of that name
        return
    with pytest.raises(StoreError):
        Store.open(where)


def test_the_place_is_the_users_data_folder_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NAMESMITH_STORE")
    assert Path(place()).name == FILE_NAME
    assert "namesmith" in place()
    monkeypatch.setenv("NAMESMITH_STORE", " /tmp/other.db ")
    assert place() == "/tmp/other.db"


def test_the_server_starts_without_loading_a_database() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, pages.serving; print('sqlalchemy' in sys.modules)",
        ],
        cwd=Path(__file__).parents[4],
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    )
    assert said.stdout.split() == ["False"]
