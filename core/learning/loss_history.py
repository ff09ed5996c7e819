"""The losses of a whole run in a bounded number of bins, however long the run is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

CAPACITY = 512  # bins of one width; a power of two
FINE = 64  # bins that stay narrow before the width doubles, or a logarithmic axis shows the first
# steps as one; a power of two
MOST_DOUBLINGS = 24  # of the width: eight thousand million steps
RECENT_STEPS = 300  # one batch is too noisy to read, so about so many are averaged

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LossCurve:
    """Losses in bins of up to `width` steps, narrow ones first.

    The first `fine` steps have bins of their own, the next `fine` steps bins of two, the next
    2·`fine` bins of four, and so on up to `width`. All are powers of two, so that bins never shift
    as the run grows.

    Attributes:
        n_steps: steps in all; the last bin may be part full.
        width: steps of a bin, at most.
        mean, low, high: float32 (bins,), nats per token.
        fine: as above; 0 where all bins have the same width, as in earlier versions.
    """

    n_steps: int
    width: int
    mean: Floats
    low: Floats
    high: Floats
    fine: int = 0

    @property
    def edges(self) -> NDArray[np.int64]:
        """Where each bin begins and the last one ends, in steps: int64 (bins + 1,)."""
        return edges_of(self.n_steps, self.width, self.fine)

    @property
    def steps(self) -> NDArray[np.float64]:
        """The middle of each bin, in steps."""
        edges = self.edges
        middles: NDArray[np.float64] = (edges[:-1] + edges[1:] - 1) / 2
        return middles

    @property
    def recent(self) -> float | None:
        """The training loss now: mean of about the last 300 steps; None before the first.

        Early on of the last tenth, as it falls steeply there.
        """
        if not len(self.mean):
            return None
        edges = self.edges
        over = min(RECENT_STEPS, max(1, self.n_steps // 10))
        first = int(np.searchsorted(edges, self.n_steps - over, side="right")) - 1
        return float(np.average(self.mean[first:], weights=np.diff(edges)[first:]))


def edges_of(n_steps: int, width: int, fine: int) -> NDArray[np.int64]:
    """Where each bin of a `LossCurve` begins and the last one ends.

    >>> edges_of(11, 4, 2).tolist()
    [0, 1, 2, 4, 8, 11]
    """
    n_bins = int(bins_of(np.array([n_steps - 1]), width, fine)[0]) + 1 if n_steps else 0
    # Each frame of each view asks, with few widths and many counts of bins.
    edges = _starts(1 << n_bins.bit_length(), width, fine)[: n_bins + 1].copy()
    edges[n_bins] = n_steps
    return edges


@lru_cache(maxsize=64)
def _starts(n_bins: int, width: int, fine: int) -> NDArray[np.int64]:
    places = np.arange(n_bins)
    level = np.full(n_bins, width.bit_length() - 1)
    if fine:
        level = np.clip((places - fine) // (fine // 2) + 1, 0, level)
    starts: NDArray[np.int64] = (places - fine // 2 * level) << level
    return starts


def bins_of(steps: NDArray[np.int64], width: int, fine: int) -> NDArray[np.int64]:
    """The place of each step's bin in a `LossCurve`; the steps rise."""
    top = width.bit_length() - 1
    level: NDArray[np.int64] | int = top
    if fine and len(steps) and (int(steps[0]) // fine).bit_length() < top:
        level = np.clip(np.frexp(steps / fine)[1], 0, top)
    places: NDArray[np.int64] = fine // 2 * level + (steps >> level)
    return places


class LossHistory:
    """Takes in losses chunk by chunk and keeps their mean, minimum and maximum per bin.

    When the bins are full, each two neighbours but the first become one and the width doubles, so
    that taking in a loss costs the same at any step, and so does reading the curve.

    Args:
        capacity: bins of one width, that the run has at most.
        fine: as a `LossCurve` has it.

    >>> history = LossHistory(capacity=2, fine=0)
    >>> history.append(np.array([4.0, 2.0, 2.5], dtype=np.float32))
    >>> history.curve().width, history.curve().mean.tolist()
    (2, [3.0, 2.5])
    """

    def __init__(self, capacity: int = CAPACITY, fine: int = FINE) -> None:
        self._capacity, self._fine = capacity, fine
        self._width = 1
        self._n_steps = 0
        n_bins = room_for(capacity, fine)
        self._sums = np.zeros(n_bins, dtype=np.float64)
        self._lows = np.full(n_bins, np.inf, dtype=np.float32)
        self._highs = np.full(n_bins, -np.inf, dtype=np.float32)

    def append(self, losses: Floats) -> None:
        """Take in the losses of the next steps, float32 (K,)."""
        if not len(losses):
            return
        while self._n_steps + len(losses) > self._capacity * self._width:
            self._halve()
        bins = bins_of(self._n_steps + np.arange(len(losses)), self._width, self._fine)
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
        steps = np.array([max(0, self._n_steps - 1), self._n_steps])
        before, place = bins_of(steps, self._width, self._fine).tolist()
        self._sums[place] -= loss
        if place != before or self._n_steps == 0:
            self._sums[place], self._lows[place], self._highs[place] = 0.0, np.inf, -np.inf

    def copy(self) -> LossHistory:
        """The same losses, with bins of its own."""
        history = LossHistory(self._capacity, self._fine)
        history._n_steps, history._width = self._n_steps, self._width
        history._sums, history._lows = self._sums.copy(), self._lows.copy()
        history._highs = self._highs.copy()
        return history

    def bins(self) -> tuple[tuple[int, int, int], NDArray[np.float64], Floats, Floats]:
        """What `of_bins` makes it of again: steps, width, `fine`; and each bin's three numbers."""
        return (self._n_steps, self._width, self._fine), self._sums, self._lows, self._highs

    @classmethod
    def of_bins(
        cls,
        size: tuple[int, int, int],
        sums: NDArray[np.float64],
        lows: Floats,
        highs: Floats,
    ) -> LossHistory:
        """One that goes on from such bins.

        Args:
            size: losses taken in, steps per bin at most, and `fine`.
            sums: of each bin, float64 (room_for(CAPACITY, fine),).
            lows: float32, as many.
            highs: float32, as many.
        """
        n_steps, width, fine = size
        history = cls(fine=fine)
        history._n_steps, history._width = n_steps, width
        history._sums, history._lows, history._highs = sums, lows, highs
        return history

    @property
    def n_steps(self) -> int:
        """How many losses were taken in."""
        return self._n_steps

    def curve(self) -> LossCurve:
        """A copy of the bins that have steps in them."""
        counts = np.diff(edges_of(self._n_steps, self._width, self._fine))
        n_bins = len(counts)
        return LossCurve(
            n_steps=self._n_steps,
            width=self._width,
            mean=(self._sums[:n_bins] / counts).astype(np.float32),
            low=self._lows[:n_bins].copy(),
            high=self._highs[:n_bins].copy(),
            fine=self._fine,
        )

    def _halve(self) -> None:
        """Join each two bins of the largest width, but for those that are to stay narrow."""
        level = self._width.bit_length() - 1
        first = self._fine // 2 * (level + 2) if self._fine else 0
        n_pairs = (len(self._sums) - first) // 2
        end = first + 2 * n_pairs
        for values, join, empty in (
            (self._sums, np.add, 0.0),
            (self._lows, np.minimum, np.inf),
            (self._highs, np.maximum, -np.inf),
        ):
            joined = join(values[first:end:2], values[first + 1 : end : 2])
            values[first : first + n_pairs] = joined
            values[first + n_pairs :] = empty
        self._width *= 2


def room_for(capacity: int, fine: int) -> int:
    """Bins that a run of up to 2**`MOST_DOUBLINGS` steps has at most; an even number."""
    return capacity + fine // 2 * MOST_DOUBLINGS
