"""A session's sweeper: a learning-rate sweep in a thread of its own; the page reads snapshots."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.config import ModelConfig, TrainingConfig
from core.jobs import Background, Jobs, JobSnapshot
from core.models import MLP
from core.runs import State
from core.sweep.config import SweepConfig
from core.sweep.curve import Curve
from core.sweep.range_test import sweeping
from core.sweep.suggestions import MIN_POINTS, Suggestion, suggestions, wider
from core.text import Corpus


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SweepSnapshot(JobSnapshot):
    """All that can be seen of a sweep at one moment; it never changes.

    Attributes:
        model: sizes and seed of the weights that the sweep started from.
        training: the settings that it took its examples from.
        config: which rates, and how.
        curve: the losses so far.
        suggestions: of a sweep that has ended, the recommended one first.
        is_widened: whether it goes on from one that had no valley in its range.
    """

    model: ModelConfig
    training: TrainingConfig
    config: SweepConfig
    corpus: Corpus
    curve: Curve
    suggestions: tuple[Suggestion, ...] = ()
    is_widened: bool = False

    @property
    def is_validated(self) -> bool:
        """Whether the losses are of examples that were not learned from."""
        return self.config.kind == "independent" and self.training.train_on == "train"

    @property
    def wider(self) -> SweepConfig | None:
        """A sweep that goes on to where this one's valley must lie; None where it has one."""
        bounds = wider(self.curve)
        return None if bounds is None else self.config.between(*bounds)

    @property
    def n_done(self) -> int:
        """Rates that have their answer."""
        return self.curve.n_done

    @property
    def n_runs(self) -> int:
        """Rates in all."""
        return self.config.n_rates


class Sweeper(Jobs["_SweepThread", SweepSnapshot]):
    """Runs one sweep at a time for one session; every method but `join` returns at once.

    Attributes:
        token: unguessable name of this sweeper, for the live stream.
    """

    def start(
        self,
        model: ModelConfig,
        training: TrainingConfig,
        corpus: Corpus,
        config: SweepConfig,
        *,
        is_widened: bool = False,
    ) -> None:
        """Begin a sweep from new weights; one that is under way ends.

        Args:
            model: sizes and seed of the weights, those that a run would start from.
            training: says which examples to learn from. Independent runs are measured on the
                validation examples where they learn from the training part, and else on what
                they learn from.
            corpus: the words.
            config: which rates, and how.
            is_widened: whether it goes on from one that had no valley in its range.
        """
        curve = Curve(
            config.kind,
            config.exponents,
            np.full(config.n_rates, np.nan, dtype=np.float32),
            np.zeros(config.n_rates, dtype=np.bool_),
        )
        begun = SweepSnapshot(
            model=model,
            training=training,
            config=config,
            corpus=corpus,
            curve=curve,
            is_widened=is_widened,
        )
        self._begin(_SweepThread, begun)


class _SweepThread(Background[SweepSnapshot]):
    """The thread of one sweep; the weights are its own, readers get snapshots."""

    what = "sweep"

    def __init__(self, begun: SweepSnapshot, **clock: Any) -> None:
        super().__init__(begun, **clock)
        self._curve = begun.curve
        self.show(State.RUNNING)

    def work(self) -> bool:
        """Try rates until all are done or the sweep was stopped."""
        begun = self.snapshot
        part, block_size = begun.training.train_on, begun.model.block_size
        curves = sweeping(
            MLP.of_corpus(begun.model, begun.corpus),
            begun.corpus.examples(part, block_size),
            begun.config,
            begun.corpus.examples("val", block_size) if begun.is_validated else None,
        )
        with closing(curves):  # so that its threads are done when this one goes on
            for curve in curves:
                self._curve = curve
                if self.is_stopped:
                    break
                self.show_progress()
        return self._curve.is_complete

    def found(self, state: State) -> dict[str, Any]:
        """The curve so far, and what to take from one that has ended."""
        has_ended = state in {State.FINISHED, State.STOPPED}
        return {
            "curve": self._curve,
            "suggestions": _suggestions(self._curve) if has_ended else (),
        }


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
