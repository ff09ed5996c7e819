"""A sweep as messages for the browser; `frames.py` says how they are laid out and sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from core.learning import Floats
from core.sweep import SweepKind, SweepSnapshot
from core.text import Unit
from pages.live.frames import pack
from pages.live.job_frames import JobFrame, JobFrames

MOST_BINS = 1024


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
        suggestions: [name, rate or null] of an ended sweep, the recommended one first.
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
