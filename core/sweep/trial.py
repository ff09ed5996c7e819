"""One whole run of given settings, trained slice by slice beside others, and what it leaves."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from core.config import RunConfig
from core.learning import Divergence, Evaluation, Loop, LossHistory, loss_chunks
from core.models import MLP
from core.runs import SEATS, RunRecord, State, WeightsInMemory
from core.text import Corpus

SLICE_SECONDS = 0.1  # of work before another gets its turn
CHUNK_SECONDS = 0.025  # of steps while a seat is held


@dataclass(frozen=True, slots=True, eq=False)
class TrialResult:
    """The answer of one run.

    Attributes:
        config: all its settings.
        loss: over all validation examples at its end, nats per token; nan where it diverged.
        is_diverged: whether it came to a loss that is not finite.
        seconds: of work.
        run: its record, to be looked at; None where there was no room to keep it.
    """

    config: RunConfig
    loss: float
    is_diverged: bool
    seconds: float
    run: RunRecord | None


class Trial:
    """A run that is compared with others; it ends with its validation loss.

    Its weights are bit for bit those of the same settings on Train.

    >>> from core.text import embedded_corpus
    >>> trial = Trial(0, RunConfig.from_settings({"steps": 100}), embedded_corpus())
    >>> while not trial.advance(): pass
    >>> round(trial.result().loss, 1)
    3.9

    Attributes:
        index: its place among the others.
        config: all its settings.
    """

    def __init__(self, index: int, config: RunConfig, corpus: Corpus, name: str = "") -> None:
        """Prepare it; nothing is computed yet."""
        self.index = index
        self.config = config
        self._corpus = corpus
        self._name = name
        self._loop: Loop | None = None
        self._model: MLP | None = None
        self._work: Iterator[None] = iter(())
        self._losses = LossHistory()
        self._loss = math.nan
        self._divergence: Divergence | None = None
        self._seconds = 0.0
        self._started_at = datetime.now(UTC)

    def advance(self, seconds: float = SLICE_SECONDS) -> bool:
        """Work for about so long, each chunk of it in a seat; whether it is done."""
        if self._loop is None:
            self._begin()
        until = time.perf_counter() + seconds
        return all(time.perf_counter() < until for _ in self._work)

    def result(self) -> TrialResult:
        """What came of it, once it is done; weights and curve are handed over with it."""
        assert self._loop is not None
        assert self._model is not None
        run = RunRecord(
            run_id=0,  # none of the session's runs yet
            state=State.STOPPED if self._divergence else State.FINISHED,
            config=self.config,
            corpus=self._corpus,
            engine=self._loop.engine.name,
            weights=WeightsInMemory(self._model.parameters),
            step=self._loop.step,
            curve=self._losses.curve(),
            started_at=self._started_at,
            ended_at=datetime.now(UTC),
            seconds=self._seconds,
            evaluations=() if self._divergence else (Evaluation(self._loop.step, self._loss),),
            divergence=self._divergence,
            name=self._name,
        )
        return TrialResult(self.config, self._loss, self._divergence is not None, run.seconds, run)

    def _begin(self) -> None:
        model, training = self.config.model, self.config.training
        self._started_at = datetime.now(UTC)
        self._model = MLP.of_corpus(model, self._corpus)
        examples = self._corpus.examples(training.train_on, model.block_size)
        self._loop = Loop(self._model, examples, training)
        self._work = SEATS.in_turn(self._timed(self._chunks(self._loop, self._model)))

    def _chunks(self, loop: Loop, model: MLP) -> Iterator[None]:
        for progress in loop.to_the_end(chunk_seconds=CHUNK_SECONDS):
            if progress.divergence is not None:
                self._divergence = progress.divergence
                if self._losses.n_steps + len(progress.losses) > progress.step:
                    self._losses.take_back(progress.divergence.loss)
            self._losses.append(progress.losses)
            yield
        if self._divergence is None:
            validation = self._corpus.examples("val", self.config.model.block_size)
            for seen, total in loss_chunks(model, validation):
                self._loss = total / seen
                yield

    def _timed(self, work: Iterator[None]) -> Iterator[None]:
        while True:
            started = time.perf_counter()
            is_more = next(work, _END) is not _END
            self._seconds += time.perf_counter() - started
            if not is_more:
                return
            yield


_END = object()
