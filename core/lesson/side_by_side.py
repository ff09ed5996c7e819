"""The same run at several learning rates at once, each of which it keeps, side by side."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.config import RATES, LrSchedule, RunConfig
from core.jobs import Background, Jobs, JobSnapshot
from core.learning import Loop, LossCurve, LossHistory, live_samples
from core.models import MLP
from core.runs import SEATS, Pace, Speed, State
from core.text import Corpus

CHUNK_SECONDS = 0.02  # of steps while a seat is held
SAMPLES_SECONDS = 0.25  # faster than that nobody reads them
TOO_LOW, TOO_HIGH = 1 / 100, 100  # times the rate of the settings


def three_rates(lr: float) -> tuple[float, float, float]:
    """Far below this rate, the rate itself, and far above it, as far as the setting goes.

    >>> three_rates(0.1), three_rates(0.001)
    ((0.001, 0.1, 10.0), (0.0001, 0.001, 0.1))
    """
    low, high = max(RATES.low, TOO_LOW * lr), min(RATES.high, TOO_HIGH * lr)
    return float(f"{low:.3g}"), lr, float(f"{high:.3g}")


@dataclass(frozen=True, slots=True, eq=False)
class RateLine:
    """One of the runs at one moment; it never changes.

    Attributes:
        lr: its rate.
        step: updates taken.
        curve: losses of its batches.
        samples: texts that it writes now.
        diverged_at: step whose loss is not finite, if it came to one; it ended there.
    """

    lr: float
    step: int
    curve: LossCurve
    samples: tuple[str, ...] = ()
    diverged_at: int | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SideBySideSnapshot(JobSnapshot):
    """All that can be seen of the runs at one moment; it never changes.

    Attributes:
        run: their settings, but for the rates.
        corpus: what they learn from.
        lines: of each rate, in the order that was asked for.
    """

    run: RunConfig
    corpus: Corpus
    lines: tuple[RateLine, ...]

    @property
    def n_done(self) -> int:
        """Steps that are taken, by all together; a run that diverged has no more to take."""
        steps = self.run.training.steps
        return sum(line.step if line.diverged_at is None else steps for line in self.lines)

    @property
    def n_runs(self) -> int:
        """Steps in all."""
        return len(self.lines) * self.run.training.steps


class SideBySide(Jobs["_Comparison", SideBySideSnapshot]):
    """Trains one run at several rates for one session; every method but `join` returns at once."""

    def start(
        self, run: RunConfig, rates: Sequence[float], corpus: Corpus, pace: Speed = "watch"
    ) -> None:
        """Begin from the run's first weights, on its batches; what is under way ends.

        Args:
            run: all settings; in place of their rate and its decay each run keeps one of the rates.
            rates: one for each run.
            corpus: to learn from.
            pace: as a `Trainer` has it.

        Raises:
            ConfigError: if a rate is out of its range.
        """
        for lr in rates:
            _at_rate(run, lr)
        empty = LossHistory().curve()
        lines = tuple(RateLine(lr, 0, empty) for lr in rates)
        begun = SideBySideSnapshot(run=run, corpus=corpus, lines=lines)
        self._begin(_Comparison, begun, pace=pace)


class _Comparison(Background[SideBySideSnapshot]):
    """The thread of the runs, which take turns, so that all are at about the same step."""

    what = "comparison"

    def __init__(self, begun: SideBySideSnapshot, *, pace: Speed, **clock: Any) -> None:
        super().__init__(begun, **clock)
        self._pace = Pace(pace, begun.run.training.steps)
        self._runs: list[_Run] = []
        self.show(State.RUNNING)

    def work(self) -> bool:
        """Train until all have taken their steps or diverged, or until it is stopped."""
        begun = self.snapshot
        steps = begun.run.training.steps
        self._runs = [_Run(begun.run, line.lr, begun.corpus) for line in begun.lines]
        while under_way := [run for run in self._runs if not run.is_over]:
            step = min(run.step for run in under_way)
            n_steps, seconds = self._pace.allowance(self._now(), step)
            if not n_steps:
                time.sleep(seconds)  # a tenth of a second at most
            target = int(min(step + n_steps, steps))
            for run in under_way:
                if self.is_stopped:
                    return False
                if run.step < target:
                    with SEATS:
                        run.advance(target)
                self.show_progress()
        return True

    def found(self, state: State) -> dict[str, Any]:
        """Each run as it is now."""
        for run in self._runs:
            run.write(is_due=state is not State.RUNNING)
        return {"lines": tuple(run.line() for run in self._runs) or self.snapshot.lines}


class _Run:
    """One of the runs; its model is its own."""

    def __init__(self, run: RunConfig, lr: float, corpus: Corpus) -> None:
        training = _at_rate(run, lr).training
        self._lr, self._corpus = lr, corpus
        self._model = MLP.of_corpus(run.model, corpus)
        examples = corpus.examples(training.train_on, run.model.block_size)
        self._loop = Loop(self._model, examples, training)
        self._losses = LossHistory()
        self._samples: tuple[str, ...] = ()
        self._sampled_at = float("-inf")
        self._diverged_at: int | None = None

    @property
    def step(self) -> int:
        return self._loop.step

    @property
    def is_over(self) -> bool:
        return self._diverged_at is not None or self._loop.is_finished

    def advance(self, target: int) -> None:
        """A chunk of steps, up to this one."""
        progress = self._loop.advance(target - self.step, chunk_seconds=CHUNK_SECONDS)
        self._losses.append(progress.losses)
        if progress.divergence is not None:
            self._diverged_at = progress.divergence.step

    def write(self, *, is_due: bool) -> None:
        """Texts, unless it wrote some a moment ago."""
        now = time.monotonic()
        if is_due or now - self._sampled_at >= SAMPLES_SECONDS:
            self._samples = tuple(live_samples(self._model, self._corpus))
            self._sampled_at = now

    def line(self) -> RateLine:
        return RateLine(self._lr, self.step, self._losses.curve(), self._samples, self._diverged_at)


def _at_rate(run: RunConfig, lr: float) -> RunConfig:
    """The same run, that keeps this rate to its end."""
    kept = LrSchedule(base_lr=lr, decay_steps=())
    return replace(run, training=replace(run.training, lr_schedule=kept))
