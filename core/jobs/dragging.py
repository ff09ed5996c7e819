"""A short run for each position of a slider that moves; only the newest position counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.config import RunConfig
from core.learning import Loop, LossCurve, LossHistory, scheduled
from core.models import MLP
from core.runs import ENDING, SEATS, error_message
from core.text import Corpus

DRAG_STEPS = 3000  # of the run of each position: on one core they take about 50 ms
LARGEST_VOCABULARY = 1000  # with more tokens such a run takes seconds
BINS = 256  # of its curve
CHUNK_SECONDS = 0.02  # of steps between two looks for a newer position
GROWING_SECONDS = 0.1  # between two pictures of a run that takes longer


@dataclass(frozen=True, slots=True, eq=False)
class DragCurve:
    """The losses of one position's run, so far or to its end.

    Attributes:
        number: of the position, as its sender counts.
        curve: its losses.
        is_finished: whether this is all of it.
        has_diverged: whether it ended at a loss that is not finite.
        error: what went wrong, in words.
    """

    number: int
    curve: LossCurve
    is_finished: bool
    has_diverged: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Position:
    number: int
    config: RunConfig
    corpus: Corpus
    on_curve: Callable[[DragCurve], None]


class Dragging:
    """Trains the first steps of a run for each position; one at a time, and nothing is queued."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._newest: _Position | None = None  # that no run has begun with
        self._thread: threading.Thread | None = None
        self._is_ending = False
        ENDING.include(self)

    def move(
        self, number: int, config: RunConfig, corpus: Corpus, on_curve: Callable[[DragCurve], None]
    ) -> None:
        """Train this position from now on; the run of an older one ends within about 20 ms.

        Args:
            number: of the position, as its sender counts.
            config: all settings of it; its first 3,000 steps are taken, by the quick engine.
            corpus: to learn from.
            on_curve: called by the training thread, with the curve when it is finished, and about
                every 100 ms before that.
        """
        with self._condition:
            self._newest = _Position(number, config, corpus, on_curve)
            self._is_ending = False
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="drag", daemon=True)
                self._thread.start()
            self._condition.notify_all()

    def stop(self) -> None:
        """End the run under way, and the thread; a later move begins anew."""
        with self._condition:
            self._newest, self._is_ending = None, True
            self._condition.notify_all()

    def join(self, timeout: float) -> bool:
        """Wait until the thread has ended; whether that came in time."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._condition:
                while self._newest is None and not self._is_ending:
                    self._condition.wait()
                position, self._newest = self._newest, None
                if position is None:
                    self._thread = None  # under the lock, so that a move knows
                    return
            try:
                self._train(position)
            except Exception as error:
                said = error_message(error, "drag", position.number)
                self._hand_over(position, LossHistory(BINS), is_finished=True, error=said)

    def _train(self, position: _Position) -> None:
        loop, losses = loop_of(position.config, position.corpus), LossHistory(BINS)
        shown_at = time.monotonic()
        for progress in SEATS.in_turn(loop.to_the_end(chunk_seconds=CHUNK_SECONDS)):
            if self._newest is not None or self._is_ending:
                return
            losses.append(progress.losses)
            if progress.divergence is not None:
                self._hand_over(position, losses, is_finished=True, has_diverged=True)
                return
            if time.monotonic() - shown_at >= GROWING_SECONDS and not loop.is_finished:
                shown_at = time.monotonic()
                self._hand_over(position, losses, is_finished=False)
        self._hand_over(position, losses, is_finished=True)

    def _hand_over(
        self,
        position: _Position,
        losses: LossHistory,
        *,
        is_finished: bool,
        has_diverged: bool = False,
        error: str = "",
    ) -> None:
        position.on_curve(
            DragCurve(position.number, losses.curve(), is_finished, has_diverged, error)
        )


def loop_of(config: RunConfig, corpus: Corpus) -> Loop:
    """The first 3,000 steps of a run, at its own rates; the quick engine takes them if it can.

    >>> from core.text import embedded_corpus
    >>> loop = loop_of(RunConfig.from_settings({"train_on": "first_five"}), embedded_corpus())
    >>> [round(float(loss), 2) for loss in loop.advance(max_steps=1).losses]
    [17.77]
    """
    training = config.training
    few = replace(training, steps=min(training.steps, DRAG_STEPS), engine="fused")
    return Loop(
        MLP.of_corpus(config.model, corpus),
        corpus.examples(training.train_on, config.model.block_size),
        few,
        schedule=scheduled(training.lr_schedule, training.steps),
    )


def can_be_dragged(corpus: Corpus) -> bool:
    """Whether its runs are quick enough to follow a slider."""
    return len(corpus.vocabulary) <= LARGEST_VOCABULARY
