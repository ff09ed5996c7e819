"""A sweep, and runs at several rates side by side, as messages for the browser; see `frames.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from core.learning import Floats
from core.lesson.side_by_side import RateLine, SideBySideSnapshot
from core.models import uniform_loss
from core.sweep import SweepKind, SweepSnapshot
from core.text import Unit, readable
from pages.live.frames import pack
from pages.live.job_frames import JobFrame, JobFrames

MOST_BINS = 1024
N_SAMPLES = 5  # texts of each run


class SweepDescription(TypedDict):
    """What stays the same over a sweep.

    Attributes:
        kind: of message.
        id: number of the sweep in its session, from 1.
        sweep: 'ramp' is one run whose rate rises; 'independent' is a run for each rate.
        n_rates: how many rates it tries.
        n_steps: of each run of an independent sweep.
        bounds: the lowest exponent and the highest.
        unit: what a token is.
        exponents: of all rates.
    """

    kind: Literal["sweep-description"]
    id: int
    sweep: SweepKind
    n_rates: int
    n_steps: int
    bounds: tuple[float, float]
    unit: Unit
    exponents: Floats


class SweepFrame(JobFrame):
    """What moves, all of it.

    Attributes:
        kind: of message.
        suggestions: [name, rate or null] of an ended sweep, the valley first.
        rows: which rates the next three are of; empty where of all.
        loss, smoothed: of these.
        diverged: 1 or 0.
    """

    kind: Literal["sweep-frame"]
    suggestions: Sequence[tuple[str, float | None]]
    rows: Floats
    loss: Floats
    smoothed: Floats
    diverged: Floats


class SweepFrames(JobFrames[SweepSnapshot]):
    """Makes the messages of one sweeper."""

    def describe(self, snapshot: SweepSnapshot) -> bytes:
        """The sweep's `SweepDescription`."""
        config = snapshot.config
        description: SweepDescription = {
            "kind": "sweep-description",
            "id": snapshot.job_id,
            "sweep": config.kind,
            "n_rates": config.n_rates,
            "n_steps": config.n_steps,
            "bounds": (config.low_exponent, config.high_exponent),
            "unit": snapshot.corpus.unit,
            "exponents": config.exponents.astype(np.float32),
        }
        return pack(description)

    def make(self, snapshot: SweepSnapshot) -> bytes:
        """The snapshot's `SweepFrame`: progress, both curves' points, and suggestions."""
        curve = snapshot.curve
        rows = extremes(curve.losses)
        is_whole = len(rows) == len(curve.losses)
        frame: SweepFrame = {
            "kind": "sweep-frame",
            **self._progress(snapshot),
            "suggestions": [(s.name, s.lr) for s in snapshot.suggestions],
            "rows": (rows[:0] if is_whole else rows).astype(np.float32),
            "loss": curve.losses[rows],
            "smoothed": curve.smoothed[rows].astype(np.float32),
            "diverged": curve.is_diverged[rows].astype(np.float32),
        }
        return pack(frame)


def extremes(losses: NDArray[np.float32]) -> NDArray[np.intp]:
    """Which points to show: all, or of very many the lowest and highest of each bin.

    The bins' width is a power of two, so there are at most 1,024 of them and no spike is hidden.
    """
    width = 1
    while len(losses) > MOST_BINS * width:
        width *= 2
    if width <= 2:
        return np.arange(len(losses))
    padded = np.full(-(-len(losses) // width) * width, np.nan, dtype=np.float32)
    padded[: len(losses)] = losses
    bins = padded.reshape(-1, width)
    starts = np.arange(len(bins)) * width
    lowest = starts + np.where(np.isnan(bins), np.inf, bins).argmin(axis=1)
    highest = starts + np.where(np.isnan(bins), -np.inf, bins).argmax(axis=1)
    return np.unique(np.concatenate([lowest, highest]))


class RatesDescription(TypedDict):
    """What stays the same over the runs.

    Attributes:
        kind: of message.
        id: number of the comparison in its session, from 1.
        steps: planned updates of each run.
        unit: what a token is.
        document: what a text of tokens is called.
        uniform: loss of guessing evenly, in nats per token.
        rates: of each run.
        labels: what each rate is beside that of the settings, in words.
    """

    kind: Literal["rates-description"]
    id: int
    steps: int
    unit: Unit
    document: str
    uniform: float
    rates: Sequence[float]
    labels: Sequence[str]


class RateLineFrame(TypedDict):
    """One of the runs as it is now.

    Attributes:
        step: updates taken.
        diverged_at: step whose loss was not finite, if it came to one.
        samples: texts that it writes now.
        width, fine: bins of its curve, as a `LossCurve` has them.
        n_bins: how many of the frame's `mean` are its own.
    """

    step: int
    diverged_at: int | None
    samples: Sequence[str]
    width: int
    fine: int
    n_bins: int


class RatesFrame(JobFrame):
    """What moves, all of it.

    Attributes:
        kind: of message.
        lines: the runs, in the order of the rates.
        mean: losses in the bins of the first run, then in those of the next ones.
    """

    kind: Literal["rates-frame"]
    lines: Sequence[RateLineFrame]
    mean: Floats


class RatesFrames(JobFrames[SideBySideSnapshot]):
    """Makes the messages of the runs side by side of one session."""

    def describe(self, snapshot: SideBySideSnapshot) -> bytes:
        """Their `RatesDescription`."""
        training, corpus = snapshot.run.training, snapshot.corpus
        rates = [line.lr for line in snapshot.lines]
        description: RatesDescription = {
            "kind": "rates-description",
            "id": snapshot.job_id,
            "steps": training.steps,
            "unit": corpus.unit,
            "document": corpus.document,
            "uniform": uniform_loss(len(corpus.vocabulary)),
            "rates": rates,
            "labels": [beside(lr, training.lr_schedule.base_lr) for lr in rates],
        }
        return pack(description)

    def make(self, snapshot: SideBySideSnapshot) -> bytes:
        """The snapshot's `RatesFrame`."""
        frame: RatesFrame = {
            "kind": "rates-frame",
            **self._progress(snapshot),
            "lines": [_line(line, snapshot.corpus.unit) for line in snapshot.lines],
            "mean": np.concatenate([line.curve.mean for line in snapshot.lines]),
        }
        return pack(frame)


def beside(lr: float, of_settings: float) -> str:
    """What a rate is beside that of the settings.

    >>> beside(0.001, 0.1), beside(0.1, 0.1), beside(10.0, 0.1)
    ('100 times lower', 'the rate that’s set', '100 times higher')
    """
    if lr == of_settings:
        return "the rate that’s set"
    if lr < of_settings:
        return f"{of_settings / lr:.3g} times lower"
    return f"{lr / of_settings:.3g} times higher"


def _line(line: RateLine, unit: Unit) -> RateLineFrame:
    return {
        "step": line.step,
        "diverged_at": line.diverged_at,
        "samples": [readable(text, unit) for text in line.samples[:N_SAMPLES]],
        "width": line.curve.width,
        "fine": line.curve.fine,
        "n_bins": len(line.curve.mean),
    }
