"""Timing side by side: every round does each piece of work once, so that all share its weather."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence

Figures = dict[str, float]
Work = Callable[[], object]


def rounds(work: Mapping[str, Work], repeats: int) -> dict[str, list[float]]:
    """Seconds of each piece of work in each round; the first to go moves on from round to round."""
    names = list(work)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        work[name]()  # once unmeasured: caches, first allocations
    for i in range(repeats):
        for name in names[i % len(names) :] + names[: i % len(names)]:
            started = time.perf_counter()
            work[name]()
            seconds[name].append(time.perf_counter() - started)
    return seconds


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Median of the rounds' own ratios, so that a slow moment touches one round only."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def say(text: str) -> None:
    """Progress goes to standard error: standard output is for figures."""
    print(text, file=sys.stderr, flush=True)
