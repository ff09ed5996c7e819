"""What can be seen of a search: its runs, what became of each, and which is the best."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from core.jobs import JobSnapshot, TrialResult
from core.search.config import SearchConfig
from core.sweep import Comparison, Edge, edge_of, loss_table, told_apart
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


class Share(NamedTuple):
    """A setting's share in what sets the better runs apart, and the range that luck gives it."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SearchSnapshot(JobSnapshot):
    """All that can be seen of a search at one moment; it never changes.

    Its `job_id` is another each time that it begins or goes on, and its seconds are of all times.

    Attributes:
        number: of the search among its visitor's, from 1; it stays when the search goes on.
        config: what it tries.
        corpus: what its runs learn from; None where that is not kept any more.
        runs: that have ended, in the order in which they did.
        importance: of each setting for how good a run is, by key; empty too early.
        missing: why there is no corpus, in words.
        key: no other search has it, in this session or any other.
        before: the search before it on the same data, in this session; None where there is none.
    """

    number: int
    config: SearchConfig
    corpus: Corpus | None
    runs: tuple[SearchRun, ...] = ()
    importance: Mapping[str, Share] = field(default_factory=dict)
    missing: str = ""
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    before: SearchSnapshot | None = None

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
    def finished(self) -> tuple[SearchRun, ...]:
        """The runs with a loss, the lowest first."""
        done = (run for run in self.runs if run.fate is Fate.FINISHED)
        return tuple(sorted(done, key=lambda run: run.loss))

    @property
    def lowest_so_far(self) -> list[tuple[int, float]]:
        """At each finished run, counted from 1 among all tried ones, the lowest loss by then."""
        found: list[tuple[int, float]] = []
        order = (run for run in self.runs if run.fate is not Fate.IMPOSSIBLE)
        for at, run in enumerate(order, 1):
            if run.fate is Fate.FINISHED:
                found.append((at, min(run.loss, found[-1][1] if found else math.inf)))
        return found

    @property
    def best(self) -> SearchRun | None:
        """The run with the lowest loss so far."""
        return next(iter(self.finished), None)

    @property
    def comparison(self) -> Comparison:
        """Of the finished runs, lowest first: which are told apart from the best."""
        return told_apart(loss_table([run.answers for run in self.finished]))

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Ends of the searched ranges at which the best run lies."""
        if self.best is None:
            return ()
        found = (
            edge_of(each.setting, each.low, each.high, self.best.values[each.key])
            for each in self.config.ranges
            if not each.options
        )
        return tuple(edge for edge in found if edge is not None)
