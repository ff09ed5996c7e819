"""The one thread of a process that writes runs; what cannot be written waits in memory."""

from __future__ import annotations

import logging
import math
import secrets
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from core.errors import StoreError
from core.learning import lower_priority
from core.runs.codec.corpora import MOST_BYTES, OWN_CORPUS, corpus_to_bytes, reference_of
from core.runs.codec.records import parts_of, without_corpus
from core.runs.codec.rows import row_of
from core.runs.record import RunRecord
from core.runs.saving import SavedState
from core.runs.store.database_file import Identity
from core.runs.store.store import Store
from core.runs.store.waiting import Waiting, bound, make_room
from core.text import Corpus

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds between two tries at what failed
READ_PAUSE = 5.0  # seconds in which nobody asks again for a store that could not be opened
MAKE_ROOM_EVERY = 20  # runs written
ALIVE_SECONDS = 30.0  # since its last writing, what another process writes counts as under way
CLOCKS_DIFFER_SECONDS = 1.0  # at most, of two servers on one database

PROCESS = secrets.token_hex(8)  # this one, in the rows that it wrote

_log = logging.getLogger(__name__)


def is_written_elsewhere(writer: str, saved_at: float) -> bool:
    """Whether a row that says it is moving is another process's, which wrote it a moment ago.

    What was saved in the future proves nothing: a clock was set back since.

    Args:
        writer: the process that wrote it last.
        saved_at: seconds since 1970, UTC.
    """
    age = time.time() - saved_at
    return writer != PROCESS and -CLOCKS_DIFFER_SECONDS <= age < ALIVE_SECONDS


class Writer:
    """Takes runs from anyone at any time, and writes each as it is last known.

    >>> from core.runs.store.store import Store
    >>> writer = Writer(lambda: Store.open("sqlite://"))
    >>> writer.flush(timeout=5.0), writer.trouble
    (True, '')
    >>> writer.close()

    Attributes:
        trouble: why runs can't be written now, in words; empty when all is well.
        n_moves: how often the store's file was moved or replaced since it was first opened.
        n_dropped: runs that went to make room since the process began.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        *,
        saves_own_corpora: Callable[[str], bool] = lambda _workspace: True,
        wait: Callable[[threading.Condition, float | None], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make one; its thread begins with the first run that it is given.

        Args:
            open_store: opens the store, again after each failure.
            saves_own_corpora: whether a workspace's own corpora are saved.
            wait: for a condition that is held, or a time in seconds; a test passes its own.
            clock: seconds, from any start.
        """
        self.trouble = ""
        self.n_moves = 0
        self.n_dropped = 0
        self._open_store = open_store
        self._saves_own_corpora = saves_own_corpora
        self._clock = clock
        self._wait = wait or (lambda condition, seconds: condition.wait(seconds))
        self._condition = threading.Condition()
        self._waiting: dict[str, Waiting] = {}  # by the runs' keys, oldest first
        self._at_work: str | None = None  # the key that is being written
        self._forgotten: dict[str, None] = {}
        # Of the workspaces, as the runs began; each with `n_moves` of when that was noted.
        self._generations: dict[str, tuple[int, int]] = {}
        self._parts_of: dict[str, str] = {}  # key of a run to that of what it is a part of
        self._secrets: dict[str, tuple[int, str]] = {}  # with `n_moves` of when each was read
        self._is_closing = False
        self._store: Store | None = None
        self._file: Identity | None = None  # of the last store that was opened
        self._is_moved = False  # since then
        self._has_traces: set[str] = set()  # workspaces that were forgotten
        self._overwrite_at = math.inf
        self._overwrite_pause = FIRST_PAUSE
        self._store_lock = threading.Lock()
        self._pause = FIRST_PAUSE
        self._failed_at = -math.inf
        self._n_written = 0
        self._thread: threading.Thread | None = None

    def begin(self, workspace: str, key: str) -> None:
        """Note that something begins: if its workspace is forgotten later, it isn't written."""
        self._add(key, Waiting(workspace, is_begun=True))

    def belongs(self, key: str, whole: str) -> None:
        """Note that a run began with something else, such as the search that it is a part of."""
        self._parts_of[key] = whole
        bound(self._parts_of)

    def save(self, workspace: str, record: RunRecord, state: SavedState | None) -> None:
        """Write a run as it is now; returns at once."""
        self._add(record.key, Waiting(workspace, record, state))

    def annotate(self, workspace: str, key: str, notes: Mapping[str, Any]) -> None:
        """Write what is said of a run; returns at once."""
        self._add(key, Waiting(workspace, notes=dict(notes)))

    def do(self, workspace: str, key: str, work: Callable[[Store], None]) -> None:
        """Have something written that is no run; returns at once.

        Args:
            workspace: whose it is.
            key: of what is written; a later call with it replaces an earlier one.
            work: writes it as it is then. It is tried again where the store can't do it.
        """
        self._add(key, Waiting(workspace, work=work))

    def corpus_to_save(self, store: Store, workspace: str, corpus: Corpus) -> bytes | None:
        """A visitor's own corpus, if it's to be saved, isn't too large and isn't there yet."""
        reference = reference_of(corpus)
        is_own = reference.startswith(OWN_CORPUS) and self._saves_own_corpora(workspace)
        if not is_own or store.has_corpus(workspace, reference):
            return None
        data = corpus_to_bytes(corpus)
        return data if len(data) <= MOST_BYTES else None

    def forget(self, workspace: str, keys: list[str]) -> None:
        """Drop runs, and never write them again; returns at once."""
        with self._condition:
            for key in keys:
                self._waiting[key] = Waiting(workspace, is_forgotten=True)
                self._forgotten[key] = None
            bound(self._forgotten)
            self._wake()

    def forget_all(self, workspace: str, but: Collection[str] = ()) -> None:
        """Delete all that is saved or waits of a workspace but some; waits until it is done.

        Args:
            workspace: whose it is.
            but: keys of runs and searches that stay, as others have them in hand.

        Raises:
            StoreError: if it cannot be done now.
        """
        with self._condition:
            theirs = [key for key, each in self._waiting.items() if each.workspace == workspace]
            for key in set(theirs) - set(but):
                del self._waiting[key]
                self._forgotten[key] = None
            self._wait_until(lambda: self._at_work is None, 10.0)
        store = self.store()
        store.forget_all(workspace, but)
        if store.has_traces:
            with self._condition:
                self._has_traces.add(workspace)
                self._overwrite_later()
                self._wake()

    def has_traces(self, workspace: str) -> bool:
        """Whether a workspace was forgotten and what it held isn't overwritten everywhere yet.

        That is so while another program reads the file; the writer tries until it is done.
        """
        return workspace in self._has_traces

    @property
    def n_waiting(self) -> int:
        """How many runs have something that is not written yet."""
        return len(self._waiting)

    def store(self) -> Store:
        """The store, opened once and again where its file is another; for readers in any thread.

        Raises:
            StoreError: if it cannot be opened.
        """
        with self._store_lock:
            if self._store is not None and not self._store.file.is_in_place:
                self._close_store()
            if self._store is None:
                # Readers may come every moment, and each would wait for a database that is away.
                if self._clock() - self._failed_at < READ_PAUSE and self._is_reader():
                    raise StoreError(self.trouble)
                try:
                    self._store = self._open_store()
                except StoreError as error:
                    self.trouble, self._failed_at = str(error), self._clock()
                    raise
                self._store.current = self.store
                if not self._waiting:
                    self.trouble = ""
                self._note_move(self._store)
            return self._store

    def secret(self, name: str) -> str:
        """A random text of the store, read once; a file that is new and has none is given it.

        Raises:
            StoreError: if it cannot be read now.
        """
        n_moves, value = self._secrets.get(name, (None, ""))
        if n_moves != self.n_moves:
            try:
                store = self.store()
                value = store.secret(name, value)
                self._secrets[name] = (store.n_moves, value)
            except StoreError:
                if not value:
                    raise
        return value

    def follow(self) -> int:
        """Open the store anew if its file was moved or replaced; how often that was so.

        It never waits for a store that isn't open.
        """
        store = self._store
        if store is not None and not store.file.is_in_place:
            with suppress(StoreError):
                self.store()
        return self.n_moves

    def flush(self, timeout: float) -> bool:
        """Wait until all is written; whether that came in time."""
        with self._condition:
            return self._wait_until(
                lambda: not self._waiting and self._at_work is None, timeout, or_trouble=True
            )

    def close(self, timeout: float = 5.0) -> None:
        """Write what waits, if it can be, and end the thread."""
        with self._condition:
            self._is_closing = True
            self._condition.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout)
        with self._store_lock:
            self._close_store()

    def _wait_until(
        self, reached: Callable[[], bool], timeout: float, *, or_trouble: bool = False
    ) -> bool:
        self._condition.wait_for(lambda: reached() or (or_trouble and self.trouble), timeout)
        return reached()

    def _is_reader(self) -> bool:
        return threading.current_thread() is not self._thread

    def _add(self, key: str, newer: Waiting) -> None:
        """Have something written, with what waits under the same key."""
        with self._condition:
            if key not in self._forgotten:
                self._waiting.setdefault(key, Waiting(newer.workspace)).take_in(newer)
                self._wake()

    def _wake(self) -> None:
        make_room(self._waiting, is_stuck=bool(self.trouble))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="store", daemon=True)
            self._thread.start()
        self._condition.notify_all()

    def _work(self) -> None:
        lower_priority()
        while self._turn():
            pass

    def _turn(self) -> bool:
        """Write one run; whether there may be another. Nothing of it is held in between."""
        with self._condition:
            while not self._waiting and self._clock() < self._overwrite_at:
                if self._is_closing:
                    return False
                left = self._overwrite_at - self._clock()
                self._wait(self._condition, left if math.isfinite(left) else None)
            is_due = self._clock() >= self._overwrite_at
            if not is_due:
                key = next(iter(self._waiting))
                waiting = self._waiting.pop(key)
                self._at_work = key
        if is_due:
            self._overwrite()
            return True
        complaint = self._try(key, waiting)
        with self._condition:
            self._at_work, self.trouble = None, complaint
            if self._store is not None and self._store.has_traces:
                self._overwrite_later()
            if complaint:
                self._put_back(key, waiting)
            self._condition.notify_all()
            if not complaint:
                self._pause = FIRST_PAUSE
                return True
            if not self._is_closing:
                self._wait(self._condition, self._pause)
                self._pause = min(LONGEST_PAUSE, 2 * self._pause)
            return not self._is_closing

    def _overwrite_later(self) -> None:
        """Try after a while to overwrite what was deleted, if that isn't due anyway; locked."""
        if not math.isfinite(self._overwrite_at):
            self._overwrite_at = self._clock() + self._overwrite_pause

    def _overwrite(self) -> None:
        """Overwrite what was deleted, or try again later and later."""
        is_done = False
        with suppress(StoreError):
            store = self.store()
            store.overwrite()
            is_done = not store.has_traces
        with self._condition:
            self._overwrite_at = math.inf
            if is_done:
                self._has_traces.clear()
                self._overwrite_pause = FIRST_PAUSE
            else:
                self._overwrite_pause = min(LONGEST_PAUSE, 2 * self._overwrite_pause)
                self._overwrite_later()
            self._condition.notify_all()

    def _try(self, key: str, waiting: Waiting) -> str:
        """Write; what hinders it, or nothing."""
        try:
            self._write(key, waiting)
        except StoreError as error:
            if not error.is_passing:
                _log.error("run %s is not kept: %s", key, error)
                return ""
            if not self.trouble:
                _log.warning("runs wait to be written: %s", error)
            self._reopen()
            return str(error)
        except Exception:  # an error of the program costs this run's place, not all others'
            _log.exception("run %s is not kept", key)
        return ""

    def _write(self, key: str, waiting: Waiting) -> None:
        store, workspace, record = self.store(), waiting.workspace, waiting.record
        if waiting.is_forgotten:
            store.forget(workspace, [key])
            return
        if waiting.is_begun:
            self._generations[key] = (store.n_moves, store.generation(workspace))
            waiting.is_begun = False
            bound(self._generations)
        if record is not None:
            parts, corpus = parts_of(record, waiting.state), None
            reference = reference_of(record.corpus)
            if reference.startswith(OWN_CORPUS) and not store.has_corpus(workspace, reference):
                corpus = self.corpus_to_save(store, workspace, record.corpus)
                if corpus is None:
                    parts = without_corpus(parts)
            row = row_of(record, has_state="state" in parts)
            generation = self._generation(store, workspace, self._parts_of.get(key, key))
            if not store.put(workspace, row, parts, PROCESS, corpus, generation):
                with self._condition:
                    self._forgotten[key] = None
                return
            self._n_written += 1
            if self._n_written % MAKE_ROOM_EVERY == 1:
                self.n_dropped += store.make_room(workspace)
        if waiting.notes:
            store.annotate(workspace, key, waiting.notes)
        if waiting.work is not None:
            waiting.work(store)

    def _generation(self, store: Store, workspace: str, key: str) -> int | None:
        """The generation that the workspace must still have; that of another file says nothing."""
        if key not in self._generations:
            return None
        n_moves, generation = self._generations[key]
        if n_moves != store.n_moves:
            generation = store.generation(workspace)
            self._generations[key] = (store.n_moves, generation)
        return generation

    def _reopen(self) -> None:
        """Begin with a new connection, as the file or the database may be another one then."""
        with self._store_lock:
            self._close_store()

    def _close_store(self) -> None:
        """Let go of it; locked by its own lock."""
        if self._store is not None:
            self._is_moved = self._is_moved or not self._store.file.is_in_place
            self._store.close()
            self._store = None

    def _note_move(self, store: Store) -> None:
        """Count it where the store was opened on another file than the one before."""
        before, self._file = self._file, store.file.identity
        if self._is_moved or (before is not None and before != self._file):
            self._is_moved = False
            self.n_moves += 1
            _log.warning("%s was moved or replaced: runs go to what is there now", store.file.path)
        store.n_moves = self.n_moves

    def _put_back(self, key: str, waiting: Waiting) -> None:
        """Try again later, unless there is something newer; at the front, in its order."""
        newer = self._waiting.pop(key, None)
        if newer is not None and newer.is_forgotten:
            waiting = newer
        elif newer is not None:
            waiting.take_in(newer)
        self._waiting = {key: waiting, **self._waiting}


class WorkspaceSaver:
    """Hands the runs of one workspace to the writer; a trainer's `Saver`."""

    def __init__(self, writer: Writer, workspace: str) -> None:
        self.writer = writer
        self.workspace = workspace

    def begin(self, record: RunRecord) -> None:
        """Note that a run begins."""
        self.writer.begin(self.workspace, record.key)

    def save(self, record: RunRecord, state: SavedState | None) -> None:
        """Have a run written."""
        self.writer.save(self.workspace, record, state)

    def annotate(self, key: str, **notes: Any) -> None:
        """Have a note written."""
        self.writer.annotate(self.workspace, key, notes)

    def forget(self, key: str) -> None:
        """Have a run dropped."""
        self.writer.forget(self.workspace, [key])
