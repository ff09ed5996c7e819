"""What can be seen of a run at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.config import RunConfig
from core.dataset import Dataset
from core.loss_history import Floats, LossCurve
from core.model import MLP, Parameters
from core.training import Divergence, Evaluation, FinalLosses


class State(StrEnum):
    """Where a run stands; each has its own look in the pages."""

    IDLE = "idle"  # there is no run yet
    QUEUED = "queued"  # waits until fewer visitors train
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    DIVERGED = "diverged"  # waits for a lower rate, with the last good weights
    FAILED = "failed"
    STOPPED = "stopped"


ENDED = frozenset({State.FINISHED, State.FAILED, State.STOPPED})


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """All that can be seen of a run at one moment; it never changes.

    Attributes:
        version: rises by one with every snapshot of a trainer.
        run_id: number of the run in its session, from 1.
        step, steps: updates taken, and planned.
        lr: rate of the next update.
        names: written by the model now, from the same random draws at every snapshot.
        known: for each of the names, whether it stands in the training list.
        rate_changes: (step, rate) of each change by hand.
        table_history: (step, C) from the first step on, thinned, each C float32 (V, D).
        seconds: time spent running.
        error: for a failed run, what went wrong in words.
        place: for a queued run, how many are let in before it, itself included.
    """

    version: int
    run_id: int
    state: State
    config: RunConfig
    dataset: Dataset
    parameters: Parameters
    step: int
    lr: float
    curve: LossCurve
    evaluations: tuple[Evaluation, ...] = ()
    rate_changes: tuple[tuple[int, float], ...] = ()
    names: tuple[str, ...] = ()
    known: tuple[bool, ...] = ()
    table_history: tuple[tuple[int, Floats], ...] = ()
    steps_per_second: float = 0.0
    seconds: float = 0.0
    final: FinalLosses | None = None
    divergence: Divergence | None = None
    error: str = ""
    place: int = 0

    @property
    def steps(self) -> int:
        """Updates planned."""
        return self.config.training.steps

    @property
    def is_running(self) -> bool:
        """Whether it is taking steps now."""
        return self.state is State.RUNNING

    @property
    def has_ended(self) -> bool:
        """Whether no command can move it any more."""
        return self.state in ENDED

    @property
    def model(self) -> MLP:
        """The network with the weights of this moment."""
        return MLP(self.config.model, len(self.dataset.vocabulary), self.parameters)

    @property
    def seconds_left(self) -> float:
        """Estimated from the speed of the last second; inf when nothing moves."""
        if not self.steps_per_second:
            return float("inf")
        return (self.steps - self.step) / self.steps_per_second
