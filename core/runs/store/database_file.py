"""The file of a SQLite store: whether it is still in its place, and what its log still holds.

SQLite goes on with a file that was moved or deleted as if nothing had happened, and what is written
then is seen by nobody. Its log stays behind, and would be taken for that of the next file.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine, event

from core.errors import StoreError
from core.runs.store.connection import file_of, said, speaking

Identity = tuple[int, int]  # device and number, which no other file has while this one is open


class DatabaseFile:
    """The file that a store was opened on; of a database without one, nothing is asked.

    Attributes:
        path: where it was; None where there is no file.
        identity: tells it from any other that may come into its place; None where there is none.
    """

    def __init__(self, engine: Engine) -> None:
        """For a store's engine that has no connection yet."""
        self.path = file_of(engine)
        self.identity: Identity | None = None
        self._engine = engine
        self._log: dict[Path, Identity] = {}
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self.bind(engine)

    def bind(self, engine: Engine) -> None:
        """Let an engine connect to this file alone, and to none that is in its place later."""
        path = self.path
        if path is None:
            return

        @event.listens_for(engine, "do_connect")
        def before(*_: object) -> None:
            self.expect_in_place()

        @event.listens_for(engine, "connect")
        def after(*_: object) -> None:
            if self.identity is None:
                self.identity = _identity(path)

    def hold(self) -> None:
        """Keep a connection to it from now on, once its tables are made."""
        if self.path is None:
            return
        with speaking(self._engine):
            connection = self._engine.raw_connection()
            connection.detach()
        self._connection = connection.dbapi_connection  # type: ignore[assignment]
        for end in ("-wal", "-shm"):
            beside = self.path.with_name(self.path.name + end)
            identity = _identity(beside)
            if identity is not None:
                self._log[beside] = identity

    @property
    def is_in_place(self) -> bool:
        """Whether its path still leads to it."""
        if self.path is None or self.identity is None:
            return True
        with suppress(OSError):  # what can't be asked now, SQLite will say
            return _identity(self.path) == self.identity
        return True

    def expect_in_place(self) -> None:
        """Raise if the file was moved, before it is opened once more.

        Raises:
            StoreError: if its path leads to another one, or to none.
        """
        if not self.is_in_place:
            raise StoreError(
                f"{said(self._engine.url)} was moved or replaced just now. Try again, and what is "
                "there is used."
            )

    def overwrite(self, patience: float = 0.0) -> bool:
        """Empty the log, in which what was deleted is still written.

        Args:
            patience: seconds to wait for whoever reads.

        Returns:
            Whether that is done; not while another program reads the file.

        Raises:
            StoreError: if it cannot be done now.
        """
        with self._lock, speaking(self._engine):
            if self._connection is None:
                return True
            self._connection.execute(f"PRAGMA busy_timeout = {patience * 1000:.0f}").close()
            asked = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            ((is_busy, *_),) = asked.fetchall()
            return not is_busy

    def close(self) -> None:
        """Close the connection; a file that was moved gets all that was written to it.

        SQLite would leave the last of it in the log, and the next file would be given that.
        """
        if not self.is_in_place:
            with suppress(StoreError):  # it may be on a disk that is gone
                self.overwrite()
            for beside, identity in self._log.items():
                with suppress(OSError):
                    if _identity(beside) == identity:
                        beside.unlink()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _identity(path: Path) -> Identity | None:
    """Of the file that is there; None where there is none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino
