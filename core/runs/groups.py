"""Runs that differ in their seeds alone: their spread, and whether two such groups differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.learning import paired_difference, student_t

SURE = 0.975  # two-sided, one in twenty is wrong
LEAST_SEEDS = 3  # with two, nobody knows how far luck goes


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much the losses of one group lie above those of another.

    Attributes:
        mean: of the second minus the first, nats per token.
        error: half of the interval that holds the true one in 95 of 100 cases; inf where too few
            seeds tell.
        n: seeds that it is from: of each group, or that both have.
        is_paired: whether seed by seed, which leaves out what a seed does to both.
    """

    mean: float
    error: float
    n: int
    is_paired: bool

    @property
    def is_clear(self) -> bool:
        """Whether luck alone would seldom do it; of two seeds nobody can say."""
        return self.n >= LEAST_SEEDS and abs(self.mean) > self.error


def spread(losses: Sequence[float]) -> float:
    """The standard deviation over seeds; nan for a single one."""
    return float(np.std(losses, ddof=1)) if len(losses) > 1 else math.nan


def difference(
    first: Mapping[str, float], second: Mapping[str, float], *, n_compared: int = 1
) -> Difference:
    """Hold the losses of two groups against each other, with Student's t.

    Paired by seed where both have at least two in common; or else as two samples with spreads of
    their own (Welch 1947).

    >>> one, other = {"1": 2.0, "2": 2.2, "3": 2.4}, {"1": 2.1, "2": 2.31, "3": 2.49}
    >>> found = difference(one, other)
    >>> round(found.mean, 3), round(found.error, 3), found.n, found.is_clear
    (0.1, 0.025, 3, True)

    Args:
        first: losses by seed, at least one.
        second: the same of the other group.
        n_compared: pairs of groups of which this is one; in 19 of 20 cases all hold at once.
    """
    sure = 1 - (1 - SURE) / n_compared
    both = [seed for seed in first if seed in second]
    n = len(both)
    if n >= 2:
        ones, others = ([losses[seed] for seed in both] for losses in (first, second))
        apart = paired_difference(others, ones, np.ones(n))
        error = student_t(n - 1, sure) * apart.error
        return Difference(apart.value, error, n, is_paired=True)
    a, b = np.array(list(first.values())), np.array(list(second.values()))
    mean, n = float(b.mean() - a.mean()), min(len(a), len(b))
    if n < 2:
        return Difference(mean, math.inf, n, is_paired=False)
    parts = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    total = sum(parts)
    if not total:
        return Difference(mean, 0.0, n, is_paired=False)
    freedom = total**2 / (parts[0] ** 2 / (len(a) - 1) + parts[1] ** 2 / (len(b) - 1))
    error = student_t(freedom, sure) * math.sqrt(total)
    return Difference(mean, error, n, is_paired=False)
