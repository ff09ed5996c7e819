"""Optuna's tables, beside those of the runs: a study for each search, with a trial for each run."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy import Engine, column, inspect, select, table
from sqlalchemy.exc import SQLAlchemyError

from core.errors import StoreError
from core.loading import load
from core.runs.store.connection import in_words, speaking, writing
from core.runs.store.database_file import DatabaseFile
from core.runs.store.forms import take_over_version
from core.runs.store.opening import options, tune_sqlite

if TYPE_CHECKING:
    from optuna.storages import RDBStorage
    from optuna.trial import FrozenTrial

_STUDIES = table("studies", column("study_name"))


class Studies:
    """The studies of a database; may be used by any thread.

    Every method raises `StoreError` where the database cannot do its part.
    """

    def __init__(self, engine: Engine, file: DatabaseFile) -> None:
        """For a store that is open; nothing is asked of it yet, and Optuna isn't loaded."""
        self._engine = engine
        self._file = file
        self._storage: RDBStorage | None = None
        self._lock = threading.Lock()

    def add(self, name: str, trials: Iterable[FrozenTrial]) -> Iterator[FrozenTrial]:
        """Write trials that are over into a study, which is made if there is none.

        Yields:
            Each trial once it is written; all of it is, or nothing.
        """
        optuna = load("optuna")

        with self._asking() as storage:
            study = optuna.create_study(study_name=name, storage=storage, load_if_exists=True)
        for trial in trials:
            with self._asking():
                study.add_trial(trial)
            yield trial

    def trials(self, name: str) -> list[FrozenTrial]:
        """The trials of a study, in the order of writing; none where there is no such study."""
        optuna = load("optuna")

        with self._asking() as storage:
            try:
                study = optuna.load_study(study_name=name, storage=storage)
            except KeyError:
                return []
            found: list[FrozenTrial] = study.get_trials(deepcopy=False)
            return found

    def delete(self, names: Iterable[str]) -> None:
        """Drop studies with all their trials."""
        optuna = load("optuna")

        for name in names:
            with self._asking() as storage, suppress(KeyError):
                optuna.delete_study(study_name=name, storage=storage)

    def names(self, front: str) -> list[str]:
        """The names of all studies that begin so, without loading Optuna."""
        with speaking(self._engine), self._engine.connect() as connection:
            if not inspect(connection).has_table(_STUDIES.name):
                return []
            found = select(_STUDIES.c.study_name).where(
                _STUDIES.c.study_name.startswith(front, autoescape=True)
            )
            return list(connection.execute(found).scalars())

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            if self._storage is not None:
                self._storage.engine.dispose()
                self._storage = None

    @contextmanager
    def _asking(self) -> Iterator[RDBStorage]:
        """Optuna's storage, with what the database complains about in words."""
        from optuna.exceptions import StorageInternalError

        storage = None
        try:
            with speaking(self._engine):
                storage = self._opened()
                yield storage
        except StorageInternalError as error:
            cause = error.__cause__
            said = in_words(cause, self._engine.url) if isinstance(cause, SQLAlchemyError) else ""
            raise StoreError(said or str(error)) from error
        finally:
            if storage is not None:
                storage.remove_session()  # it has one for each thread

    def _opened(self) -> RDBStorage:
        from optuna.storages import RDBStorage

        with self._lock:
            if self._storage is None:
                with writing(self._engine) as connection:
                    take_over_version(connection)  # or Optuna would take ours for its own
                url = self._engine.url
                self._file.expect_in_place()
                text = url.render_as_string(hide_password=False)
                self._storage = RDBStorage(
                    text.replace("{", "{{").replace("}", "}}"),  # it fills in such places
                    engine_kwargs=options(url),
                )
                if url.get_backend_name() == "sqlite":
                    self._storage.engine.dispose()  # connections of before aren't tuned
                    self._file.bind(self._storage.engine)
                    tune_sqlite(self._storage.engine, is_writing=True)
            return self._storage
