"""A session's search: it asks for settings, trains them, and is told what came of them."""

from __future__ import annotations

import itertools
import math
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any, Protocol

from core.config import RunConfig
from core.jobs import Background, Jobs, Room, Trial, TrialResult, in_parallel
from core.runs import RunRecord, State
from core.search.config import SearchConfig
from core.search.importance import importance
from core.search.snapshot import Fate, SearchRun, SearchSnapshot
from core.search.study import Study
from core.settings import ConfigError, label_of
from core.text import Corpus

LOOKS = (0.125, 0.25, 0.5)  # shares of a run after which it is compared with the others
IMPORTANCE_SECONDS = 5.0  # between two looks at what matters while a search goes on
KEEP_SECONDS = 10.0  # between two times that a search is handed to its saver if no run ends


class SearchSaver(Protocol):
    """Saves the searches of one session, so that they outlast it; each method returns at once."""

    def save(self, search: SearchSnapshot) -> None:
        """Save what is known of a search by now, in place of what was saved of it before."""

    def file(self, run: RunRecord) -> None:
        """Save a run that came to its end."""


def name_of_run(search: int, number: int) -> str:
    """What a run of a search is called; both count, the run from 0."""
    return f"Search {search}, run {number + 1}"


def is_name_of_run(name: str) -> bool:
    """Whether a run of a search is called so.

    >>> is_name_of_run(name_of_run(2, 0)), is_name_of_run("Run 1")
    (True, False)
    """
    return re.fullmatch(r"Search \d+, run \d+(, seed \d+)?", name) is not None


class Searcher(Jobs["_SearchThread", SearchSnapshot]):
    """Runs one search at a time for one session; every method but `join` returns at once.

    Attributes:
        token: unguessable name of this searcher, for the live stream.
    """

    def __init__(
        self,
        *,
        saver: SearchSaver | None = None,
        next_number: Callable[[], int] | None = None,
    ) -> None:
        """Make one without a search.

        Args:
            saver: saves its searches; without one they end with the session.
            next_number: of the next search; counts from 1 if none is given.
        """
        super().__init__()
        self._saver = saver
        self._next_number = next_number or itertools.count(1).__next__
        self._earlier: SearchSnapshot | None = None  # from before this session

    def start(self, config: SearchConfig, corpus: Corpus) -> None:
        """Begin a search; one that is under way ends."""
        last = self.snapshot()
        is_beside = last is not None and last.corpus is corpus and bool(last.finished)
        begun = SearchSnapshot(
            number=self._next_number(),
            config=config,
            corpus=corpus,
            before=replace(last, before=None) if last is not None and is_beside else None,
        )
        self._go(begun, None)

    def restore(self, search: SearchSnapshot) -> None:
        """Take in an earlier search, to look at and to continue, unless there is one already."""
        if not self._threads:
            number, version = next(self._ids), next(self._versions)
            self._earlier = replace(search, job_id=number, version=version)

    def snapshot(self) -> SearchSnapshot | None:
        """The newest search as it is now, at most 100 ms old, or None before the first one."""
        return super().snapshot() or self._earlier

    def go_on(self, n_more: int = 0) -> None:
        """Go on with the search that has ended, with so many more runs than were planned."""
        last = self.snapshot()
        if last is None or last.is_running or last.corpus is None:
            return
        config = replace(last.config, n_runs=last.config.n_runs + n_more)
        begun = replace(last, config=config, error="")
        self._go(begun, self._threads[-1] if self._threads else None)

    def forget_everything(self) -> None:
        """End the search and drop all that is known of it; nothing more of it is kept."""
        for thread in self._threads:
            thread.forget()
        super().forget_everything()
        self._earlier = None

    def _go(self, begun: SearchSnapshot, before: _SearchThread | None) -> None:
        self._begin(_SearchThread, begun, before=before, saver=self._saver)
        self._earlier = None


class _SearchThread(Background[SearchSnapshot]):
    """The thread of one search, or of its going on."""

    what = "search"

    def __init__(
        self,
        begun: SearchSnapshot,
        *,
        before: _SearchThread | None,
        saver: SearchSaver | None,
        **clock: Any,
    ) -> None:
        super().__init__(begun, **clock)
        self._saver, self._saver_lock = saver, threading.Lock()
        self._saved_at = -math.inf
        self._before = before  # whose thread may still be ending
        self._room = Room()
        self.study: Study | None = None
        assert begun.corpus is not None
        self._corpus, self._config = begun.corpus, begun.config
        self._runs = list(begun.runs)
        self._importance = begun.importance
        self._importance_at = -math.inf
        self._going: dict[int, dict[str, Any]] = {}  # values of the runs under way
        self._answers: dict[int, list[TrialResult]] = {}
        self._looks: dict[int, list[float]] = {}
        self._ready: deque[Trial] = deque()  # runs that were looked at and go on
        self.show(State.RUNNING)

    def work(self) -> bool:
        """Ask, train and tell until all runs are done."""
        before, self._before = self._before, None
        if before is not None:
            before.join()
            self.study, self._room = before.study, before._room
        study = self.study = self.study or Study(self._config, self._runs)
        self._keep()
        with closing(in_parallel(_Source(self._next))) as trials:
            for trial, is_done in trials:
                trial.corpus = self._corpus
                if self.is_stopped:
                    break
                if is_done:
                    self._take(study, trial)
                self.show_progress()
                if self._now() - self._saved_at >= KEEP_SECONDS:
                    self._keep()
        self._importance = importance(self._config, self._runs)
        is_complete = not self._going and not self.is_stopped
        for number in study.pending:
            study.put_back(number)
        return is_complete

    def found(self, _state: State) -> dict[str, Any]:
        """The runs that have ended, and what mattered in them."""
        return {"runs": tuple(self._runs), "importance": self._importance}

    def show(self, state: State, error: str = "") -> None:
        """Replace the snapshot; the last one is saved."""
        super().show(state, error)
        if state is not State.RUNNING:
            self._keep()

    def forget(self) -> None:
        """Hand nothing to the saver any more."""
        with self._saver_lock:
            self._saver = None

    def _keep(self) -> None:
        self._saved_at = self._now()
        with self._saver_lock:
            if self._saver is not None:
                self._saver.save(self.snapshot)

    def _next(self) -> Trial | None:
        """The next run for a free core: one that goes on before one that is new."""
        if self._ready:
            return self._ready.popleft()
        assert self.study is not None
        while not self.is_stopped:
            asked = [run for run in self._runs if run.fate is not Fate.IMPOSSIBLE]
            n_out = len(self._runs) - len(asked)
            if len(asked) + len(self._going) >= self._n_runs(n_out):
                return None
            number, values = self.study.ask()
            try:
                self._config.config_of(values)
            except ConfigError as error:
                self.study.tell(number, math.nan)
                said = f"{label_of(RunConfig, error.field)} {error.complaint}"
                self._runs.append(SearchRun(number, values, Fate.IMPOSSIBLE, complaint=said))
                if n_out >= max(20, self._config.n_runs) and self._config.how != "grid":
                    raise ConfigError("ranges", "settings that go together", said) from error
                continue
            self._going[number], self._answers[number] = values, []
            return self._trial(number)
        return None

    def _n_runs(self, n_out: int) -> int:
        if self._config.how == "grid":
            return math.prod(map(len, self._config.grid)) - n_out
        return self._config.n_runs

    def _trial(self, number: int) -> Trial:
        """The next seed of a run."""
        seed, config = len(self._answers[number]), self._config
        name = name_of_run(self.snapshot.number, number)
        return Trial(
            number,
            config.config_of(self._going[number], seed),
            self._corpus,
            name if config.n_seeds == 1 else f"{name}, seed {seed + 1}",
            shares=LOOKS if config.is_pruned and not seed else (),
            seconds=config.most_seconds,
        )

    def _take(self, study: Study, trial: Trial) -> None:
        """Take in where a run has come to."""
        number, answers = trial.index, self._answers[trial.index]
        if not answers:
            self._looks[number] = trial.looks
        if not trial.is_finished:
            if study.is_hopeless(number, len(trial.looks) - 1, trial.looks[-1]):
                study.prune(number)
                self._end(number, Fate.HOPELESS)
            else:
                self._ready.append(trial)
            return
        answers.append(self._room.keep(trial.result()))
        if answers[-1].is_diverged:
            study.tell(number, math.nan)
            self._end(number, Fate.DIVERGED)
        elif len(answers) < self._config.n_seeds:
            self._ready.append(self._trial(number))
        else:
            study.tell(number, math.fsum(answer.loss for answer in answers) / len(answers))
            self._end(number, Fate.FINISHED)
            if self._now() - self._importance_at >= IMPORTANCE_SECONDS:
                self._importance = importance(self._config, self._runs)
                self._importance_at = self._now()

    def _end(self, number: int, fate: Fate) -> None:
        values, answers = self._going[number], tuple(self._answers.pop(number))
        looks = tuple(self._looks.pop(number, ()))
        self._runs.append(SearchRun(number, values, fate, answers, looks))
        # Only now, as another thread may ask for the next run: for it each is in one of the two.
        del self._going[number]
        with self._saver_lock:
            for answer in answers if fate is Fate.FINISHED else ():
                if answer.run is not None and self._saver is not None:
                    self._saver.file(answer.run)
        self.show(State.RUNNING)
        self._keep()


class _Source(Iterator[Trial]):
    """Runs to begin or to go on with; where there is none now there may be one later."""

    def __init__(self, take: Callable[[], Trial | None]) -> None:
        self._take = take

    def __next__(self) -> Trial:
        trial = self._take()
        if trial is None:
            raise StopIteration
        return trial
