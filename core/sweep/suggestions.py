"""Rates that three rules read off a curve, each with its reason and what it assumes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.sweep.curve import MAX_EXPONENT, MIN_EXPONENT, Curve

RuleName = Literal["valley", "minimum over ten", "steepest descent"]

MIN_POINTS = 7  # fewer say nothing about a shape
MIN_RISE = 0.05  # nats that a valley's sides must rise above its floor
RISE_OVER_NOISE = 6.0  # and how many standard errors of the smoothed loss
FLOOR_SHARE = 0.25  # of the lower side's rise: what still counts as the valley's floor


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rate read off a curve by one rule.

    Attributes:
        name: of the rule.
        lr: the rate, or None where the rule has no answer.
        reason: what the rule saw, or why it has no answer and what to do.
        assumption: what must hold for the rate to be a good one.
    """

    name: RuleName
    lr: float | None
    reason: str
    assumption: str


def suggest(curve: Curve) -> Suggestion:
    """The rate to use: the middle of the valley, or none where the curve has no valley.

    >>> exponents = np.linspace(-3.0, 0.0, 31)
    >>> valley = Curve("ramp", exponents, abs(exponents + 1), is_diverged=np.zeros(31, dtype=bool))
    >>> round(suggest(valley).lr, 3)
    0.1
    """
    return suggestions(curve)[0]


def suggestions(curve: Curve) -> tuple[Suggestion, ...]:
    """Read a rate off the smoothed curve by each of three rules, the recommended one first.

    valley: the middle, in the exponent, of the valley's floor. The floor is the unbroken stretch
    around the lowest smoothed loss where it is at most a quarter of the lower side's rise above its
    minimum. There is a valley when both sides rise by 0.05 nats and by 6 standard errors of the
    smoothed loss; a diverged rate counts as a rise.

    minimum over ten: a tenth of the rate at the lowest smoothed loss.

    steepest descent: the rate where the smoothed loss falls fastest against the exponent.

    Returns:
        Three suggestions; `lr` is None where a rule has no answer.
    """
    shape = _Shape.of(curve)
    if isinstance(shape, str):  # no shape to read, and why
        return tuple(Suggestion(name, None, shape, text) for name, text in _assumptions(curve))
    reasons = (_valley(shape), _minimum_over_ten(shape, curve), _steepest_descent(shape, curve))
    return tuple(
        Suggestion(name, lr, reason, text)
        for (lr, reason), (name, text) in zip(reasons, _assumptions(curve), strict=True)
    )


def wider(curve: Curve) -> tuple[float, float] | None:
    """Lowest and highest exponent of a sweep that goes a power of ten further to where a valley is.

    None where the curve has one, is flat, or ends at a rate beyond which none can be tried.
    """
    shape = _Shape.of(curve)
    if isinstance(shape, str) or shape.falls == shape.rises:
        return None
    low, high = float(curve.exponents[0]), float(curve.exponents[-1])
    if shape.falls:
        further = low, min(high + 1, MAX_EXPONENT)
    else:
        further = max(low - 1, MIN_EXPONENT), high
    return None if further == (low, high) else further


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where the smoothed curve is lowest, and how far it rises on either side of that."""

    exponents: NDArray[np.float64]
    heights: NDArray[np.float64]  # smoothed loss, infinite where diverged
    lowest: int
    left_rise: float
    right_rise: float
    least_rise: float  # what a side must rise to be told from noise

    @classmethod
    def of(cls, curve: Curve) -> _Shape | str:
        n_usable = int(curve.is_usable.sum())
        if not curve.is_complete:
            return (
                f"Only {curve.n_done:,} of {len(curve.exponents):,} rates are done: let the sweep "
                "run to its end."
            )
        if n_usable == 0:
            return (
                "Every rate diverged. Lower both bounds by a power of ten or two, "
                "or start from scaled initial weights."
            )
        if n_usable < MIN_POINTS:
            return (
                f"Only {n_usable} rates have a loss, and a shape needs {MIN_POINTS}: take more "
                "rates, or lower bounds if most diverged."
            )
        heights = np.where(curve.is_diverged, np.inf, curve.smoothed)
        lowest = int(heights.argmin())
        return cls(
            exponents=curve.exponents,
            heights=heights,
            lowest=lowest,
            left_rise=float(heights[: lowest + 1].max() - heights[lowest]),
            right_rise=float(heights[lowest:].max() - heights[lowest]),
            least_rise=max(MIN_RISE, RISE_OVER_NOISE * curve.standard_error),
        )

    @property
    def falls(self) -> bool:
        return self.left_rise >= self.least_rise

    @property
    def rises(self) -> bool:
        return self.right_rise >= self.least_rise

    @property
    def lowest_lr(self) -> float:
        return float(10.0 ** self.exponents[self.lowest])

    def why_no_valley(self) -> str:
        lower, upper = self.exponents[0], self.exponents[-1]
        if not self.falls and not self.rises:
            return (
                "The curve is flat: the loss changes by less than its own noise. "
                "Take larger batches, more steps or wider bounds."
            )
        if not self.rises:
            if upper >= MAX_EXPONENT:
                return f"The loss still falls at 10^{upper:g}, the highest rate that can be tried."
            return (
                f"The loss still falls, or stays low, up to the upper bound 10^{upper:g}: its "
                f"valley lies higher. Widen the upper bound to 10^{min(upper + 1, MAX_EXPONENT):g}."
            )
        if lower <= MIN_EXPONENT:
            return (
                f"The loss only rises from 10^{lower:g}, the lowest rate that can be tried. "
                "These weights may be trained already, or diverge: start from new ones."
            )
        return (
            f"The loss is lowest at the lower bound 10^{lower:g} and only rises: its valley lies "
            f"lower. Widen the lower bound to 10^{max(lower - 1, MIN_EXPONENT):g}, "
            "or start from weights that are not trained yet."
        )


def _valley(shape: _Shape) -> tuple[float | None, str]:
    if not (shape.falls and shape.rises):
        return None, shape.why_no_valley()
    floor = shape.heights[shape.lowest]
    rise = min(shape.left_rise, shape.right_rise)
    if math.isinf(rise):  # diverged on both sides: take the highest loss that there is
        rise = float(shape.heights[np.isfinite(shape.heights)].max() - floor)
    is_above = shape.heights > floor + FLOOR_SHARE * rise
    first = int(np.flatnonzero(is_above[: shape.lowest])[-1]) + 1
    last = shape.lowest + int(np.flatnonzero(is_above[shape.lowest :])[0]) - 1
    low, high = shape.exponents[first], shape.exponents[last]
    lr = float(10.0 ** ((low + high) / 2))
    return lr, (
        f"The smoothed loss stays near its lowest, {floor:.2f}, from a rate of {10.0**low:.2g} to "
        f"{10.0**high:.2g} and rises on both sides; {lr:.2g} is the middle of that valley."
    )


def _minimum_over_ten(shape: _Shape, curve: Curve) -> tuple[float | None, str]:
    if not (shape.falls and shape.rises):
        return None, shape.why_no_valley()
    lr = shape.lowest_lr / 10
    reason = f"The smoothed loss is lowest at a rate of {shape.lowest_lr:.2g}; this is a tenth."
    if curve.kind == "independent":
        return lr, (
            f"{reason} Here every rate had a whole run, so the lowest point itself is good and "
            "a tenth of it learns needlessly slowly."
        )
    at_rate = _height_at(shape, lr)
    if at_rate is not None and at_rate - shape.heights[shape.lowest] > MIN_RISE:
        reason += (
            f" Where the ramp passed it, the loss was {at_rate:.2f}, well above the lowest, "
            f"{shape.heights[shape.lowest]:.2f}: take it as too careful rather than best."
        )
    return lr, reason


def _steepest_descent(shape: _Shape, curve: Curve) -> tuple[float | None, str]:
    if not shape.falls:
        return None, shape.why_no_valley()
    upto = shape.heights[: shape.lowest + 1]
    finite = np.flatnonzero(np.isfinite(upto))
    upto, exponents = upto[finite], shape.exponents[finite]
    if len(upto) < 3:
        return None, "Too few rates lie left of the lowest loss to tell where it falls fastest."
    lr = float(10.0 ** exponents[int(np.gradient(upto, exponents).argmin())])
    reason = f"The smoothed loss falls fastest around a rate of {lr:.2g}."
    if curve.kind == "independent":
        return lr, (
            f"{reason} Here every rate had a whole run from the same weights, so this is where "
            "a higher rate still helps most: below the best rate, not at it."
        )
    return lr, (
        f"{reason} The loss began at {upto[0]:.2f} and fell to {upto[-1]:.2f}: most of a long fall "
        "like that is just the initial weights recovering, which almost any rate does, so this "
        "says where the ramp was at that moment and little about which rate is best."
        if upto[0] > 1.5 * upto[-1]
        else reason
    )


def _assumptions(curve: Curve) -> tuple[tuple[RuleName, str], ...]:
    if curve.kind == "ramp":
        valley = (
            "That a rate at which one rising ramp is at its lowest, with a margin on both sides, "
            "is still right for a run that keeps it. Each loss also depends on all earlier steps."
        )
    else:
        valley = (
            "That the best rate of a short run is right at the start of a long one. "
            "A long run gains from a lower rate at its end: let it decay."
        )
    return (
        ("valley", valley),
        (
            "minimum over ten",
            "That the ramp only shows the lowest loss when its rate is already about ten times "
            "too high: true of slow ramps on models that start near their best.",
        ),
        (
            "steepest descent",
            "That the loss falls because of the rate it has at that moment, and not because "
            "it started far too high: true of scaled initial weights, not of N(0, 1).",
        ),
    )


def _height_at(shape: _Shape, lr: float) -> float | None:
    exponent = math.log10(lr)
    if exponent < shape.exponents[0]:
        return None
    return float(shape.heights[int(np.abs(shape.exponents - exponent).argmin())])
