"""A session's search: it asks for settings, trains them, and is told what came of them."""

from __future__ import annotations

import itertools
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from core.config import ConfigError, RunConfig, label_of
from core.runs import State
from core.search.config import SearchConfig
from core.search.study import Study
from core.sweep import (
    Background,
    Jobs,
    PointResult,
    Room,
    Trial,
    TrialResult,
    Verdict,
    in_parallel,
)
from core.sweep import verdict as verdict_of
from core.text import Corpus

LOOKS = (0.125, 0.25, 0.5)  # shares of a run after which it is compared with the others
IMPORTANCE_SECONDS = 1.0  # between two looks at what matters while a search goes on


class Fate(StrEnum):
    """What became of a combination of settings."""

    FINISHED = "finished"
    HOPELESS = "stopped early"
    DIVERGED = "diverged"
    IMPOSSIBLE = "not possible"


@dataclass(frozen=True, slots=True, eq=False)
class SearchRun:
    """One combination of settings that was tried.

    Attributes:
        number: in the order of asking, from 0.
        values: of each searched setting, by its key.
        fate: what became of it.
        answers: of its seeds.
        looks: losses on the way of its first seed.
        complaint: why its settings do not go together, in words.
    """

    number: int
    values: Mapping[str, Any]
    fate: Fate
    answers: tuple[TrialResult, ...] = ()
    looks: tuple[float, ...] = ()
    complaint: str = ""

    @property
    def loss(self) -> float:
        """Mean validation loss over the seeds at the end; nan where it did not come to one."""
        if self.fate is not Fate.FINISHED:
            return math.nan
        return math.fsum(answer.loss for answer in self.answers) / len(self.answers)


@dataclass(frozen=True, slots=True, eq=False)
class SearchSnapshot:
    """All that can be seen of a search at one moment; it never changes.

    Attributes:
        version: rises with every snapshot of a searcher.
        search_id: another number each time that a search begins or goes on, from 1.
        number: of the search in its session, from 1; it stays when the search goes on.
        state: running, finished, stopped or failed.
        config: what it tries.
        corpus: what its runs learn from.
        runs: that have ended, in the order in which they did.
        importance: share of each setting in what sets good runs apart, by key; empty too early.
        seconds: time that it has taken, in all.
        error: for a failed search, what went wrong in words.
    """

    version: int
    search_id: int
    number: int
    state: State
    config: SearchConfig
    corpus: Corpus
    runs: tuple[SearchRun, ...] = ()
    importance: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    error: str = ""

    @property
    def is_running(self) -> bool:
        """Whether it is training now."""
        return self.state is State.RUNNING

    @property
    def n_done(self) -> int:
        """Combinations that were tried; what is not possible does not count."""
        return sum(run.fate is not Fate.IMPOSSIBLE for run in self.runs)

    @property
    def n_runs(self) -> int:
        """Combinations to try."""
        config = self.config
        if config.how == "grid":
            n_out = sum(run.fate is Fate.IMPOSSIBLE for run in self.runs)
            return math.prod(map(len, config.grid)) - n_out
        return config.n_runs

    @property
    def seconds_left(self) -> float:
        """Estimated from the runs that are done; inf before the first one."""
        n_done = self.n_done
        return self.seconds / n_done * (self.n_runs - n_done) if n_done else math.inf

    @property
    def finished(self) -> tuple[SearchRun, ...]:
        """The runs with a loss, the lowest first."""
        done = (run for run in self.runs if run.fate is Fate.FINISHED)
        return tuple(sorted(done, key=lambda run: run.loss))

    @property
    def best(self) -> SearchRun | None:
        """The run with the lowest loss so far."""
        return next(iter(self.finished), None)

    @property
    def verdict(self) -> Verdict | None:
        """Of the finished runs, lowest first: which the seeds do not tell apart from the best."""
        points = (
            PointResult(None, run.answers)  # type: ignore[arg-type]  # values are not asked for
            for run in self.finished
        )
        return verdict_of(tuple(points))


class Searcher(Jobs["_SearchThread", SearchSnapshot]):
    """Runs one search at a time for one session; every method but `join` returns at once.

    Attributes:
        token: unguessable name of this searcher, for the live stream.
    """

    def __init__(
        self, *, url: str | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Make one without a search.

        Args:
            url: of a database that keeps what Optuna knows; this process's memory without one.
            now: seconds, from any start.
        """
        super().__init__(now)
        self._url = url
        self._numbers = itertools.count(1)

    def start(self, config: SearchConfig, corpus: Corpus) -> None:
        """Begin a search; one that is under way ends."""
        begun = SearchSnapshot(0, 0, next(self._numbers), State.RUNNING, config, corpus)
        self._go(begun, None)

    def go_on(self, n_more: int = 0) -> None:
        """Go on with the search that has ended, with so many more runs than were planned."""
        if not self._threads or self._threads[-1].snapshot.is_running:
            return
        last = self._threads[-1]
        config = replace(last.snapshot.config, n_runs=last.snapshot.config.n_runs + n_more)
        self._go(replace(last.snapshot, config=config, error=""), last)

    def _go(self, begun: SearchSnapshot, before: _SearchThread | None) -> None:
        self.stop()
        thread = _SearchThread(
            next(self._ids),
            begun,
            before,
            url=self._url,
            now=self._now,
            next_version=self._versions.__next__,
        )
        self._begin(thread)


class _SearchThread(Background[SearchSnapshot]):
    """The thread of one search, or of its going on."""

    what = "search"

    def __init__(
        self,
        number: int,
        begun: SearchSnapshot,
        before: _SearchThread | None,
        *,
        url: str | None,
        now: Callable[[], float],
        next_version: Callable[[], int],
    ) -> None:
        super().__init__(number, now=now, next_version=next_version)
        self._url = url
        self._before = before  # whose thread may still be ending
        self._room = Room()
        self.study: Study | None = None
        self._begun = begun
        self._config = begun.config
        self._runs = list(begun.runs)
        self._importance = begun.importance
        self._importance_at = -math.inf
        self._going: dict[int, dict[str, Any]] = {}  # values of the runs under way
        self._answers: dict[int, list[TrialResult]] = {}
        self._looks: dict[int, list[float]] = {}
        self._ready: deque[Trial] = deque()  # runs that were looked at and go on
        self.publish(State.RUNNING, 0.0, "")

    def work(self) -> bool:
        """Ask, train and tell until all runs are done."""
        before, self._before = self._before, None
        if before is not None:
            before.join()
            self.study, self._room = before.study, before._room
        study = self.study = self.study or Study(self._config, self._url)
        with closing(in_parallel(_Source(self._next))) as trials:
            for trial, is_done in trials:
                trial.corpus = self._begun.corpus
                if self.is_stopped:
                    break
                if is_done:
                    self._take(study, trial)
                self.show_progress()
        self._importance = study.importance()
        is_complete = not self._going and not self.is_stopped
        for number in study.pending:
            study.put_back(number)
        return is_complete

    def publish(self, state: State, seconds: float, error: str) -> None:
        """Replace the snapshot."""
        self.snapshot = replace(
            self._begun,
            version=self.next_version(),
            search_id=self.number,
            state=state,
            runs=tuple(self._runs),
            importance=self._importance,
            seconds=self._begun.seconds + seconds,
            error=error,
        )

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
        name = f"Search {self._begun.number}, run {number + 1}"
        return Trial(
            number,
            config.config_of(self._going[number], seed),
            self._begun.corpus,
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
                self._importance, self._importance_at = study.importance(), self._now()

    def _end(self, number: int, fate: Fate) -> None:
        values, answers = self._going.pop(number), tuple(self._answers.pop(number))
        looks = tuple(self._looks.pop(number, ()))
        self._runs.append(SearchRun(number, values, fate, answers, looks))


class _Source(Iterator[Trial]):
    """Runs to begin or to go on with; where there is none now there may be one later."""

    def __init__(self, take: Callable[[], Trial | None]) -> None:
        self._take = take

    def __next__(self) -> Trial:
        trial = self._take()
        if trial is None:
            raise StopIteration
        return trial
