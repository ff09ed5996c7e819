"""What luck may explain of the differences between points, in words."""

from __future__ import annotations

import math
from collections.abc import Callable

from core.learning import plus_minus
from core.runs.groups import Difference
from core.sweep import LEAST_SEEDS, MOST_SEEDS, Comparison

# What ± means, on every page.
PLUS_MINUS = "±: the true difference lies that near, 19 times out of 20."
ABOUT_INTERVALS = (
    "Differences are taken seed by seed. ±: the true differences lie that near, all of them at "
    "once, 19 times out of 20."
)
TOO_FEW = {
    1: "One seed can’t say how much of that is luck: take three or more.",
    2: "Two seeds are too few to tell a difference from luck: take three or more.",
}


def told_apart(found: Comparison, other: str, name: Callable[[int], str]) -> str:
    """How far the best point is below the others, and which of them luck alone may have put there.

    Args:
        found: points beside the best.
        other: what one of the others is called, such as 'point'.
        name: of the point at a place.
    """
    n_others, n_rivals = len(found.others), len(found.rivals)
    if not n_others or found.n_seeds < LEAST_SEEDS:
        return TOO_FEW.get(found.n_seeds, "") if n_others else ""
    closest = found.others[0]
    gap = f"{between(found, closest)} over {found.n_seeds} seeds"
    if not n_rivals:
        if n_others == 1:
            return f"The other {other}, {name(closest)}, is higher by {gap}: more than luck."
        return (
            f"All {n_others} other {other}s are higher by more than luck: the closest, "
            f"{name(closest)}, by {gap}."
        )
    others = f"1 other {other}" if n_rivals == 1 else f"{n_rivals} other {other}s"
    n_worse = n_others - n_rivals
    who = "The other one is" if n_worse == 1 else f"The other {n_worse} are"
    return (
        f"{others} can’t be told from it yet. The closest, {name(closest)}, is higher by {gap}: "
        f"{_seeds(found, closest)}." + f" {who} worse by more than luck." * bool(n_worse)
    )


def beside_best(found: Comparison, place: int) -> str:
    """One point beside the best; empty where nothing can be said, or it's the best itself."""
    if place == found.best or place not in found.others or found.n_seeds < LEAST_SEEDS:
        return ""
    gap = f"Higher than the lowest by {between(found, place)} over {found.n_seeds} seeds"
    return f"{gap}: more than luck." if found[place] else f"{gap}: {_seeds(found, place)}."


def difference(found: Difference) -> str:
    """By how much two groups of runs differ, whichever is lower."""
    return plus_minus(abs(found.mean), math.nan if found.n < LEAST_SEEDS else found.error)


def between(found: Comparison, place: int) -> str:
    """The difference between a point and the best, with its error: '0.031 ± 0.010'."""
    return plus_minus(float(found.differences[place]), float(found.half_widths[place]))


def _seeds(found: Comparison, place: int) -> str:
    """How many seeds would do for a difference that is not told apart."""
    n = found.seeds_for(place)
    if n is None:
        return "too little to matter, however many seeds you take"
    if n > MOST_SEEDS:
        return f"about {float(f'{n:.2g}'):,.0f} seeds would tell, so take either"
    return f"about {n} seeds would probably tell"
