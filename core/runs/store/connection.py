"""Speaks to a database: transactions that are done or not, and complaints in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Loaded before anything is asked: Optuna loads it in the middle, and what another thread is asking
# then meets halves of it.
import sqlalchemy.orm  # noqa: F401
from sqlalchemy import URL, Connection, Engine, Select
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError

from core.errors import StoreError

# What SQLite calls it when the system refuses to write, such as beyond a quota or a file's size;
# in its words all of them are a 'disk I/O error'.
CANNOT_GROW = frozenset(
    f"SQLITE_IOERR_{what}" for what in ("WRITE", "TRUNCATE", "FSYNC", "DIR_FSYNC", "SHMSIZE")
)


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
        raise StoreError(in_words(error, engine.url), is_passing=is_passing) from error
    except sqlite3.Error as error:
        raise StoreError(_complaint(error, engine.url)) from error
    except OSError as error:
        raise StoreError(f"{said(engine.url)} can’t be used: {error.strerror}.") from error


def asked(engine: Engine, statement: Select[Any]) -> Sequence[Any]:
    """The rows that a statement finds.

    Raises:
        StoreError: if it cannot be asked now.
    """
    with speaking(engine), engine.connect() as connection:
        return connection.execute(statement).all()


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


def said(url: URL) -> str:
    """A place, without a password."""
    if url.get_backend_name() == "sqlite":
        return f"The file {url.database}"
    return f"The database {url.render_as_string(hide_password=True)}"


def in_words(error: SQLAlchemyError, url: URL) -> str:
    """What a database complains about, with its place."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    return _complaint(cause or error, url)


def _complaint(error: BaseException, url: URL) -> str:
    place, cause = said(url), str(error)
    if getattr(error, "sqlite_errorname", "") in CANNOT_GROW:
        return (
            f"{place} can’t be written: the system lets it grow no further. Check the room on its "
            "disk, the quota of its owner, and the size that a file may have (`ulimit -f`)."
        )
    if "full" in cause:
        return f"There is no room left for {place[0].lower()}{place[1:]}."
    if "locked" in cause:
        return f"{place} is in use by another program."
    if "not a database" in cause or "malformed" in cause or "disk image" in cause:
        return (
            f"{place} is damaged, or isn’t one of ours. Move it away, and a new one is made; what "
            "it held may still be read by SQLite’s own tools."
        )
    if "readonly" in cause or "unable to open" in cause:
        return f"{place} can’t be written: {cause}."
    return f"{place} can’t be reached: {cause.splitlines()[0] if cause else 'no reason given'}."
