"""What can be seen of a search: its runs, what became of each, and which is the best."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.runs import State
from core.search.config import SearchConfig
from core.sweep import PointResult, TrialResult, Verdict
from core.sweep import verdict as verdict_of
from core.text import Corpus


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
        number: of the search among its visitor's, from 1; it stays when the search goes on.
        state: running, finished, stopped or failed.
        config: what it tries.
        corpus: what its runs learn from; None where that is not kept any more.
        runs: that have ended, in the order in which they did.
        importance: share of each setting in what sets good runs apart, by key; empty too early.
        seconds: time that it has taken, in all.
        error: for a failed search, what went wrong in words.
        missing: why there is no corpus, in words.
        key: no other search has it, in this session or any other.
    """

    version: int
    search_id: int
    number: int
    state: State
    config: SearchConfig
    corpus: Corpus | None
    runs: tuple[SearchRun, ...] = ()
    importance: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    error: str = ""
    missing: str = ""
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

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
