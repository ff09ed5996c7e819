"""Searches in the database: what each tries and how far it is, and in Optuna's tables its runs."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Integer, cast, delete, func, insert, select, update

from core.runs.store import corpora
from core.runs.store.connection import asked, writing
from core.runs.store.database_file import DatabaseFile
from core.runs.store.schema import SEARCHES
from core.runs.store.studies import Studies

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

MOST_NUMBER = 1_000_000_000  # of a search in its workspace


@dataclass(frozen=True, slots=True)
class StoredSearch:
    """One saved search, without its runs.

    Attributes:
        key: no other search has it.
        number: of the search in its workspace.
        state: running, finished, stopped or failed, when it was written.
        corpus: how what it learns from is found again.
        about: all else that is known of it, as JSON.
        saved_at: seconds since 1970, UTC.
        writer: the process that wrote it last.
        owner: who goes on with it; whoever else wants to makes a copy.
    """

    key: str
    number: int
    state: str
    corpus: str
    about: Mapping[str, Any]
    saved_at: float = 0.0
    writer: str = ""
    owner: str = ""


class Searches:
    """The saved searches of all workspaces; any thread may use it.

    Every method raises `StoreError` where the database cannot do its part.
    """

    def __init__(self, engine: Engine, file: DatabaseFile) -> None:
        self._engine = engine
        self._studies = Studies(engine, file)

    def close(self) -> None:
        """Let go of the connections that are Optuna's."""
        self._studies.close()

    def put(
        self,
        workspace: str,
        search: StoredSearch,
        *,
        is_new: bool,
        before: Collection[str] = (),
        own_corpus: tuple[str, bytes] | None = None,
    ) -> str:
        """Write what is known of a search, but not its runs, if it is the owner's who asks.

        Args:
            workspace: whose it is.
            search: as it is now; its owner becomes the search's.
            is_new: whether it may be one that was never written.
            before: owners from whom it may be taken over.
            own_corpus: name and content of what it learns from, if it is saved.

        Returns:
            The owner: the one asked for, another who was quicker, or "" where it was forgotten.
        """
        values = {name: getattr(search, name) for name in StoredSearch.__slots__} | {
            "workspace": workspace,
            "saved_at": time.time(),
        }
        mine = (SEARCHES.c.key == search.key) & (SEARCHES.c.workspace == workspace)
        with writing(self._engine) as connection:
            owner = connection.execute(select(SEARCHES.c.owner).where(mine)).scalar()
            if owner is None and not is_new:
                return ""
            if owner is None:
                connection.execute(insert(SEARCHES).values(**values))
            elif owner == search.owner or owner in before:
                connection.execute(update(SEARCHES).where(mine).values(**values))
            else:
                return str(owner)
            if own_corpus is not None:
                corpora.put(connection, workspace, search.corpus, *own_corpus)
        return search.owner

    def add_runs(
        self, workspace: str, key: str, trials: Iterable[FrozenTrial]
    ) -> Iterator[FrozenTrial]:
        """Write runs of a search that are over.

        Yields:
            Each once it is written.
        """
        yield from self._studies.add(study_name(workspace, key), trials)
        if not self._is_there(workspace, key):  # somebody forgot it in the meantime
            self._studies.delete([study_name(workspace, key)])

    def runs(self, workspace: str, key: str) -> list[FrozenTrial]:
        """The runs of a search, in the order in which they ended."""
        return self._studies.trials(study_name(workspace, key))

    def newest(self, workspace: str, but: Collection[str] = ()) -> StoredSearch | None:
        """The search of a workspace that was written last, without some of them."""
        wanted = (SEARCHES.c.workspace == workspace) & SEARCHES.c.key.not_in(but)
        statement = select(SEARCHES).where(wanted).order_by(SEARCHES.c.saved_at.desc()).limit(1)
        for row in asked(self._engine, statement):
            return StoredSearch(**{name: row._mapping[name] for name in StoredSearch.__slots__})
        return None

    def last_number(self, workspace: str) -> int:
        """The greatest number of a search; 0 where there is none."""
        number = cast(SEARCHES.c.number, Integer)  # SQLite may hold anything in its place
        statement = select(func.max(number)).where(
            SEARCHES.c.workspace == workspace, number.between(0, MOST_NUMBER)
        )
        ((found,),) = asked(self._engine, statement)
        return found or 0

    def make_room(self, workspace: str, most: int) -> None:
        """Drop all searches of a workspace but the newest."""
        statement = (
            select(SEARCHES.c.key)
            .where(SEARCHES.c.workspace == workspace)
            .order_by(SEARCHES.c.saved_at.desc())
            .offset(most)
        )
        keys = [key for (key,) in asked(self._engine, statement)]
        if keys:
            self._studies.delete(study_name(workspace, key) for key in keys)
            with writing(self._engine) as connection:
                _drop(connection, workspace, keys)

    def forget_all(self, workspace: str, but: Collection[str] = ()) -> None:
        """Drop the searches of a workspace but some, and what Optuna knows of them."""
        mine = (SEARCHES.c.workspace == workspace) & SEARCHES.c.key.not_in(but)
        with writing(self._engine) as connection:
            connection.execute(delete(SEARCHES).where(mine))
        staying = {study_name(workspace, key) for key in but}
        studies = [s for s in self._studies.names(study_name(workspace, "")) if s not in staying]
        if studies:
            self._studies.delete(studies)

    def _is_there(self, workspace: str, key: str) -> bool:
        mine = (SEARCHES.c.key == key) & (SEARCHES.c.workspace == workspace)
        return bool(asked(self._engine, select(SEARCHES.c.key).where(mine)))


def study_name(workspace: str, key: str) -> str:
    """What a search is called in Optuna's tables; a workspace can't be guessed, so nor can this."""
    return f"{workspace}/{key}"


def _drop(connection: Connection, workspace: str, keys: Collection[str]) -> None:
    mine = (SEARCHES.c.workspace == workspace) & SEARCHES.c.key.in_(keys)
    connection.execute(delete(SEARCHES).where(mine))
    corpora.drop_unneeded(connection, workspace)
