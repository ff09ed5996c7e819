"""One whole run of given settings, trained slice by slice beside others, and what it leaves."""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from core.config import RunConfig
from core.learning import (
    Divergence,
    Evaluation,
    Loop,
    LossHistory,
    Progress,
    TrainState,
    loss_chunks,
    mean_loss,
)
from core.models import MLP
from core.runs import SEATS, RunRecord, State, WeightsInMemory
from core.text import Corpus, embedded_corpus, is_embedded

SLICE_SECONDS = 0.1  # of work before another gets its turn
CHUNK_SECONDS = 0.025  # of steps while a seat is held
LOOKED_AT = 4096  # validation examples that a look on the way takes the loss of
KEPT_BYTES = 8 << 20  # of the weights and curves of one sweep or search
MOST_CORPORA = 4  # of other processes that a worker of a cluster keeps

_CORPORA: dict[tuple[str, int, int], Corpus] = {}


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


class Room:
    """How much of many runs is kept: of the first ones all, of later ones only the losses."""

    def __init__(self) -> None:
        self._n_bytes = 0

    def keep(self, answer: TrialResult) -> TrialResult:
        """The answer with its run as long as there is room for it."""
        if answer.run is not None:
            numbers = answer.run.parameters.n_parameters + 3 * len(answer.run.curve.mean)
            self._n_bytes += 4 * numbers
        return answer if self._n_bytes <= KEPT_BYTES else replace(answer, run=None)


class Trial:
    """A run that is compared with others; it ends with its validation loss.

    Its weights are bit for bit those of the same settings on Train. It can be sent to another
    process between two calls of `advance`, where it goes on from where it was.

    >>> from core.text import embedded_corpus
    >>> trial = Trial(0, RunConfig.from_settings({"steps": 100}), embedded_corpus())
    >>> while not trial.advance(): pass
    >>> round(trial.result().loss, 1)
    3.9

    Attributes:
        index: its place among the others.
        config: all its settings.
        corpus: what it learns from; one that comes back from another process is given it again.
        looks: validation losses on the way, over a fixed sample, one for each share that was
            reached.
        is_finished: whether it has its answer.
    """

    def __init__(
        self,
        index: int,
        config: RunConfig,
        corpus: Corpus,
        name: str = "",
        *,
        shares: Sequence[float] = (),
        seconds: float = math.inf,
    ) -> None:
        """Prepare it; nothing is computed yet.

        Args:
            index: its place among the others.
            config: all its settings.
            corpus: what it learns from.
            name: of its record.
            shares: of its steps, or of its time, after which it pauses to be looked at, rising.
            seconds: of training after which it ends wherever it is.
        """
        self.index = index
        self.config = config
        self.looks: list[float] = []
        self.is_finished = False
        self.corpus = corpus
        self._has_worked = False  # since it came here
        self._name = name
        self._shares = tuple(shares)
        self._most_seconds = seconds
        self._loop: Loop | None = None
        self._saved: TrainState | None = None  # where it goes on after a journey
        self._work: Iterator[bool] = iter(())
        self._losses = LossHistory()
        self._loss = math.nan
        self._divergence: Divergence | None = None
        self._seconds = 0.0
        self._started_at = datetime.now(UTC)

    def advance(self, seconds: float = SLICE_SECONDS) -> bool:
        """Work for about so long, each chunk of it in a seat.

        Returns:
            Whether it is finished, or has come to where it is to be looked at.
        """
        if self._loop is None:
            self._begin()
        self._has_worked = True
        until = time.perf_counter() + seconds
        for is_looked_at in self._work:
            if is_looked_at:
                return True
            if time.perf_counter() >= until:
                return False
        self.is_finished = True
        return True

    def result(self) -> TrialResult:
        """What came of it, once it is finished; weights and curve are handed over with it."""
        if self._loop is None:
            self._begin()
        assert self._loop is not None
        step, is_cut = self._loop.step, self._loop.step < self.config.training.steps
        run = RunRecord(
            run_id=0,  # none of the session's runs yet
            state=State.STOPPED if is_cut else State.FINISHED,
            config=self.config,
            corpus=self.corpus,
            engine=self._loop.engine.name,
            weights=WeightsInMemory(self._loop.state.parameters),
            step=step,
            curve=self._losses.curve(),
            started_at=self._started_at,
            ended_at=datetime.now(UTC),
            seconds=self._seconds,
            evaluations=() if self._divergence else (Evaluation(step, self._loss),),
            divergence=self._divergence,
            name=self._name,
        )
        return TrialResult(self.config, self._loss, self._divergence is not None, run.seconds, run)

    def __getstate__(self) -> dict[str, Any]:
        """What goes on a journey: without names that all have, and home without any data.

        The way out may have stops, such as a scheduler; on the way home some work was done.
        """
        state = self.__dict__ | {"_loop": None, "_work": None, "_has_worked": False}
        state["_saved"] = self._loop.state if self._loop else self._saved
        if self._has_worked or is_embedded(self.corpus):
            state["corpus"] = None
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self.corpus is None:
            self.corpus = embedded_corpus()  # whoever sent it out has it to put in its place
        else:
            self.corpus = shared(self.corpus)

    def _begin(self) -> None:
        model, training = self.config.model, self.config.training
        network = MLP.of_corpus(model, self.corpus)
        examples = self.corpus.examples(training.train_on, model.block_size)
        self._loop = Loop(network, examples, training)
        if self._saved is not None:
            self._loop.state.restore(self._saved)
        self._work = SEATS.in_turn(self._chunks(self._loop, network))

    def _chunks(self, loop: Loop, model: MLP) -> Iterator[bool]:
        """Work, and after each chunk say whether it is to be looked at now."""
        validation = self.corpus.examples("val", self.config.model.block_size)
        steps = self.config.training.steps
        while loop.step < steps and self._seconds < self._most_seconds:
            share = self._shares[len(self.looks)] if len(self.looks) < len(self._shares) else 1.0
            next_stop = steps if self._is_timed else max(loop.step + 1, round(share * steps))
            started = time.perf_counter()
            progress = loop.advance(next_stop - loop.step, chunk_seconds=CHUNK_SECONDS)
            self._seconds += time.perf_counter() - started
            self._take_in(progress)
            if self._divergence is not None:
                return
            done = self._seconds / self._most_seconds if self._is_timed else loop.step / steps
            is_looked_at = share <= done < 1 and loop.step < steps
            if is_looked_at:
                self.looks.append(mean_loss(model, validation.sampled(LOOKED_AT, 0)))
            yield is_looked_at
        for seen, total in loss_chunks(model, validation):
            self._loss = total / seen
            yield False

    @property
    def _is_timed(self) -> bool:
        return math.isfinite(self._most_seconds)

    def _take_in(self, progress: Progress) -> None:
        if progress.divergence is not None:
            self._divergence = progress.divergence
            if self._losses.n_steps + len(progress.losses) > progress.step:
                self._losses.take_back(progress.divergence.loss)
        self._losses.append(progress.losses)


def shared(corpus: Corpus) -> Corpus:
    """The corpus of the same content that this process has, so that its examples are made once."""
    key = (
        corpus.name,
        len(corpus.vocabulary),
        zlib.crc32(corpus.ids.tobytes() + corpus.weights.tobytes()),
    )
    known = _CORPORA.setdefault(key, corpus)
    for old in list(_CORPORA)[:-MOST_CORPORA]:
        _CORPORA.pop(old, None)
    return known
