"""Which points of a sweep or a search are told apart from the best, and which luck may explain."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEAST_SEEDS = 3  # with two, a few points give no idea of how far luck goes
LEAST_POOLED = 3  # points whose residuals are taken together, where there are so many
ERROR = 0.05  # chance that points that are all equal have one told apart from the best
_POWER = 0.84  # standard deviations: the seeds that are named find a difference 4 times out of 5
_ROUNDING = 1e-9  # nats; less is no difference, even where seeds move nothing
_MOST_NAMED = 10_000  # seeds


@dataclass(frozen=True, slots=True, eq=False)
class Comparison(Sequence[bool]):
    """Points beside the best one. As a sequence: whether each is told apart from that.

    Attributes:
        best: place of the point with the lowest mean; None where no point has all of its seeds.
        differences: each mean less the best one's, nats, float64 (points,); nan where a seed of
            the point has no loss, so that nothing is said of it.
        deviations: of a single loss of each by luck alone, what the seed does to all points alike
            left out, float64 (points,); nan with fewer than two points or seeds.
        n_pooled: of how many points the luck was taken together.
        n_seeds: of each point.
    """

    best: int | None
    differences: NDArray[np.float64]
    deviations: NDArray[np.float64]
    n_pooled: int
    n_seeds: int

    @overload
    def __getitem__(self, place: int) -> bool: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[bool]: ...
    def __getitem__(self, place: int | slice) -> bool | Sequence[bool]:
        is_apart = self.differences > np.maximum(self.half_widths, _ROUNDING)
        found: bool | Sequence[bool] = is_apart[place].tolist()
        return found

    def __len__(self) -> int:
        return len(self.differences)

    def __iter__(self) -> Iterator[bool]:
        return iter(self[:])

    @property
    def others(self) -> tuple[int, ...]:
        """Places of the other points that can be compared, the lowest mean first."""
        order = np.argsort(self.differences, kind="stable")
        is_known = np.isfinite(self.differences)
        return tuple(int(place) for place in order if is_known[place] and place != self.best)

    @property
    def rivals(self) -> tuple[int, ...]:
        """Those of them that luck may have put behind the best."""
        is_apart = self[:]
        return tuple(place for place in self.others if not is_apart[place])

    @property
    def half_widths(self) -> NDArray[np.float64]:
        """Of each difference's interval, nats: all of them hold together, 19 times out of 20.

        inf where there are too few seeds or points to say anything.
        """
        if self.n_seeds < LEAST_SEEDS or self.n_pooled < 2:
            return np.full(len(self), np.inf)
        return self._q(self.n_seeds) * self.deviations / math.sqrt(self.n_seeds)

    def seeds_for(self, place: int) -> int | None:
        """About how many seeds would tell a point apart, 4 times out of 5, if its difference holds.

        As rough as the deviation that it's computed from. None where that isn't known, and where
        it would be more than 10,000.
        """
        difference = float(self.differences[place])
        if self.n_seeds < LEAST_SEEDS or not difference > _ROUNDING:
            return None
        ratio = math.sqrt(2) * float(self.deviations[place]) / difference

        def needed(n_seeds: float) -> int:
            wanted = ratio * (self._q(n_seeds) / math.sqrt(2) + _POWER)
            return max(LEAST_SEEDS, math.ceil(wanted**2))

        enough = needed(math.inf)  # more seeds say better how far luck goes, so no fewer will do
        while enough <= _MOST_NAMED and needed(enough) > enough:
            enough += 1
        return enough if enough <= _MOST_NAMED else None

    def _q(self, n_seeds: float) -> float:
        return critical_range(1 + len(self.others), (self.n_pooled - 1) * (n_seeds - 1))


def told_apart(losses: ArrayLike) -> Comparison:
    """Compare points with the best of them, by differences paired by seed.

    A loss is taken as the sum of what its point, its seed and luck do to it. Luck's variance s² is
    that of the residuals of the lower half of the points: the higher the losses, the more luck
    moves them, and points that are bad anyway would hide what is between good ones. Where a point's
    own differences from the best scatter more than that, s² is half of their variance. The best is
    picked by its losses, and every other is compared with it, so a difference counts where it's
    above q s / √S: S seeds, and q the upper 5 % point of the studentized range (Tukey 1953) of all
    the points, with the residuals' degrees of freedom. So of points that are all equal none is told
    apart 19 times out of 20.

    >>> losses = [[2.30, 2.34, 2.32], [2.31, 2.34, 2.33], [2.40, 2.45, 2.42]]
    >>> found = told_apart(losses)
    >>> list(found), found.best, found.rivals
    ([False, False, True], 0, (1,))

    Args:
        losses: nats, (points, seeds), each column of one seed; nan where there is none. A point
            that lacks one is neither the best nor compared.
    """
    table = np.asarray(losses, dtype=np.float64)
    n_points, n_seeds = table.shape
    means, deviations = np.full((2, n_points), np.nan)
    whole = np.flatnonzero(np.isfinite(table).all(axis=1))
    if not len(whole):
        return Comparison(None, means, deviations, 0, n_seeds)
    means[whole] = table[whole].mean(axis=1)
    by_mean = whole[np.argsort(means[whole], kind="stable")]
    best = int(by_mean[0])
    # So many by their number alone: means and residuals know nothing of each other.
    pooled = table[by_mean[: max(LEAST_POOLED, math.ceil(len(whole) / 2))]]
    n_free = (len(pooled) - 1) * (n_seeds - 1)
    if n_free:
        luck = pooled - pooled.mean(axis=1, keepdims=True) - pooled.mean(axis=0) + pooled.mean()
        own = (table[whole] - table[best]).var(axis=1, ddof=1) / 2
        deviations[whole] = np.sqrt(np.maximum(np.square(luck).sum() / n_free, own))
    return Comparison(best, means - means[best], deviations, len(pooled), n_seeds)


@cache
def critical_range(n_points: int, n_free: float) -> float:
    """Upper 5 % point of the studentized range of so many means, with these degrees of freedom."""
    from scipy import stats  # with the first comparison, as it takes a second to load

    return float(stats.studentized_range.ppf(1 - ERROR, n_points, n_free))
