"""A sweep's snapshot as bytes for the browser."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.sweep import SweepSnapshot
from pages.parts.live.frames import pack

MOST_BINS = 1024


def sweep_frame(snapshot: SweepSnapshot) -> bytes:
    """One whole frame: progress, both curves' points, and the suggestions of an ended sweep."""
    curve, config = snapshot.curve, snapshot.config
    drawn = extremes(curve.losses)
    return pack(
        {
            "kind": "sweep",
            "version": snapshot.version,
            "run": snapshot.sweep_id,
            "state": snapshot.state.value,
            "sweep": config.kind,
            "done": curve.n_done,
            "rates": config.n_rates,
            "steps": config.n_steps,
            "bounds": [config.low_exponent, config.high_exponent],
            "seconds": snapshot.seconds,
            "left": snapshot.seconds_left,
            "suggestions": [[s.name, s.lr] for s in snapshot.suggestions],
            "error": snapshot.error,
        },
        {
            "exponents": curve.exponents[drawn].astype(np.float32),
            "loss": curve.losses[drawn],
            "smoothed": curve.smoothed[drawn].astype(np.float32),
            "diverged": curve.is_diverged[drawn].astype(np.float32),
        },
    )


def extremes(losses: NDArray[np.float32]) -> NDArray[np.intp]:
    """Which points to draw: all, or of very many the lowest and highest of each bin.

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
