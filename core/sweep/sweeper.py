"""A session's sweeper: a learning-rate sweep in a thread of its own; the page reads snapshots."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from core.config import ModelConfig, TrainingConfig
from core.models import MLP
from core.runs import State
from core.sweep.background import Background, Jobs
from core.sweep.config import SweepConfig
from core.sweep.curve import Curve
from core.sweep.range_test import sweeping
from core.sweep.suggestions import MIN_POINTS, Suggestion, suggestions
from core.text import Corpus


@dataclass(frozen=True, slots=True, eq=False)
class SweepSnapshot:
    """All that can be seen of a sweep at one moment; it never changes.

    Attributes:
        version: rises with every snapshot of a sweeper.
        sweep_id: number of the sweep in its session, from 1.
        state: running, finished, stopped or failed.
        model: sizes and seed of the weights that the sweep started from.
        training: the settings that it took its examples from.
        config: which rates, and how.
        curve: the losses so far.
        suggestions: of a sweep that has ended, the recommended one first.
        seconds: time that it has taken.
        error: for a failed sweep, what went wrong in words.
    """

    version: int
    sweep_id: int
    state: State
    model: ModelConfig
    training: TrainingConfig
    config: SweepConfig
    corpus: Corpus
    curve: Curve
    suggestions: tuple[Suggestion, ...] = ()
    seconds: float = 0.0
    error: str = ""

    @property
    def is_running(self) -> bool:
        """Whether it is trying rates now."""
        return self.state is State.RUNNING

    @property
    def is_validated(self) -> bool:
        """Whether the losses are of examples that were not learned from."""
        return self.config.kind == "independent" and self.training.train_on == "train"

    @property
    def seconds_left(self) -> float:
        """Estimated from the rates that are done; inf before the first one."""
        n_done = self.curve.n_done
        if not n_done:
            return float("inf")
        return self.seconds / n_done * (self.config.n_rates - n_done)


class Sweeper(Jobs["_SweepThread", SweepSnapshot]):
    """Runs one sweep at a time for one session; every method but `join` returns at once.

    Attributes:
        token: unguessable name of this sweeper, for the live stream.
    """

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(now)

    def start(
        self,
        model: ModelConfig,
        training: TrainingConfig,
        corpus: Corpus,
        config: SweepConfig,
    ) -> None:
        """Begin a sweep from new weights; one that is under way ends.

        Args:
            model: sizes and seed of the weights, those that a run would start from.
            training: says which examples to learn from. Independent runs are measured on the
                validation examples where they learn from the training part, and else on what
                they learn from.
            corpus: the words.
            config: which rates, and how.
        """
        self.stop()
        thread = _SweepThread(
            sweep_id=next(self._ids),
            model=model,
            training=training,
            corpus=corpus,
            config=config,
            now=self._now,
            next_version=self._versions.__next__,
        )
        self._begin(thread)


class _SweepThread(Background[SweepSnapshot]):
    """The thread of one sweep; the weights are its own, readers get snapshots."""

    what = "sweep"

    def __init__(
        self,
        *,
        sweep_id: int,
        model: ModelConfig,
        training: TrainingConfig,
        corpus: Corpus,
        config: SweepConfig,
        now: Callable[[], float],
        next_version: Callable[[], int],
    ) -> None:
        super().__init__(sweep_id, now=now, next_version=next_version)
        self._model = model
        self._training = training
        self._dataset = corpus
        self._config = config
        self._curve = Curve(
            config.kind,
            config.exponents,
            np.full(config.n_rates, np.nan, dtype=np.float32),
            np.zeros(config.n_rates, dtype=np.bool_),
        )
        self.publish(State.RUNNING, 0.0, "")

    def work(self) -> bool:
        """Try rates until all are done or the sweep was stopped."""
        part, block_size = self._training.train_on, self._model.block_size
        curves = sweeping(
            MLP.of_corpus(self._model, self._dataset),
            self._dataset.examples(part, block_size),
            self._config,
            self._dataset.examples("val", block_size) if self.snapshot.is_validated else None,
        )
        with closing(curves):  # so that its threads are done when this one goes on
            for curve in curves:
                self._curve = curve
                if self.is_stopped:
                    break
                self.show_progress()
        return self._curve.is_complete

    def publish(self, state: State, seconds: float, error: str) -> None:
        """Replace the snapshot."""
        has_ended = state in {State.FINISHED, State.STOPPED}
        self.snapshot = SweepSnapshot(
            version=self.next_version(),
            sweep_id=self.number,
            state=state,
            model=self._model,
            training=self._training,
            config=self._config,
            corpus=self._dataset,
            curve=self._curve,
            suggestions=_suggestions(self._curve) if has_ended else (),
            seconds=seconds,
            error=error,
        )


def _suggestions(curve: Curve) -> tuple[Suggestion, ...]:
    """Of a sweep that was stopped, the rates up to the first gap may show a valley already."""
    n_done = len(curve.exponents) if curve.is_complete else int(curve.is_done.argmin())
    if MIN_POINTS <= n_done < len(curve.exponents):
        done = slice(0, n_done)
        read = suggestions(
            Curve(curve.kind, curve.exponents[done], curve.losses[done], curve.is_diverged[done])
        )
        if read[0].lr is not None:
            return read
    return suggestions(curve)
