"""What is known of a run, past or present: what it leaves behind, and what is seen of it now."""

from __future__ import annotations

import platform
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from core import __version__
from core.config import EngineName, RunConfig
from core.learning import (
    MANY,
    Divergence,
    Evaluation,
    FinalLosses,
    LossCurve,
    MixedLoss,
    document_losses,
    nll_chunks,
)
from core.models import MLP, Parameters
from core.models.embeddings import MAP_TOKENS, Projection, project
from core.runs.moments import Moment, thinned
from core.text import Corpus, Part


class State(StrEnum):
    """Where a run is; each has its own look in the pages."""

    IDLE = "idle"  # there is no run yet, only the untrained model
    QUEUED = "queued"  # waits until fewer visitors train
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    DIVERGED = "diverged"  # waits for a lower rate, with the last good weights
    FAILED = "failed"
    STOPPED = "stopped"


MOST_TAKEN_AGAIN = 20  # runs of one corpus, whose losses of documents are then in memory
ENDED = frozenset({State.FINISHED, State.FAILED, State.STOPPED})
BUSY = frozenset({State.RUNNING, State.QUEUED})


class Weights(Protocol):
    """A handle on a run's parameters, wherever they are kept."""

    def load(self) -> Parameters:
        """The parameters; not to be changed."""


@dataclass(frozen=True, slots=True, eq=False)
class WeightsInMemory:
    """Parameters that are held as they are."""

    parameters: Parameters

    def load(self) -> Parameters:
        """The parameters; not to be changed."""
        return self.parameters


def versions() -> dict[str, str]:
    """Versions of what makes a run's numbers."""
    return {
        "namesmith": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


# What a visitor adds to a run, whatever else becomes of it.
LOOKS = ("test_loss", "new_test_loss", "mixed_test_loss", "n_test_looks")
NOTES = ("name", *LOOKS)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RunFigures:
    """The figures of a run that its record, its row in the store, files and tables all have.

    A field that is added here is in all of them; in the store it needs a migration.

    Attributes:
        key: no other run has it, in this session or any other.
        name: that the visitor gave it; empty where none was given.
        engine: which takes its steps; not the config's where that one cannot.
        step: updates taken.
        seconds: time spent running.
        test_loss: over the test documents, once it was asked for.
        new_test_loss: over those of them that are unlike all that it learned from; None where all
            are, or none is.
        mixed_test_loss: the same of network and counts together.
        n_test_looks: how often that was.
    """

    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    name: str = ""
    state: State
    engine: EngineName
    step: int
    seconds: float = 0.0
    test_loss: float | None = None
    new_test_loss: float | None = None
    mixed_test_loss: float | None = None
    n_test_looks: int = 0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RunRecord(RunFigures):
    """All that is known of a run; it never changes.

    Attributes:
        run_id: number of the run among its visitor's, from 1.
        config: all settings, the seeds among them.
        corpus: what it learns from.
        weights: handle on its parameters.
        curve: losses of the batches, in bins.
        rate_changes: (step, rate) of each change by hand.
        moments: its weights at earlier steps, from the first one on.
        mixed: what network and counts reach together on the validation part, where the settings
            ask for it.
        started_at, ended_at: in UTC; the second when it has ended.
        error: for a failed run, what went wrong in words.
        versions: of what made it.
    """

    run_id: int
    config: RunConfig
    corpus: Corpus
    weights: Weights
    curve: LossCurve
    started_at: datetime
    ended_at: datetime | None = None
    evaluations: tuple[Evaluation, ...] = ()
    rate_changes: tuple[tuple[int, float], ...] = ()
    moments: tuple[Moment, ...] = ()
    final: FinalLosses | None = None
    mixed: MixedLoss | None = None
    divergence: Divergence | None = None
    error: str = ""
    versions: Mapping[str, str] = field(default_factory=versions)

    @property
    def number(self) -> int:
        """The number of the run among its visitor's, as a row of the store has it."""
        return self.run_id

    @property
    def title(self) -> str:
        """The name that the visitor gave the run, or its number."""
        return self.name or f"Run {self.run_id}"

    @property
    def data(self) -> str:
        """Name of what it learns from."""
        return self.corpus.name

    @property
    def unit(self) -> str:
        """What it learns to write one after the other: characters or words."""
        return self.corpus.unit

    @property
    def steps(self) -> int:
        """Updates planned."""
        return self.config.training.steps

    @property
    def n_parameters(self) -> int:
        """Numbers that it learns."""
        return self.parameters.n_parameters

    @property
    def is_running(self) -> bool:
        """Whether it is taking steps now."""
        return self.state is State.RUNNING

    @property
    def has_ended(self) -> bool:
        """Whether no command can move it any more."""
        return self.state in ENDED

    @property
    def parameters(self) -> Parameters:
        """Its parameters at `step`; not to be changed."""
        return self.weights.load()

    @property
    def map_before(self) -> NDArray[np.float32] | None:
        """Where its tokens lay at the last moment that was kept, float32 (n, 2); None before one.

        The map of now is turned onto that, so that a run always lies the same way round.
        """
        return next((m.points for m in reversed(self.moments) if m.step <= self.step), None)

    @property
    def projection(self) -> Projection:
        """What puts its first tokens in the plane, as they lie on each of its maps."""
        C: NDArray[np.float32] = self.parameters["C"].numpy()
        return project(C[:MAP_TOKENS], before=self.map_before)

    @property
    def model(self) -> MLP:
        """The network with the weights of `step`."""
        return MLP(self.config.model, len(self.corpus.vocabulary), self.parameters)

    def with_moments_within(self, n_bytes: int) -> RunRecord:
        """The same with as many of its moments as fit, evenly."""
        return replace(self, moments=thinned(self.moments, n_bytes))

    @property
    def training_loss(self) -> float | None:
        """At the end, over all that it learns from; before that, of the last batches."""
        return self.final.train if self.final else self.curve.recent

    @property
    def validation_loss(self) -> float | None:
        """At the end or at the last evaluation; None before the first."""
        if self.final is not None:
            return self.final.val
        return self.evaluations[-1].val_loss if self.evaluations else None

    @property
    def document_losses(self) -> NDArray[np.floating] | None:
        """At its end, the loss of each validation document, summed over its tokens, in nats.

        Runs of earlier versions and of very many names haven't kept them: they are taken again,
        but not of a long text.
        """
        if self.final is None:
            return None
        found, n_documents = self.final.documents, len(self.corpus.numbers("val"))
        if found is not None and len(found) == n_documents:
            return found
        if self.unit == "word" and self.corpus.n_examples("val") > MANY:
            return None
        return self.corpus.memo.get(
            RunRecord.document_losses,
            self.key,
            partial(self.losses_of, "val"),
            most=MOST_TAKEN_AGAIN,
        )

    def losses_of(self, part: Part) -> NDArray[np.floating]:
        """The loss of each document of a part, summed over its tokens, in nats; computed now."""
        singles = nll_chunks(self.model, self.corpus.examples(part, self.config.model.block_size))
        return document_losses(self.corpus, part, list(singles))

    @property
    def new_validation_loss(self) -> float | None:
        """At the end, over the validation documents unlike all that it learned from."""
        return self.final.new if self.final else None

    @property
    def all_loss(self) -> float | None:
        """At the end, over all examples; None before, and where they are very many."""
        return self.final.all if self.final else None

    @property
    def mixed_loss(self) -> float | None:
        """Of network and counts together, on the validation part."""
        return self.mixed.loss if self.mixed else None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Snapshot(RunRecord):
    """A run's record at one moment, with what is only of that moment; it never changes.

    Attributes:
        version: rises by one with every snapshot of a trainer.
        lr: rate of the next update.
        samples: texts written by the model now, from the same random numbers at every snapshot.
        known: for each of the samples, whether the corpus holds it.
        paced_seconds: to the end, where a pace that changes decides it.
        queue_position: for a queued run, how many are let in before it, itself included.
    """

    version: int
    lr: float
    samples: tuple[str, ...] = ()
    known: tuple[bool, ...] = ()
    steps_per_second: float = 0.0
    paced_seconds: float | None = None
    queue_position: int = 0

    @property
    def seconds_left(self) -> float:
        """As its pace has it, or by the speed of the last second; inf when nothing moves."""
        if not self.steps_per_second:
            return float("inf")
        if self.paced_seconds is not None:
            return self.paced_seconds
        return (self.steps - self.step) / self.steps_per_second

    @classmethod
    def of(cls, record: RunRecord, **now: Any) -> Snapshot:
        """A record with what is only of this moment."""
        return cls(**{name: getattr(record, name) for name in _FIELDS}, **now)

    def record(self) -> RunRecord:
        """What stays of it."""
        return RunRecord(**{name: getattr(self, name) for name in _FIELDS})


_FIELDS = tuple(each.name for each in fields(RunRecord))
