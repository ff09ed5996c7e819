"""The forms of the tables: which one a store has, and how an older one becomes today's."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, insert, inspect, select, text

from core.errors import StoreError
from core.runs.store.connection import file_of, said, writing
from core.runs.store.schema import METADATA, NEWEST, OLD_VERSION, VERSION

PLACE = "NAMESMITH_STORE"
MIGRATIONS = Path(__file__).parent / "migrations"
_OURS = re.compile(r"\d{4}")  # how a form of ours is named
_ONE_AT_A_TIME = 7_236_514  # a PostgreSQL lock's number, that of whoever migrates


def bring_up_to_date(engine: Engine) -> None:
    """Make the tables where there are none, or take the steps from an older form to this one.

    Raises:
        StoreError: if they are of a newer form.
    """
    with engine.connect() as connection:
        revision = _revision(connection)
    if revision == NEWEST:
        return
    if revision is not None:
        if revision > NEWEST:
            raise StoreError(
                f"{said(engine.url)} is of a newer Namesmith (form {revision}; this one knows "
                f"{NEWEST}). Update Namesmith, or name another place in {PLACE}."
            )
        _copy_beside(engine, revision)
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
        revision = _revision(connection)  # another process may have been quicker
        if revision is None:
            # A new one needs no steps; a test holds that they lead to the same.
            METADATA.create_all(connection)
            VERSION.create(connection)
            connection.execute(insert(VERSION).values(version_num=NEWEST))
        elif revision != NEWEST:
            take_over_version(connection)
            upgrade(connection)


def take_over_version(connection: Connection) -> None:
    """Note the form in a table of our own name, and leave Alembic's to Optuna.

    Optuna's own forms are named otherwise ("v3.2.0.a"), and its table is left as it is.
    """
    old = _noted(connection, OLD_VERSION)
    if old is None or not _OURS.fullmatch(old):
        return
    if _noted(connection, VERSION) is None:
        VERSION.create(connection)
        connection.execute(insert(VERSION).values(version_num=old))
    OLD_VERSION.drop(connection)  # not renamed: PostgreSQL would keep the name of its index


def upgrade(connection: Connection, revision: str = NEWEST) -> None:
    """Take Alembic's steps up to a revision, in the transaction of the connection."""
    from alembic import command  # costs a tenth of a second, which few starts need
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _revision(connection: Connection) -> str | None:
    """The form of the tables; None where there are none of ours."""
    revision = _noted(connection, VERSION)
    if revision is not None:
        return revision
    old = _noted(connection, OLD_VERSION)  # ours before 0003, or Optuna's
    return old if old is not None and _OURS.fullmatch(old) else None


def _noted(connection: Connection, version: Table) -> str | None:
    if not inspect(connection).has_table(version.name):
        return None
    return connection.execute(select(version.c.version_num)).scalar()


def _copy_beside(engine: Engine, revision: str) -> None:
    """Keep an older file as it was; other databases have backups of their own."""
    file = file_of(engine)
    if file is None:
        return
    copy = file.with_name(f"{file.name}.form-{revision}")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
