"""Opens the store: finds it, brings an older one up to date, and says what is wrong with it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from core.environment import Environment
from core.errors import StoreError
from core.runs.store.connection import said, speaking
from core.runs.store.database_file import DatabaseFile
from core.runs.store.forms import PLACE, bring_up_to_date

FILE_NAME = "runs.db"
BUSY_SECONDS = 3.0  # that one waits for another process to finish writing
CONNECT_SECONDS = 3


def place() -> str:
    """Where runs are kept: a file's path or a database's URL, as `NAMESMITH_STORE` has it."""
    return Environment.now().store or str(Path(platformdirs.user_data_dir("namesmith")) / FILE_NAME)


def open_engine(where: str) -> tuple[Engine, DatabaseFile]:
    """Connect to a store, which is made if there is none and migrated if it is an older one.

    Args:
        where: a file's path, or a URL of SQLAlchemy.

    Returns:
        What asks it, and the file that it asks.

    Raises:
        StoreError: if it cannot be used; the text says why.
    """
    url = url_of(where)
    if url.get_backend_name() == "sqlite" and url.database:
        _make_folder(Path(url.database))
    try:
        engine = create_engine(url, **options(url))
    except NoSuchModuleError as error:
        raise StoreError(f"{said(url)} is of no kind of database known here.") from error
    except ImportError as error:
        raise StoreError(
            f"{said(url)} needs a driver that isn’t installed: pip install 'psycopg[binary]' for "
            "PostgreSQL. Then start Namesmith again."
        ) from error
    file = DatabaseFile(engine)
    if url.get_backend_name() == "sqlite":
        tune_sqlite(engine)
    try:
        with speaking(engine):
            bring_up_to_date(engine)
        file.hold()
    except BaseException:
        engine.dispose()
        raise
    return engine, file


def url_of(where: str) -> URL:
    """The URL of a file or of a database.

    Raises:
        StoreError: if it is neither.

    >>> str(url_of("/tmp/runs.db")), str(url_of("postgresql+psycopg://me@db/runs"))
    ('sqlite:////tmp/runs.db', 'postgresql+psycopg://me@db/runs')
    """
    if "://" not in where:
        return URL.create("sqlite", database=str(Path(where).expanduser().absolute()))
    try:
        url = make_url(where)
    except ArgumentError as error:
        raise StoreError(f"{PLACE} is no URL of a database: {error}", is_passing=False) from error
    is_plain = url.drivername in {"postgresql", "postgres"}
    return url.set(drivername="postgresql+psycopg") if is_plain else url


def options(url: URL) -> dict[str, Any]:
    """How an engine is made for a place."""
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_SECONDS}, "json_deserializer": _json_or_none}
    if url.get_backend_name() == "postgresql":
        return {
            "pool_pre_ping": True,
            "connect_args": {
                "connect_timeout": CONNECT_SECONDS,
                "options": "-c statement_timeout=20000 -c lock_timeout=3000",
            },
        }
    return {"pool_pre_ping": True}


def _json_or_none(text: str | bytes) -> object:
    """What JSON says; of a damaged one nothing, so that the rows beside it can be read."""
    with suppress(ValueError, TypeError, RecursionError):
        return json.loads(text)
    return None


def tune_sqlite(engine: Engine, *, is_writing: bool = False) -> None:
    """Readers beside a writer, and transactions that begin where SQLAlchemy says so.

    Args:
        engine: without connections.
        is_writing: whether its transactions are to write even where they don't say so.
    """

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # or the driver begins them by rules of its own
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",  # a kill loses nothing; a power cut at most the last write
            "foreign_keys=ON",
            "secure_delete=ON",  # what is forgotten is overwritten
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # One that is to write waits for its turn now, as it may not any more once it has read.
        writes = connection.get_execution_options().get("is_writing", is_writing)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(f"{file} can’t be made: {error.strerror}.") from error
