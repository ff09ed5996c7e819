"""A curve of loss against learning rate, whole or in the making."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SweepKind = Literal["ramp", "independent"]

MIN_EXPONENT, MAX_EXPONENT = -6, 2  # of rates that can be tried
SMOOTHING_DECADES = 0.1  # standard deviation of the Gaussian, in powers of ten of the rate


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """Loss against learning rate, whole or in the making; its arrays cannot be written to.

    Attributes:
        kind: 'ramp' is one run whose rate rises at every step; 'independent' is a run for each.
        exponents: of the rates, rising evenly, float64 (n,).
        losses: nats per character, float32 (n,); nan where there is none (yet).
        is_diverged: whether the rate led to no usable loss, bool (n,).
    """

    kind: SweepKind
    exponents: NDArray[np.float64]
    losses: NDArray[np.float32]
    is_diverged: NDArray[np.bool_]

    def __post_init__(self) -> None:
        for array in (self.exponents, self.losses, self.is_diverged):
            array.flags.writeable = False

    @property
    def lrs(self) -> NDArray[np.float64]:
        """The rates, 10^exponent, float64 (n,)."""
        return np.power(10.0, self.exponents)

    @property
    def is_done(self) -> NDArray[np.bool_]:
        """Whether the rate has its answer, a loss or divergence, bool (n,)."""
        return self.is_diverged | np.isfinite(self.losses)

    @property
    def is_usable(self) -> NDArray[np.bool_]:
        """Whether the rate led to a usable loss, bool (n,)."""
        return np.isfinite(self.losses) & ~self.is_diverged

    @property
    def n_done(self) -> int:
        """How many rates have their answer."""
        return int(self.is_done.sum())

    @property
    def is_complete(self) -> bool:
        """Whether all rates have their answer."""
        return self.n_done == len(self.exponents)

    @property
    def smoothed(self) -> NDArray[np.float64]:
        """Mean of the neighbours' losses, weighted by a Gaussian of 0.1 decades; float64 (n,).

        Diverged rates and those not done have no part in it, and are nan in the result.
        """
        is_usable = self.is_usable
        kernel = _kernel(self.exponents)
        total = np.convolve(np.where(is_usable, self.losses, 0.0), kernel, mode="same")
        weight = np.convolve(is_usable.astype(np.float64), kernel, mode="same")
        smoothed = np.full(len(self.exponents), np.nan)
        np.divide(total, weight, out=smoothed, where=is_usable)
        return smoothed

    @property
    def standard_error(self) -> float:
        """Of the smoothed loss, in nats; needs three usable losses.

        The noise is how far each loss is from the middle of its two neighbours', its median taken
        as that of a normal distribution; smoothing divides it by the root of what it averages.
        """
        losses = self.losses[self.is_usable].astype(np.float64)
        jumps = np.abs(losses[1:-1] - (losses[:-2] + losses[2:]) / 2)
        noise = float(np.median(jumps)) / (0.6745 * math.sqrt(1.5))
        return noise * float(np.sqrt(np.square(_kernel(self.exponents)).sum()))


def _kernel(exponents: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of a point's neighbours: odd in number, at most as many as there are points."""
    spacing = float(exponents[1] - exponents[0])
    radius = min(math.ceil(4 * SMOOTHING_DECADES / spacing), (len(exponents) - 1) // 2)
    offsets = np.arange(-radius, radius + 1) * spacing
    weights: NDArray[np.float64] = np.exp(-0.5 * np.square(offsets / SMOOTHING_DECADES))
    weights /= weights.sum()
    return weights
