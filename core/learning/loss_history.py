"""The losses of a whole run in a bounded number of bins, however long the run is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CAPACITY = 512  # bins; a power of two
RECENT_STEPS = 300  # one batch is too noisy to read, so about so many are averaged

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LossCurve:
    """Losses in bins of `width` steps: bin i holds the steps i·width to (i + 1)·width, left out.

    Attributes:
        n_steps: steps in all; the last bin may be part full.
        width: steps per bin, a power of two, so that bins never shift as the run grows.
        mean, low, high: float32 (bins,), nats per token.
    """

    n_steps: int
    width: int
    mean: Floats
    low: Floats
    high: Floats

    @property
    def steps(self) -> NDArray[np.float64]:
        """The middle of each bin, in steps."""
        starts = np.arange(0.0, self.n_steps, self.width)
        ends = np.minimum(starts + self.width, self.n_steps)
        middles: NDArray[np.float64] = (starts + ends - 1) / 2
        return middles

    @property
    def recent(self) -> float | None:
        """The training loss now: mean of about the last 300 steps; None before the first."""
        if not len(self.mean):
            return None
        return float(self.mean[-max(1, round(RECENT_STEPS / self.width)) :].mean(dtype=np.float64))


class LossHistory:
    """Takes in losses chunk by chunk and keeps their mean, minimum and maximum per bin.

    When the bins are full, each two neighbours become one and the width doubles, so that taking
    in a loss costs the same at any step, and so does reading the curve.

    >>> history = LossHistory(capacity=2)
    >>> history.append(np.array([4.0, 2.0, 2.5], dtype=np.float32))
    >>> history.curve().width, history.curve().mean.tolist()
    (2, [3.0, 2.5])
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._width = 1
        self._n_steps = 0
        self._sums = np.zeros(capacity, dtype=np.float64)
        self._lows = np.full(capacity, np.inf, dtype=np.float32)
        self._highs = np.full(capacity, -np.inf, dtype=np.float32)

    def append(self, losses: Floats) -> None:
        """Take in the losses of the next steps, float32 (K,)."""
        if not len(losses):
            return
        while self._n_steps + len(losses) > self._capacity * self._width:
            self._halve()
        bins = (self._n_steps + np.arange(len(losses))) // self._width
        starts = np.flatnonzero(np.diff(bins, prepend=-1))
        touched = bins[starts]
        self._sums[touched] += np.add.reduceat(losses.astype(np.float64), starts)
        self._lows[touched] = np.minimum(self._lows[touched], np.minimum.reduceat(losses, starts))
        self._highs[touched] = np.maximum(self._highs[touched], np.maximum.reduceat(losses, starts))
        self._n_steps += len(losses)

    def take_back(self, loss: float) -> None:
        """Forget the last loss, of an update that was taken back; it will come again.

        So the lowest and highest of its bin stay as they are.
        """
        self._n_steps -= 1
        place = self._n_steps // self._width
        self._sums[place] -= loss
        if self._n_steps % self._width == 0:
            self._sums[place], self._lows[place], self._highs[place] = 0.0, np.inf, -np.inf

    def copy(self) -> LossHistory:
        """The same losses, with bins of its own."""
        return LossHistory.of_bins(
            self._n_steps, self._width, self._sums.copy(), self._lows.copy(), self._highs.copy()
        )

    def bins(self) -> tuple[int, int, NDArray[np.float64], Floats, Floats]:
        """What `of_bins` makes it of again: steps, steps per bin, and each bin's three numbers."""
        return self._n_steps, self._width, self._sums, self._lows, self._highs

    @classmethod
    def of_bins(
        cls, n_steps: int, width: int, sums: NDArray[np.float64], lows: Floats, highs: Floats
    ) -> LossHistory:
        """One that goes on from such bins.

        Args:
            n_steps: losses taken in.
            width: steps per bin.
            sums: of each bin, float64 (capacity,).
            lows: float32 (capacity,).
            highs: float32 (capacity,).
        """
        history = cls(len(sums))
        history._n_steps, history._width = n_steps, width
        history._sums, history._lows, history._highs = sums, lows, highs
        return history

    @property
    def n_steps(self) -> int:
        """How many losses were taken in."""
        return self._n_steps

    def curve(self) -> LossCurve:
        """A copy of the bins that have steps in them."""
        n_bins = -(-self._n_steps // self._width)
        counts = np.full(n_bins, self._width, dtype=np.float64)
        if n_bins:
            counts[-1] = self._n_steps - (n_bins - 1) * self._width
        return LossCurve(
            n_steps=self._n_steps,
            width=self._width,
            mean=(self._sums[:n_bins] / counts).astype(np.float32),
            low=self._lows[:n_bins].copy(),
            high=self._highs[:n_bins].copy(),
        )

    def _halve(self) -> None:
        half = self._capacity // 2
        self._sums[:half] = self._sums[0::2] + self._sums[1::2]
        self._lows[:half] = np.minimum(self._lows[0::2], self._lows[1::2])
        self._highs[:half] = np.maximum(self._highs[0::2], self._highs[1::2])
        self._sums[half:], self._lows[half:], self._highs[half:] = 0.0, np.inf, -np.inf
        self._width *= 2
