"""Saves searches beside the runs as they go, and reads them back to continue them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from core.errors import StoreError
from core.runs import RunRecord, State
from core.runs import store as stores
from core.search.importance import importance
from core.search.snapshot import SearchSnapshot
from core.search.trials import run_of, search_from_json, search_to_json, trial_of

if TYPE_CHECKING:
    from core.runs.store import Store, StoredSearch, Writer

DAMAGED = "What was kept of this search is damaged."
MOST_RECORDS = 50  # runs whose weights and curves are at hand again, the best ones


class WorkspaceSearches:
    """Hands the searches of one session to the writer, and finds the last one again.

    The search itself never waits for the database: each run is written when it is over, in one
    transaction, by the writer's thread. So nothing is left half done by a kill.

    Attributes:
        is_elsewhere: whether the search that was found went on in another process a moment ago.
            Whoever goes on with it all the same makes a second one of it.
    """

    def __init__(self, writer: Writer, workspace: str, file: Callable[[RunRecord], None]) -> None:
        """For one session.

        Args:
            writer: who writes.
            workspace: whose searches they are.
            file: keeps a run that came to its end.
        """
        self.writer = writer
        self.workspace = workspace
        self._file = file
        self._mirror: _Mirror | None = None
        self.is_elsewhere = False

    @property
    def key(self) -> str:
        """Of the search that this session has in hand, as it is kept; empty before the first."""
        return self._mirror.key if self._mirror else ""

    def save(self, search: SearchSnapshot) -> None:
        """Have a search written."""
        mirror = self._mirror
        if mirror is None or mirror.search.key != search.key:
            mirror = self._mirror = _Mirror(self.writer, self.workspace, search)
            self.writer.begin(self.workspace, search.key)
        self.is_elsewhere = False
        mirror.take(search)
        self.writer.do(self.workspace, search.key, mirror.write)

    def save_again(self) -> None:
        """Have the search in hand written once more, as the file that it was in is another."""
        if self._mirror is not None and not self.is_elsewhere:
            self.writer.do(self.workspace, self._mirror.search.key, self._mirror.write)

    def file(self, run: RunRecord) -> None:
        """Have a run written that came to its end."""
        if self._mirror is not None:
            self.writer.belongs(run.key, self._mirror.search.key)
        self._file(run)

    def newest(self, alive: Collection[str]) -> SearchSnapshot | None:
        """The last search of the workspace that nobody else has in hand, as it is known; at rest.

        Args:
            alive: keys of the searches that other sessions have.

        Raises:
            StoreError: if it cannot be read.
        """
        store = self.writer.store()
        found = store.searches.newest(self.workspace, alive)
        if found is None:
            return None
        self.is_elsewhere = _is_elsewhere(found)
        try:
            search = _read(store, self.workspace, found)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise StoreError(DAMAGED, is_passing=False) from error
        self._mirror = _Mirror(self.writer, self.workspace, search, found, store.n_moves)
        self.writer.begin(self.workspace, search.key)
        return search


class _Mirror:
    """One search and how much of it is written; written by the writer's thread alone."""

    def __init__(
        self,
        writer: Writer,
        workspace: str,
        search: SearchSnapshot,
        stored: StoredSearch | None = None,
        n_moves: int = 0,
    ) -> None:
        self.search = search
        self.key = search.key
        self._writer = writer
        self._workspace = workspace
        self._owners = [stored.owner if stored else uuid.uuid4().hex]  # the last one is today's
        self._is_new = stored is None
        self._n_moves = n_moves  # of the store that it is written in
        self._written: set[object] = {run.number for run in search.runs if stored}
        self._is_forgotten = False

    def take(self, search: SearchSnapshot) -> None:
        """Take in what is known by now; one that goes on gets another owner.

        So whoever else has read it before, and goes on too, sees that it is not theirs.
        """
        if search.job_id != self.search.job_id:
            self._owners.append(uuid.uuid4().hex)
        self.search = search

    def write(self, store: Store) -> None:
        """Write what is not written yet.

        Raises:
            StoreError: if that cannot be done; what was done stays.
        """
        search = self.search
        if self._is_forgotten or search.corpus is None:
            return
        if not self._is_new and self._n_moves != store.n_moves:
            # The file was moved or replaced. What is there now may be from before, and have some.
            known = store.searches.runs(self._workspace, self.key)
            self._is_new = True
            self._written = {trial.user_attrs.get("number") for trial in known}
        self._n_moves = store.n_moves
        owner = self._put(store, search)
        if owner and owner not in self._owners:
            # Another server goes on with it too: from here on there are two.
            self.key, self._is_new, self._written = uuid.uuid4().hex, True, set()
            owner = self._put(store, search)
        self._is_forgotten = not owner
        if self._is_forgotten:
            return
        missing = [run for run in search.runs if run.number not in self._written]
        trials = (trial_of(search.config, run) for run in missing)
        for trial in store.searches.add_runs(self._workspace, self.key, trials):
            self._written.add(trial.user_attrs["number"])

    def _put(self, store: Store, search: SearchSnapshot) -> str:
        assert search.corpus is not None
        own = self._writer.corpus_to_save(store, self._workspace, search.corpus)
        is_first = self._is_new
        owner = store.searches.put(
            self._workspace,
            stores.StoredSearch(
                key=self.key,
                number=search.number,
                state=search.state.value,
                corpus=stores.reference_of(search.corpus),
                about=_about(search),
                writer=stores.PROCESS,
                owner=self._owners[-1],
            ),
            is_new=self._is_new,
            before=self._owners,
            own_corpus=(search.corpus.name[:200], own) if own else None,
        )
        self._is_new = False
        if is_first:
            store.searches.make_room(self._workspace, store.limits_of(self._workspace).n_searches)
        return owner


def _about(search: SearchSnapshot) -> dict[str, Any]:
    return {
        "config": search_to_json(search.config),
        "data": search.corpus.name[:200] if search.corpus else "",
        "seconds": search.seconds,
        "error": search.error,
    }


def _read(store: Store, workspace: str, found: StoredSearch) -> SearchSnapshot:
    config = search_from_json(found.about["config"])
    trials = {t.user_attrs.get("number"): t for t in store.searches.runs(workspace, found.key)}
    losses = {number: t.value for number, t in trials.items() if t.value is not None}
    best = sorted(losses, key=losses.__getitem__)[:MOST_RECORDS]
    keys = [answer["run"] for number in best for answer in trials[number].user_attrs["answers"]]
    records = store.load_some(workspace, keys)
    try:
        corpus, missing = store.corpus(workspace, found.corpus), ""
    except StoreError as error:
        corpus, missing = None, str(error)
    state = State(found.state)
    runs = tuple(run_of(config, trial, records) for trial in trials.values())
    return SearchSnapshot(
        number=found.number,
        state=State.STOPPED if state is State.RUNNING else state,
        config=config,
        corpus=corpus,
        runs=runs,
        importance=importance(config, runs),
        seconds=found.about["seconds"],
        error=found.about["error"],
        missing=missing,
        key=found.key,
    )


def _is_elsewhere(found: StoredSearch) -> bool:
    is_moving = found.state == State.RUNNING.value
    return is_moving and stores.is_written_elsewhere(found.writer, found.saved_at)
