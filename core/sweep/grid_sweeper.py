"""A session's sweeps of any one or two settings: one under way at a time, the others kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

from core.runs import State
from core.sweep.background import Background, Jobs
from core.sweep.grid import GridConfig, PointResult, Verdict, verdict
from core.sweep.parallel import in_parallel
from core.sweep.trial import Room, Trial
from core.text import Corpus

MOST_SWEEPS = 6  # that are kept; then the oldest goes


@dataclass(frozen=True, slots=True, eq=False)
class GridSnapshot:
    """All that can be seen of a sweep at one moment; it never changes.

    Attributes:
        version: rises with every snapshot of a sweeper.
        sweep_id: number of the sweep in its session, from 1.
        state: running, finished, stopped or failed.
        config: what it tries.
        corpus: what its runs learn from.
        results: one for each point, in the order of the config's.
        seconds: time that it has taken.
        error: for a failed sweep, what went wrong in words.
    """

    version: int
    sweep_id: int
    state: State
    config: GridConfig
    corpus: Corpus
    results: tuple[PointResult, ...]
    seconds: float = 0.0
    error: str = ""

    @property
    def title(self) -> str:
        """Its number and what it sweeps."""
        return f"{self.sweep_id}. {self.config.title}"

    @property
    def is_running(self) -> bool:
        """Whether it is training now."""
        return self.state is State.RUNNING

    @property
    def n_done(self) -> int:
        """Runs that have their answer."""
        return sum(result.n_done for result in self.results)

    @property
    def n_runs(self) -> int:
        """Runs in all."""
        return self.config.n_runs

    @property
    def seconds_left(self) -> float:
        """Estimated from the runs that are done; inf before the first one."""
        n_done = self.n_done
        return self.seconds / n_done * (self.n_runs - n_done) if n_done else float("inf")

    @property
    def verdict(self) -> Verdict | None:
        """Which point is the lowest so far, and what the seeds do not tell apart from it."""
        return verdict(self.results)


class GridSweeper(Jobs["_GridThread", GridSnapshot]):
    """Sweeps settings for one session; every method but `join` returns at once.

    Attributes:
        token: unguessable name of this sweeper, for the live stream.
    """

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(now)
        self._past: tuple[GridSnapshot, ...] = ()

    def start(self, config: GridConfig, corpus: Corpus) -> None:
        """Begin a sweep; one that is under way ends, and what it has done is kept."""
        self.stop()
        self._past = self.sweeps()[1 - MOST_SWEEPS :]
        thread = _GridThread(
            next(self._ids),
            config,
            corpus,
            now=self._now,
            next_version=self._versions.__next__,
        )
        self._begin(thread)

    def forget_everything(self) -> None:
        """End the sweep, and drop it and all past ones."""
        super().forget_everything()
        self._past = ()

    def let_go(self, sweep_id: int) -> None:
        """Drop a past sweep from memory; one that goes on, or is the newest, stays."""
        self._past = tuple(sweep for sweep in self._past if sweep.sweep_id != sweep_id)
        self._threads = [
            thread
            for thread in self._threads
            if thread.number != sweep_id or thread is self._threads[-1] or thread.is_alive()
        ]

    def sweeps(self) -> tuple[GridSnapshot, ...]:
        """All that are kept, oldest first."""
        by_id = {sweep.sweep_id: sweep for sweep in self._past}
        # What ended after the next one had begun has a newer snapshot than was kept of it.
        for thread in self._threads:
            if thread.number in by_id or thread is self._threads[-1]:
                by_id[thread.number] = thread.snapshot
        return tuple(by_id[number] for number in sorted(by_id))


class _GridThread(Background[GridSnapshot]):
    """The thread of one sweep."""

    what = "sweep"

    def __init__(
        self,
        number: int,
        config: GridConfig,
        corpus: Corpus,
        *,
        now: Callable[[], float],
        next_version: Callable[[], int],
    ) -> None:
        super().__init__(number, now=now, next_version=next_version)
        self._config = config
        self._corpus = corpus
        self._room = Room()
        points = config.points
        self._results = [PointResult(point, (None,) * config.n_seeds) for point in points]
        self._places = [  # seed by seed, so that a first picture of all points is there early
            (place, seed)
            for seed in range(config.n_seeds)
            for place, point in enumerate(points)
            if point.config is not None
        ]
        self.publish(State.RUNNING, 0.0, "")

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

    def publish(self, state: State, seconds: float, error: str) -> None:
        """Replace the snapshot."""
        self.snapshot = GridSnapshot(
            version=self.next_version(),
            sweep_id=self.number,
            state=state,
            config=self._config,
            corpus=self._corpus,
            results=tuple(self._results),
            seconds=seconds,
            error=error,
        )

    def _trials(self) -> Iterator[Trial]:
        return (self._trial(*place) for place in enumerate(self._places))

    def _trial(self, index: int, at: tuple[int, int]) -> Trial:
        place, seed = at
        point = self._results[place].point
        assert point.config is not None
        words = (
            f"{axis.setting.label} {axis.words(value)}"
            for axis, value in zip(self._config.axes, point.values, strict=True)
        )
        name = f"{', '.join(words)}, seed {seed + 1}"
        return Trial(index, self._config.with_seed(point.config, seed), self._corpus, name)

    def _take(self, trial: Trial) -> None:
        place, seed = self._places[trial.index]
        answers = list(self._results[place].answers)
        answers[seed] = self._room.keep(trial.result())
        self._results[place] = PointResult(self._results[place].point, tuple(answers))
