"""What a room sees of a member's run: a few figures and a small curve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.learning import Floats, LossCurve
from core.runs import RunRecord, Snapshot, State
from core.text import name_of, readable

MOST_POINTS = 40  # of a curve
LONGEST_NAME = 24  # characters of what a run writes


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Figures:
    """A run at one moment, as others in the room see it; it never changes.

    Losses are in nats per token.

    Attributes:
        key: of the run; no other has it.
        started_at: in UTC.
        holds_out: whether it learns from nothing that it's judged by.
        data: built-in data that it learns from, as links have them; empty where they're its own.
        step, steps: updates taken, and planned.
        seconds: time spent running.
        val_loss: of the last evaluation; of a run that has ended, at its end.
        new_loss: at its end, on documents that training doesn't have.
        written: the first new text of those that it writes now; empty where the data are its own.
        across, losses: the curve, float32 (n,) each: the share of the way to the last step by its
            logarithm, and the loss of the batches there.
    """

    key: str
    started_at: datetime
    holds_out: bool
    state: State
    data: str
    step: int
    steps: int
    seconds: float
    n_parameters: int
    val_loss: float | None
    new_loss: float | None
    written: str
    across: Floats
    losses: Floats


def figures_of(run: RunRecord) -> Figures:
    """What a room sees of this run; what it writes only at the moment of a snapshot."""
    across, losses = small_curve(run.curve, run.steps)
    data = name_of(run.corpus) or ""
    return Figures(
        key=run.key,
        started_at=run.started_at,
        holds_out=run.config.training.train_on != "all",
        state=run.state,
        data=data,
        step=run.step,
        steps=run.steps,
        seconds=run.seconds,
        n_parameters=run.n_parameters,
        val_loss=run.validation_loss,
        new_loss=run.new_validation_loss,
        written=_written(run) if data and isinstance(run, Snapshot) else "",
        across=across,
        losses=losses,
    )


def small_curve(curve: LossCurve, steps: int) -> tuple[Floats, Floats]:
    """The curve in at most `MOST_POINTS` points, evenly by the logarithm of the step.

    Args:
        curve: of n bins.
        steps: planned, at which it is all the way across.

    Returns:
        Shares of the way and mean losses, float32 (m,) each.
    """
    mean = curve.mean
    if not len(mean):
        return mean[:0], mean[:0]
    middle = (curve.edges[:-1] + curve.edges[1:] + 1) / 2
    across = np.log(np.maximum(middle, 1.0)) / np.log(max(steps, 2))
    first = np.unique((across * (MOST_POINTS - 1)).astype(np.int64), return_index=True)[1]
    counts = np.diff(np.append(first, len(mean)))
    points = np.add.reduceat(across, first) / counts
    losses = np.add.reduceat(mean.astype(np.float64), first) / counts
    return points.astype(np.float32), losses.astype(np.float32)


def _written(run: Snapshot) -> str:
    new = (text for text, known in zip(run.samples, run.known, strict=True) if text and not known)
    text = next(new, next(iter(run.samples), ""))
    return readable(text, run.corpus.unit)[:LONGEST_NAME]
