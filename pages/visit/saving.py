"""Whose runs are kept and where: one writer for the process, one workspace for each browser."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from core.config import RunConfig
from core.errors import ConfigError, StoreError
from core.runs import ENDED, RunRecord, SavedRun, State, Trainer
from core.runs import store as stores
from core.search import Searcher, WorkspaceSearches

if TYPE_CHECKING:
    from core.runs.store import StoredRun, Writer

LAST_RUNS = 20  # that Train has after a reload
AT_REST = ENDED | {State.DIVERGED}


@dataclass(frozen=True, slots=True)
class SharedRun:
    """A run that its owner has opened to whoever has the link."""

    workspace: str
    row: StoredRun

    def load(self) -> RunRecord:
        """The run as it is now, at rest and with its weights, for nobody to change.

        Raises:
            StoreError: if its weights or its words aren't kept.
        """
        return read(self.workspace, self.row.key)


_writers: dict[str, Writer] = {}
_numbers: dict[tuple[str, str, str], itertools.count[int]] = {}  # of runs, of searches
_lock = threading.Lock()


def writer() -> Writer:
    """The process's writer of the store that is set now."""
    where = stores.place()
    with _lock:
        if where not in _writers:
            _writers[where] = stores.Writer(
                lambda: stores.Store.open(where),
                saves_own_corpora=lambda workspace: workspace == stores.OWN,
            )
        return _writers[where]


def open_store() -> None:
    """Open the store; what is wrong with it, every page says."""
    with suppress(StoreError):
        writer().store()


def close() -> None:
    """Write what waits and let go of every store."""
    with _lock:
        closing = list(_writers.values())
        _writers.clear()
        _numbers.clear()
    for each in closing:
        each.close()


def new_trainer(mine: str | None) -> Trainer:
    """A trainer whose runs are kept in this workspace, if there is one."""
    if mine is None:
        return Trainer()
    return Trainer(saver=stores.WorkspaceSaver(writer(), mine), next_number=_next_number(mine))


def new_searcher(mine: str | None, trainer: Trainer) -> tuple[Searcher, WorkspaceSearches | None]:
    """A searcher whose searches and finished runs are kept in this workspace, if there is one."""
    if mine is None:
        return Searcher(), None
    kept = WorkspaceSearches(writer(), mine, trainer.file)
    return Searcher(saver=kept, next_number=_next_number(mine, "searches")), kept


def bring_back(trainer: Trainer, mine: str, alive: Collection[str]) -> RunRecord | None:
    """Give a new trainer the last runs of a workspace, the newest as the one that is looked at.

    Of the others nothing but their rows is read until somebody asks for more.

    Args:
        trainer: without runs.
        mine: the workspace.
        alive: keys of the runs that other tabs have.

    Returns:
        The newest run, if it is looked at.

    Raises:
        StoreError: if they cannot be read now.
    """
    store = writer().store()
    _count_on(mine, store.last_number(mine))
    _count_on(mine, store.searches.last_number(mine), "searches")
    known = [(row, saved_run(mine, row, alive)) for row in store.newest(mine, LAST_RUNS)]
    trainer.restore(run for _, run in known if run is not None)
    for row in (row for row, run in known if run is not None):
        if is_under_way(row, alive):
            return None
        with suppress(StoreError):  # of one that is damaged: the one before it, then
            return take_up(trainer, mine, row)
    return None


def saved_run(mine: str, row: StoredRun, alive: Collection[str]) -> SavedRun | None:
    """A kept run as lists show it; None where this version has no such settings.

    Args:
        mine: the workspace.
        row: of the run.
        alive: keys of the runs that other tabs have.
    """
    is_elsewhere = is_under_way(row, alive)
    try:
        config, state = RunConfig.from_settings(row.settings), State(row.state)
    except ValueError:
        return None
    return SavedRun.of(
        row,
        state if is_elsewhere or state in AT_REST else State.STOPPED,
        config,
        lambda: _at_rest(writer().store().record(mine, row.key), is_elsewhere),
    )


def take_up(trainer: Trainer, mine: str, row: StoredRun) -> RunRecord:
    """Make a kept run the current one; one that was cut off waits where it was saved.

    Raises:
        StoreError: if it cannot be read, or its words are gone.
    """
    record, state = writer().store().load(mine, row.key)
    trainer.take_up(_at_rest(record, False), state)
    return record


def read(mine: str, key: str) -> RunRecord:
    """A kept run at rest, with its weights.

    Raises:
        StoreError: if it cannot be read, or its words or weights are gone.
    """
    record, _ = writer().store().load(mine, key)
    return _at_rest(record, False)


def shared(token: str) -> SharedRun | None:
    """The run that a token opens, whoever's it is; None where there is none.

    Raises:
        StoreError: if it cannot be read now.
    """
    found = writer().store().shared(token)
    return None if found is None else SharedRun(*found)


def is_under_way(row: StoredRun, alive: Collection[str]) -> bool:
    """Whether a run that is not over is somebody's: another tab's, or another server's."""
    if row.state not in {"running", "queued", "paused", "diverged"}:
        return False
    if row.key in alive:
        return True
    is_moving = row.state in {"running", "queued"}
    return is_moving and stores.is_written_elsewhere(row.writer, row.saved_at)


def is_elsewhere(mine: str | None, key: str, alive: Collection[str]) -> bool:
    """Whether a run is another tab's or another server's by now; no, where nobody can say."""
    if mine is None or key in alive:
        return key in alive
    with suppress(StoreError):
        return any(is_under_way(row, alive) for row in writer().store().rows(mine, [key]))
    return False


def say_trouble() -> None:
    """Say why runs aren't kept now, if they aren't."""
    if not _writers:
        return
    trouble = writer().trouble
    if trouble:
        st.warning(
            f"**Your runs and searches are in memory only, for now.** {trouble} They’ll be saved "
            "as soon as that’s fixed. If the server stops before then, they’re lost."
        )


def write_again(trainer: Trainer, mine: str) -> int:
    """Have the runs that a trainer has in memory in the file that is there now; how many.

    Raises:
        StoreError: if it cannot be read now.
    """
    keys = [run.key for run in trainer.runs()]
    return trainer.save_again([row.key for row in writer().store().rows(mine, keys)])


def say_moved(mine: str, n_written: int, on_read: Callable[[], None]) -> None:
    """Say that the store's file is another, and that so many runs were written to it again."""
    its_name = f"`{shown_place()}`" if mine == stores.OWN else "The file that keeps your runs"
    again = {0: "", 1: " One run of this session was written again."}.get(
        n_written, f" {n_written:,} runs of this session were written again."
    )
    st.warning(
        f"**{its_name} was moved or replaced while the server ran.** Runs are now kept in the file "
        f"that’s there.{again}"
    )
    st.button("Got it", key="moved_read", on_click=on_read)


def config_of(run: StoredRun) -> RunConfig | None:
    """The settings of a kept run; None where this version has no such ones."""
    try:
        return RunConfig.from_settings(run.settings)
    except ConfigError:
        return None


def shown_place() -> str:
    """Where runs are kept, as one may read it: without a password."""
    where = stores.place()
    return stores.url_of(where).render_as_string() if "://" in where else where


def _at_rest(record: RunRecord, is_elsewhere: bool) -> RunRecord:
    """A run that nobody has any more counts as stopped."""
    if is_elsewhere or record.has_ended:
        return record
    return replace(record, state=State.STOPPED)


def _next_number(mine: str, of: str = "runs") -> Callable[[], int]:
    def number() -> int:
        with _lock:
            return next(_numbers.setdefault((stores.place(), mine, of), itertools.count(1)))

    return number


def _count_on(mine: str, last: int, of: str = "runs") -> None:
    """Number the next runs or searches of a workspace after this one, in all its tabs."""
    with _lock:
        key = (stores.place(), mine, of)
        coming = next(_numbers.get(key, itertools.count(1)))
        _numbers[key] = itertools.count(max(coming, last + 1))


def keys_of(trainers: Iterable[Trainer]) -> set[str]:
    """The keys of the runs that these have in hand."""
    snapshots = [trainer.snapshot() for trainer in trainers]
    return {snapshot.key for snapshot in snapshots if snapshot and not snapshot.has_ended}
