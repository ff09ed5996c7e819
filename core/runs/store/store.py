"""Runs in a database: written, found, read back, and forgotten."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Select,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from core.config import RunConfig
from core.errors import CheckpointError, StoreError
from core.learning import Evaluation, LossCurve
from core.models import Parameters
from core.runs.codec.arrays import unpack
from core.runs.codec.corpora import OWN_CORPUS
from core.runs.codec.curves import curve_from_bytes
from core.runs.codec.records import evaluations_from_bytes, record_from_parts
from core.runs.codec.rows import StoredRun
from core.runs.codec.state import state_from_arrays
from core.runs.codec.weights import weights_from_bytes
from core.runs.record import NOTES, RunRecord, WeightsInMemory
from core.runs.saving import OWN, SavedState
from core.runs.store import corpora, generations
from core.runs.store.connection import asked, speaking, writing
from core.runs.store.damage import config_of, refusing_damage
from core.runs.store.database_file import DatabaseFile
from core.runs.store.opening import open_engine, place
from core.runs.store.rows import (
    Query,
    best_of_each,
    conditions,
    join_tags,
    ordered,
    split_tags,
    stored,
)
from core.runs.store.schema import CORPORA, PARTS, RUNS, SECRETS, WORKSPACES
from core.runs.store.searches import Searches
from core.text import Corpus

# What annotations may change.
ANNOTATED = frozenset({*NOTES, "note", "tags", "is_starred", "search"})
MOST_NUMBER = 1_000_000_000  # of a run in its workspace
MOST_VALUES = 500  # in one statement; databases take only so many
_TRIES = 5  # of a number that another server takes at the same moment
PATIENCE_SECONDS = 1.0  # that one waits for readers when all is to be forgotten


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept; beyond it the oldest runs go, those without a name or a star first.

    Attributes:
        n_runs: of one workspace.
        n_bytes: of one workspace.
        n_all: of all workspaces together.
        n_all_bytes: of all workspaces together.
        n_searches: of one workspace.
    """

    n_runs: int = 20_000
    n_bytes: int = 2_000_000_000
    n_all: int = 100_000
    n_all_bytes: int = 4_000_000_000
    n_searches: int = 20


BROWSERS = Limits(n_runs=200, n_bytes=40_000_000, n_searches=3)


def limits_of(workspace: str | None) -> Limits:
    """How much is kept of a workspace."""
    return Limits() if workspace == OWN else BROWSERS


@dataclass(frozen=True, slots=True, eq=False)
class WeightsInStore:
    """Parameters that are read when they are asked for, and then held."""

    store: Store
    workspace: str
    key: str
    config: RunConfig
    n_tokens: int
    _read: list[Parameters]

    def load(self) -> Parameters:
        """The parameters; not to be changed.

        Raises:
            StoreError: if they are not there any more, or cannot be read.
        """
        if not self._read:
            parts = self.store.current().parts(self.workspace, self.key, ["weights"])
            if "weights" not in parts:
                raise StoreError("The weights of this run weren’t kept.", is_passing=False)
            with refusing_damage():
                found = weights_from_bytes(parts["weights"], self.config, self.n_tokens)
            self._read.append(found)
        return self._read[0]


class Store:
    """The saved runs of all workspaces; any thread may use it.

    Every method raises `StoreError` where the database cannot do its part.

    Attributes:
        file: that it is in.
        has_traces: whether what was deleted is still written in SQLite's log, as another program
            was reading when it was to be overwritten.
        current: the store that is to be asked by who holds this one for long.
        n_moves: the writer's, when it was opened: tells what was noted in an earlier file.
    """

    def __init__(self, engine: Engine, file: DatabaseFile, limits: Limits | None = None) -> None:
        self.engine = engine
        self.file = file
        self._limits = limits
        self.searches = Searches(engine, file)
        self.has_traces = False
        self.current: Callable[[], Store] = lambda: self
        self.n_moves = 0

    @classmethod
    def open(cls, where: str | None = None, limits: Limits | None = None) -> Store:
        """Open what is at a path or a URL; without one, where `NAMESMITH_STORE` says.

        Raises:
            StoreError: if it cannot be used; the text says why.
        """
        return cls(*open_engine(where or place()), limits)

    def limits_of(self, workspace: str) -> Limits:
        """How much is kept of a workspace here."""
        return self._limits or limits_of(workspace)

    def close(self) -> None:
        """Let go of the file or of the connections."""
        self.searches.close()
        self.engine.dispose()
        self.file.close()

    def put(
        self,
        workspace: str,
        row: Mapping[str, Any],
        parts: Mapping[str, bytes],
        writer: str = "",
        corpus: bytes | None = None,
        generation: int | None = None,
    ) -> bool:
        """Write a run, in place of what was written of it before; all of it or nothing.

        Args:
            workspace: whose it is.
            row: as `row_of` made it; the name and the looks at the test are those of the
                first time, as later ones come by `annotate`.
            parts: as `parts_of` made them.
            writer: name of the process.
            corpus: what it learned from, as `corpus_to_bytes` made it, if it is to be saved.
            generation: that the workspace must still have.

        Returns:
            Whether it was written, and its workspace was not forgotten since that generation.
        """
        values = {name: _fitting(name, value) for name, value in row.items()} | {
            "workspace": workspace,
            "saved_at": time.time(),
            "writer": writer,
            "n_bytes": sum(map(len, parts.values())),
        }
        for tries_left in reversed(range(_TRIES)):
            try:
                with writing(self.engine) as connection:
                    if generation not in {None, generations.current(connection, workspace)}:
                        return False
                    _put(connection, values, parts, corpus)
            except StoreError as error:
                if tries_left and isinstance(error.__cause__, IntegrityError):
                    continue  # another server took the number, or wrote the same run
                raise
            return True
        return False

    def generation(self, workspace: str) -> int:
        """How often the workspace was forgotten."""
        with writing(self.engine) as connection:
            return generations.current(connection, workspace)

    def secret(self, name: str, new: str = "") -> str:
        """A random text of this store, 43 characters; the same for everyone who serves it.

        Args:
            name: of the text.
            new: what it is to be where there is none yet; drawn where nothing is given.
        """
        wanted = select(SECRETS.c.value).where(SECRETS.c.name == name)
        for _ in range(_TRIES):
            for (found,) in asked(self.engine, wanted):
                return str(found)
            values = {"name": name, "value": new or secrets.token_urlsafe(32)}
            try:
                with writing(self.engine) as connection:
                    connection.execute(insert(SECRETS).values(**values))
            except StoreError as error:
                if not isinstance(error.__cause__, IntegrityError):  # else another was quicker
                    raise
        raise StoreError("The secrets of the store can’t be read.")

    def knows(self, workspace: str) -> bool:
        """Whether anything was ever kept in a workspace."""
        return any(
            asked(self.engine, select(column).where(column == workspace).limit(1))
            for column in (RUNS.c.workspace, WORKSPACES.c.name)
        )

    def annotate(self, workspace: str, key: str, notes: Mapping[str, Any]) -> None:
        """Change what is said of a run: its name, note, tags, star, search, looks at the test."""
        values = {name: value for name, value in notes.items() if name in ANNOTATED}
        if "tags" in values:
            values["tags"] = join_tags(values["tags"])
        values = {name: _fitting(name, value) for name, value in values.items()}
        if values:
            with writing(self.engine) as connection:
                where = (RUNS.c.workspace == workspace) & (RUNS.c.key == key)
                connection.execute(update(RUNS).where(where).values(**values))

    def share(self, workspace: str, key: str) -> str:
        """What opens a run to whoever has it; made where there is none.

        Raises:
            StoreError: if there is no such run.
        """
        mine = (RUNS.c.workspace == workspace) & (RUNS.c.key == key)
        with writing(self.engine) as connection:
            token = secrets.token_urlsafe(32)
            new = update(RUNS).where(mine, RUNS.c.share.is_(None)).values(share=token)
            connection.execute(new)
            found = connection.execute(select(RUNS.c.share).where(mine)).scalar()
        if found is None:
            raise StoreError("This run isn’t kept any more.", is_passing=False)
        return str(found)

    def stop_sharing(self, workspace: str, key: str) -> None:
        """Have nobody else see a run; what opened it never does again."""
        mine = (RUNS.c.workspace == workspace) & (RUNS.c.key == key)
        with writing(self.engine) as connection:
            connection.execute(update(RUNS).where(mine).values(share=None))

    def shared(self, token: str) -> tuple[str, StoredRun] | None:
        """The run that a token opens, with its workspace; None where there is none."""
        for row in asked(self.engine, select(RUNS).where(RUNS.c.share == token)):
            found = stored(row)
            return None if found is None else (row.workspace, found)
        return None

    def forget(self, workspace: str, keys: Iterable[str]) -> None:
        """Drop runs, and the words that no other run of the workspace needs."""
        with writing(self.engine) as connection:
            _drop(connection, workspace, list(keys))
        self.overwrite()

    def forget_all(self, workspace: str, but: Collection[str] = ()) -> None:
        """Drop all there is of a workspace; in copies too; `has_traces` says if some are left.

        Args:
            workspace: whose it is.
            but: keys of runs and searches that stay, as others who share the workspace have them
                in hand. Without any, what began before is not written any more either.
        """
        self.searches.forget_all(workspace, but)
        if but:
            mine = select(RUNS.c.key).where(RUNS.c.workspace == workspace)
            self.forget(workspace, [key for (key,) in asked(self.engine, mine) if key not in but])
            if self.has_traces:
                self.overwrite(PATIENCE_SECONDS)
            return
        with writing(self.engine) as connection:
            generations.begin_next(connection, workspace)
            theirs = select(RUNS.c.key).where(RUNS.c.workspace == workspace)
            connection.execute(delete(PARTS).where(PARTS.c.run.in_(theirs)))
            connection.execute(delete(RUNS).where(RUNS.c.workspace == workspace))
            connection.execute(delete(CORPORA).where(CORPORA.c.workspace == workspace))
        self.overwrite(PATIENCE_SECONDS)
        file = self.file.path
        for copy in file.parent.glob(f"{file.name}.form-*") if file else ():
            copy.unlink(missing_ok=True)

    def overwrite(self, patience: float = 0.0) -> None:
        """Overwrite what was deleted where SQLite's log still has it; `has_traces` says if not.

        Args:
            patience: seconds to wait for whoever reads.
        """
        self.has_traces = True
        with suppress(StoreError):
            self.has_traces = not self.file.overwrite(patience)

    def page(
        self, workspace: str, query: Query, offset: int = 0, limit: int = 50
    ) -> tuple[list[StoredRun], int]:
        """Some rows of a table of runs, and how many there are in all."""
        where = conditions(workspace, query)
        chosen = ordered(select(RUNS.c.key).where(where), query).offset(offset).limit(limit)
        with speaking(self.engine), self.engine.connect() as connection:
            # Sorted by their keys alone: whole rows are heavy to sort.
            keys = list(connection.execute(chosen).scalars())
            found = {}
            for start in range(0, len(keys), MOST_VALUES):
                some = RUNS.c.key.in_(keys[start : start + MOST_VALUES])
                for row in connection.execute(select(RUNS).where(some)):
                    found[row.key] = stored(row)
            # What is damaged is not shown.
            rows = [run for key in keys if (run := found.get(key)) is not None]
            if len(rows) < limit and (rows or not offset):
                return rows, offset + len(rows)
            count = select(func.count()).select_from(RUNS).where(where)
            return rows, connection.execute(count).scalar_one()

    def newest(self, workspace: str, limit: int) -> list[StoredRun]:
        """The last runs whose weights are there, newest first; of them only their rows are read."""
        weights = (PARTS.c.run == RUNS.c.key) & (PARTS.c.name == "weights")
        statement = (
            select(RUNS)
            .where(RUNS.c.workspace == workspace, exists().where(weights))
            .order_by(RUNS.c.started_at.desc())
            .limit(limit)
        )
        return self._runs(statement)

    def rows(self, workspace: str, keys: Sequence[str]) -> list[StoredRun]:
        """The runs with these keys that are there, in this order."""
        where = (RUNS.c.workspace == workspace) & RUNS.c.key.in_(keys)
        found = {run.key: run for run in self._runs(select(RUNS).where(where))}
        return [found[key] for key in keys if key in found]

    def best(self, workspace: str) -> list[StoredRun]:
        """The best finished run of each data set, by the name of the data."""
        ranked = best_of_each().where(RUNS.c.workspace == workspace).subquery()
        first = select(ranked.c.key).where(ranked.c.place == 1)
        return self._runs(select(RUNS).where(RUNS.c.key.in_(first)).order_by(RUNS.c.data))

    def choices(self, workspace: str) -> tuple[list[str], list[str], list[str]]:
        """All names of data, tags and names of searches that the runs of a workspace have."""
        mine = RUNS.c.workspace == workspace
        data, tags, searches = (
            [
                text
                for (text,) in asked(self.engine, select(column).where(mine).distinct())
                if text and isinstance(text, str)
            ]
            for column in (RUNS.c.data, RUNS.c.tags, RUNS.c.search)
        )
        single = {tag for joined in tags for tag in split_tags(joined)}
        return sorted(data), sorted(single), sorted(searches)

    def curves(self, workspace: str, keys: Sequence[str]) -> dict[str, LossCurve]:
        """The losses of the batches of these runs, by their keys."""
        found = {}
        for run, data in self._part_of_each(workspace, keys, "curve"):
            with suppress(CheckpointError):  # a damaged one is not drawn
                found[run] = curve_from_bytes(data)
        return found

    def evaluations(self, workspace: str, keys: Sequence[str]) -> dict[str, list[Evaluation]]:
        """The validation losses on the way of these runs that are numbers, by their keys."""
        found = {}
        for run, data in self._part_of_each(workspace, keys, "record"):
            with suppress(Exception):  # a damaged one is not drawn
                seen = evaluations_from_bytes(data)
                found[run] = [each for each in seen if math.isfinite(each.val_loss)]
        return found

    def _part_of_each(
        self, workspace: str, keys: Sequence[str], name: str
    ) -> Iterator[tuple[str, bytes]]:
        mine = select(RUNS.c.key).where(RUNS.c.workspace == workspace, RUNS.c.key.in_(keys))
        statement = select(PARTS.c.run, PARTS.c.data).where(
            PARTS.c.run.in_(mine), PARTS.c.name == name
        )
        for run, data in asked(self.engine, statement):
            yield run, bytes(data)

    def parts(
        self, workspace: str, key: str, names: Sequence[str] | None = None
    ) -> dict[str, bytes]:
        """The parts of a run, or some of them, as they were put in."""
        statement = (
            select(PARTS.c.name, PARTS.c.data)
            .join(RUNS, RUNS.c.key == PARTS.c.run)
            .where(RUNS.c.workspace == workspace, RUNS.c.key == key)
        )
        if names is not None:
            statement = statement.where(PARTS.c.name.in_(names))
        return {name: bytes(data) for name, data in asked(self.engine, statement)}

    def load(self, workspace: str, key: str) -> tuple[RunRecord, SavedState | None]:
        """A run as it was, with what it goes on from if it is not over.

        Raises:
            StoreError: if it is gone or damaged, or its words were not kept.
        """
        row, parts = self._row(workspace, key), self.parts(workspace, key)
        record = self._record(workspace, row, parts)
        config, n_tokens = record.config, len(record.corpus.vocabulary)
        with refusing_damage():
            weights = weights_from_bytes(parts["weights"], config, n_tokens)
            state = None
            if row["has_state"]:
                state = state_from_arrays(unpack(parts["state"]), weights.copy(), config)
        return replace(record, weights=WeightsInMemory(weights)), state

    def record(self, workspace: str, key: str) -> RunRecord:
        """A run as it was; its weights are read when they are asked for.

        Raises:
            StoreError: if it is gone or damaged, or its words were not kept.
        """
        parts = self.parts(workspace, key, ["record", "curve", "moments"])
        return self._record(workspace, self._row(workspace, key), parts)

    def load_some(self, workspace: str, keys: Sequence[str]) -> dict[str, RunRecord]:
        """Runs as they were, by their keys; without those whose words or weights are not there.

        Their weights are read when they are asked for.
        """
        mine = (RUNS.c.workspace == workspace) & RUNS.c.key.in_(keys)
        wanted = select(PARTS.c.run, PARTS.c.name, PARTS.c.data).where(
            PARTS.c.run.in_(select(RUNS.c.key).where(mine)),
            PARTS.c.name.in_(["record", "curve", "moments"]),
        )
        parts: dict[str, dict[str, bytes]] = {}
        for key, name, data in asked(self.engine, wanted):
            parts.setdefault(key, {})[name] = bytes(data)
        found = {}
        for row in asked(self.engine, select(RUNS).where(mine)):
            with suppress(StoreError):
                found[row.key] = self._record(workspace, dict(row._mapping), parts.get(row.key, {}))
        return found

    def last_number(self, workspace: str) -> int:
        """The greatest number of a run; 0 where there is none."""
        ((number,),) = asked(self.engine, _greatest_number(RUNS.c.workspace == workspace))
        return number or 0

    def make_room(self, workspace: str) -> int:
        """Drop what is beyond the limits, the oldest first; how many runs went."""
        limits = self.limits_of(workspace)
        n_dropped = self._make_room(workspace, limits.n_runs, limits.n_bytes)
        return n_dropped + self._make_room(None, limits.n_all, limits.n_all_bytes)

    def _make_room(self, workspace: str | None, n_runs: int, n_bytes: int) -> int:
        where = RUNS.c.workspace == workspace if workspace is not None else text("1 = 1")
        totals = select(func.count(), func.sum(RUNS.c.n_bytes)).where(where)
        with speaking(self.engine), self.engine.connect() as connection:
            count, size = connection.execute(totals).one()
            if count <= n_runs and (size or 0) <= n_bytes:
                return 0
            is_marked = or_(RUNS.c.name != "", RUNS.c.is_starred, RUNS.c.note != "")
            oldest = (
                select(RUNS.c.key, RUNS.c.workspace, RUNS.c.n_bytes)
                .where(where)
                .order_by(is_marked, RUNS.c.started_at)
                .limit(max(0, count - 1))  # the last one may be larger than all the room
            )
            going: dict[str, list[str]] = {}
            for key, theirs, its_bytes in connection.execute(oldest):
                if count <= n_runs and size <= n_bytes:
                    break
                going.setdefault(theirs, []).append(key)
                count, size = count - 1, size - its_bytes
        for theirs, keys in going.items():
            self.forget(theirs, keys)
        return sum(map(len, going.values()))

    def _row(self, workspace: str, key: str) -> Mapping[str, Any]:
        where = (RUNS.c.workspace == workspace) & (RUNS.c.key == key)
        for row in asked(self.engine, select(RUNS).where(where)):
            return dict(row._mapping)
        raise StoreError("This run isn’t kept any more.", is_passing=False)

    def _runs(self, statement: Select[Any]) -> list[StoredRun]:
        """The runs that a statement finds; what is damaged is left out."""
        return [run for row in asked(self.engine, statement) if (run := stored(row)) is not None]

    def _record(
        self, workspace: str, row: Mapping[str, Any], parts: Mapping[str, bytes]
    ) -> RunRecord:
        with refusing_damage():
            if "moments" not in parts:  # where there are weights, there are these
                is_own = row["corpus"].startswith(OWN_CORPUS)
                reason = corpora.GONE if is_own else "Its weights weren’t kept."
                raise StoreError(reason, is_passing=False)
            corpus = self.corpus(workspace, row["corpus"])
            config, n_tokens = config_of(row["settings"]), len(corpus.vocabulary)
            weights = WeightsInStore(self, workspace, row["key"], config, n_tokens, [])
            return record_from_parts(row, parts, config, corpus, weights)

    def has_corpus(self, workspace: str, reference: str) -> bool:
        """Whether the corpus of a reference is saved in a workspace."""
        with speaking(self.engine), self.engine.connect() as connection:
            return corpora.is_there(connection, workspace, reference)

    def corpus(self, workspace: str, reference: str) -> Corpus:
        """What a run or a search of a workspace learns from.

        Raises:
            StoreError: if it is not there.
        """
        built_in = corpora.built_in(reference)
        if built_in is not None:
            return built_in
        with speaking(self.engine), self.engine.connect() as connection:
            data = corpora.bytes_of(connection, workspace, reference)
        if data is None:
            raise StoreError(corpora.GONE, is_passing=False)
        return corpora.read(data)


def _greatest_number(where: ColumnElement[bool]) -> Select[Any]:
    """Of the runs there; SQLite may hold a text or a number in its place that none can follow."""
    number = cast(RUNS.c.number, Integer)
    return select(func.max(number)).where(where, number.between(0, MOST_NUMBER))


def _fitting(column: str, value: Any) -> Any:
    """Text that every database takes: of the column's length, without a zero character."""
    if not isinstance(value, str):
        return value
    return value.replace("\0", "")[: getattr(RUNS.c[column].type, "length", None)]


def _put(
    connection: Connection,
    values: dict[str, Any],
    parts: Mapping[str, bytes],
    corpus: bytes | None,
) -> None:
    key, workspace = values["key"], values["workspace"]
    known = connection.execute(select(RUNS.c.workspace).where(RUNS.c.key == key)).scalar()
    if known is None:
        mine = RUNS.c.workspace == workspace
        is_taken = select(RUNS.c.key).where(mine, RUNS.c.number == values["number"])
        if connection.execute(is_taken).first() is not None:
            last = connection.execute(_greatest_number(mine)).scalar() or 0
            values["number"] = last + 1
        connection.execute(insert(RUNS).values(**values))
    elif known != workspace:
        raise StoreError("A run with this key belongs to somebody else.", is_passing=False)
    else:
        theirs = {"number", *NOTES}
        changed = {name: value for name, value in values.items() if name not in theirs}
        connection.execute(update(RUNS).where(RUNS.c.key == key).values(**changed))
        connection.execute(delete(PARTS).where(PARTS.c.run == key))
    rows = [{"run": key, "name": name, "data": data} for name, data in parts.items()]
    connection.execute(insert(PARTS), rows)
    if corpus is not None:
        corpora.put(connection, workspace, values["corpus"], values["data"], corpus)


def _drop(connection: Connection, workspace: str, keys: list[str]) -> None:
    for start in range(0, len(keys), MOST_VALUES):
        some = keys[start : start + MOST_VALUES]
        mine = select(RUNS.c.key).where(RUNS.c.workspace == workspace, RUNS.c.key.in_(some))
        connection.execute(delete(PARTS).where(PARTS.c.run.in_(mine)))
        where = (RUNS.c.workspace == workspace) & RUNS.c.key.in_(some)
        connection.execute(delete(RUNS).where(where))
    corpora.drop_unneeded(connection, workspace)
