"""A session's sweeps of any one or two settings: one under way at a time, the others kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from core.jobs import Background, Jobs, JobSnapshot, Room, Trial, in_parallel
from core.runs import State
from core.sweep.grid import GridConfig, PointResult, loss_table
from core.sweep.luck import Comparison, told_apart
from core.text import Corpus

MOST_SWEEPS = 6  # that are kept; then the oldest goes


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class GridSnapshot(JobSnapshot):
    """All that can be seen of a sweep at one moment; it never changes.

    Attributes:
        config: what it tries.
        corpus: what its runs learn from.
        results: one for each point, in the order of the config's.
    """

    config: GridConfig
    corpus: Corpus
    results: tuple[PointResult, ...]

    @property
    def title(self) -> str:
        """Its number and what it sweeps."""
        return f"{self.job_id}. {self.config.title}"

    @property
    def n_done(self) -> int:
        """Runs that have their answer."""
        return sum(result.n_done for result in self.results)

    @property
    def n_runs(self) -> int:
        """Runs in all."""
        return self.config.n_runs

    @property
    def comparison(self) -> Comparison:
        """Which point is the lowest so far, and which others are told apart from it."""
        return told_apart(loss_table([result.answers for result in self.results]))


class GridSweeper(Jobs["_GridThread", GridSnapshot]):
    """Sweeps settings for one session; every method but `join` returns at once.

    Attributes:
        token: unguessable name of this sweeper, for the live stream.
    """

    def __init__(self) -> None:
        super().__init__()
        self._past: tuple[GridSnapshot, ...] = ()

    def start(self, config: GridConfig, corpus: Corpus) -> None:
        """Begin a sweep; one that is under way ends, and what it has done is kept."""
        self.stop()
        self._past = self.sweeps()[1 - MOST_SWEEPS :]
        results = tuple(PointResult(point, (None,) * config.n_seeds) for point in config.points)
        self._begin(_GridThread, GridSnapshot(config=config, corpus=corpus, results=results))

    def forget_everything(self) -> None:
        """End the sweep, and drop it and all past ones."""
        super().forget_everything()
        self._past = ()

    def let_go(self, job_id: int) -> None:
        """Drop a past sweep from memory; one that goes on, or is the newest, stays."""
        self._past = tuple(sweep for sweep in self._past if sweep.job_id != job_id)
        self._threads = [
            thread
            for thread in self._threads
            if thread.number != job_id or thread is self._threads[-1] or thread.is_alive()
        ]

    def sweeps(self) -> tuple[GridSnapshot, ...]:
        """All that are kept, oldest first."""
        by_id = {sweep.job_id: sweep for sweep in self._past}
        # What ended after the next one had begun has a newer snapshot than was kept of it.
        for thread in self._threads:
            if thread.number in by_id or thread is self._threads[-1]:
                by_id[thread.number] = thread.snapshot
        return tuple(by_id[number] for number in sorted(by_id))


class _GridThread(Background[GridSnapshot]):
    """The thread of one sweep."""

    what = "sweep"

    def __init__(self, begun: GridSnapshot, **clock: Any) -> None:
        super().__init__(begun, **clock)
        self._config = begun.config
        self._corpus = begun.corpus
        self._room = Room()
        self._results = list(begun.results)
        self._places = [  # seed by seed, so that a first picture of all points is there early
            (place, seed)
            for seed in range(self._config.n_seeds)
            for place, result in enumerate(begun.results)
            if result.point.config is not None
        ]
        self.show(State.RUNNING)

    def work(self) -> bool:
        """Train every point with every seed."""
        n_left = len(self._places)
        with closing(in_parallel(self._trials())) as trials:  # its threads are done after it
            for trial, is_done in trials:
                trial.corpus = self._corpus
                if is_done and not self.is_stopped:
                    self._take(trial)
                    n_left -= 1
                if self.is_stopped:
                    break
                self.show_progress()
        return not n_left

    def found(self, _state: State) -> dict[str, Any]:
        """The results so far."""
        return {"results": tuple(self._results)}

    def _trials(self) -> Iterator[Trial]:
        return (self._trial(*place) for place in enumerate(self._places))

    def _trial(self, index: int, at: tuple[int, int]) -> Trial:
        place, seed = at
        point = self._results[place].point
        assert point.config is not None
        words = (
            f"{axis.setting.label} {axis.label(value)}"
            for axis, value in zip(self._config.axes, point.values, strict=True)
        )
        name = f"{', '.join(words)}, seed {seed + 1}"
        return Trial(index, point.config.with_seed(seed), self._corpus, name)

    def _take(self, trial: Trial) -> None:
        place, seed = self._places[trial.index]
        answers = list(self._results[place].answers)
        answers[seed] = self._room.keep(trial.result())
        self._results[place] = PointResult(self._results[place].point, tuple(answers))
