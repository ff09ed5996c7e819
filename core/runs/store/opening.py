"""Opens the store: finds it, brings an older one up to date, and says what is wrong with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import platformdirs
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from core.environment import Environment
from core.errors import StoreError
from core.runs.store.schema import METADATA, NEWEST, VERSION

PLACE = "NAMESMITH_STORE"
FILE_NAME = "runs.db"
BUSY_SECONDS = 3.0  # that one waits for another process to finish writing
CONNECT_SECONDS = 3
MIGRATIONS = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = 7_236_514  # a PostgreSQL lock's number, that of whoever migrates


def place() -> str:
    """Where runs are kept: a file's path or a database's URL, as `NAMESMITH_STORE` has it."""
    return Environment.now().store or str(Path(platformdirs.user_data_dir("namesmith")) / FILE_NAME)


def open_engine(where: str) -> Engine:
    """Connect to a store, which is made if there is none and migrated if it is an older one.

    Args:
        where: a file's path, or a URL of SQLAlchemy.

    Raises:
        StoreError: if it cannot be used; the text says why.
    """
    url = url_of(where)
    if url.get_backend_name() == "sqlite" and url.database:
        _make_folder(Path(url.database))
    try:
        engine = create_engine(url, **_options(url))
    except NoSuchModuleError as error:
        raise StoreError(f"{_said(url)} is of no kind of database known here.") from error
    except ImportError as error:
        raise StoreError(
            f"{_said(url)} needs a driver that isn’t installed: pip install 'psycopg[binary]' for "
            "PostgreSQL. Then start Namesmith again."
        ) from error
    if url.get_backend_name() == "sqlite":
        _tune_sqlite(engine)
    try:
        with speaking(engine):
            _bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


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


def file_of(engine: Engine) -> Path | None:
    """The file of a SQLite store."""
    is_file = engine.url.get_backend_name() == "sqlite" and engine.url.database
    return Path(engine.url.database) if is_file and engine.url.database else None


@contextmanager
def speaking(engine: Engine) -> Iterator[None]:
    """Turn what a database complains about into words.

    Raises:
        StoreError: in place of its own errors.
    """
    try:
        yield
    except SQLAlchemyError as error:
        is_passing = not isinstance(error, DataError)  # the same value is refused again
        raise StoreError(_in_words(error, engine.url), is_passing=is_passing) from error
    except sqlite3.Error as error:
        raise StoreError(_complaint(str(error), engine.url)) from error
    except OSError as error:
        raise StoreError(f"{_said(engine.url)} can’t be used: {error.strerror}.") from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: all of it is done, or nothing.

    Raises:
        StoreError: if it cannot be done now.
    """
    with (
        speaking(engine),
        engine.connect().execution_options(is_writing=True) as connection,
        connection.begin(),
    ):
        yield connection


def _options(url: URL) -> dict[str, object]:
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


def _tune_sqlite(engine: Engine) -> None:
    """Readers beside a writer, and transactions that begin where SQLAlchemy says so."""

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
        is_writing = connection.get_execution_options().get("is_writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(f"{file} can’t be made: {error.strerror}.") from error


def _bring_up_to_date(engine: Engine) -> None:
    with engine.connect() as connection:
        revision = _revision(connection)
    if revision == NEWEST:
        return
    if revision is not None:
        if revision > NEWEST:
            raise StoreError(
                f"{_said(engine.url)} is of a newer Namesmith (form {revision}; this one knows "
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
            upgrade(connection)


def upgrade(connection: Connection, revision: str = NEWEST) -> None:
    """Take Alembic's steps up to a revision, in the transaction of the connection."""
    from alembic import command  # costs a tenth of a second, which few starts need
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION.name):
        return None
    return connection.execute(select(VERSION.c.version_num)).scalar()


def _copy_beside(engine: Engine, revision: str) -> None:
    """Keep an older file as it was; other databases have backups of their own."""
    file = file_of(engine)
    if file is None:
        return
    copy = file.with_name(f"{file.name}.form-{revision}")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def _said(url: URL) -> str:
    """The place, without a password."""
    if url.get_backend_name() == "sqlite":
        return f"The file {url.database}"
    return f"The database {url.render_as_string(hide_password=True)}"


def _in_words(error: SQLAlchemyError, url: URL) -> str:
    cause = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return _complaint(cause, url)


def _complaint(cause: str, url: URL) -> str:
    said = _said(url)
    if "full" in cause:
        return f"There is no room left for {said[0].lower()}{said[1:]}."
    if "locked" in cause:
        return f"{said} is in use by another program."
    if "not a database" in cause or "malformed" in cause or "disk image" in cause:
        return (
            f"{said} is damaged, or isn’t one of ours. Move it away, and a new one is made; what "
            "it held may still be read by SQLite’s own tools."
        )
    if "readonly" in cause or "unable to open" in cause:
        return f"{said} can’t be written: {cause}."
    return f"{said} can’t be reached: {cause.splitlines()[0] if cause else 'no reason given'}."
