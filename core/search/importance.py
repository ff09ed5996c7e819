"""What mattered in a search: how the settings of its better runs differ from those of all."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.search.config import Range, SearchConfig
from core.search.snapshot import Fate, SearchRun, Share

LEAST_RUNS = 30  # finished ones; before that the order is chance (docs/decisions/luck.md)
LEAST_FOR_PERCENTAGES = 100
_TOP, _LEAST_TOP = 0.1, 5  # of the runs, but so many at least, are the better ones
_MOST_CELLS = 50  # of a setting's range
_N_DRAWN = 100  # times that the runs are drawn anew
_OUTSIDE = 5.0  # per cent on either side of a range

Cells = NDArray[np.intp]


def importance(config: SearchConfig, runs: Sequence[SearchRun]) -> dict[str, Share]:
    """How much of what sets the better runs apart is each setting's, in all 1; empty too early.

    PED-ANOVA (Watanabe et al. 2023) measures how far the distribution of a setting among the best
    tenth (five or more), p, is from an even one over its range, q: Σ q (p / q − 1)². In a grid q is
    that among all runs. The range of a share has the middle 90 % of what comes out when as many
    runs are drawn from these with replacement.

    Args:
        config: what is searched.
        runs: those that have finished count.
    """
    ranges = config.ranges
    finished = [run for run in runs if run.fate is Fate.FINISHED]
    finished.sort(key=lambda run: run.number)  # so that the same runs always say the same
    if len(finished) < LEAST_RUNS or len(ranges) < 2:
        return {}
    losses = np.array([run.loss for run in finished])
    cells = [_cells(each, finished) for each in ranges]
    # TPE has all runs where the best are, so that what mattered most would seem to matter least.
    is_even = config.how != "grid"
    found = _shares(ranges, cells, losses, is_even=is_even)
    rng = np.random.default_rng(0)
    drawn = np.array(
        [
            _shares(ranges, [of[rows] for of in cells], losses[rows], is_even=is_even)
            for rows in rng.integers(0, len(losses), (_N_DRAWN, len(losses)))
        ]
    )
    lows, highs = np.percentile(drawn, (_OUTSIDE, 100 - _OUTSIDE), axis=0)
    return {
        each.key: Share(float(share), float(min(low, share)), float(max(high, share)))
        for each, share, low, high in zip(ranges, found, lows, highs, strict=True)
    }


def _shares(
    ranges: Sequence[Range],
    cells: Sequence[Cells],
    losses: NDArray[np.float64],
    *,
    is_even: bool,
) -> NDArray[np.float64]:
    n_top = max(_LEAST_TOP, math.ceil(_TOP * len(losses)))
    is_top = losses <= np.sort(losses)[n_top - 1]
    found = np.zeros(len(ranges))
    for place, (each, of) in enumerate(zip(ranges, cells, strict=True)):
        n = _n_cells(each)
        top, among_all = (
            _density(np.bincount(these, minlength=n), is_ordered=not each.options) + 1e-12
            for these in (of[is_top], of)
        )
        other = np.full(n, 1 / n) if is_even else among_all
        found[place] = other @ np.square(top / other - 1)
    total = found.sum()
    return found / total if total else np.full(len(ranges), 1 / len(ranges))


def _n_cells(each: Range) -> int:
    if each.options:
        return len(each.options)
    if not each.is_whole:
        return _MOST_CELLS
    n_values = int(each.high - each.low + 1)
    return min(math.ceil(math.log2(n_values)) + 1 if each.is_logarithmic else n_values, _MOST_CELLS)


def _cells(each: Range, runs: Sequence[SearchRun]) -> Cells:
    """In which cell of its range the setting of each run lies."""
    values = [run.values[each.key] for run in runs]
    if each.options:
        return np.array([each.options.index(value) for value in values])
    scale = np.log if each.is_logarithmic else np.asarray
    low, high = scale([each.low, each.high])
    last = _n_cells(each) - 1
    places: NDArray[np.float64] = np.ceil((scale(values) - low) / (high - low) * last - 0.5)
    return np.clip(places, 0, last).astype(np.intp)


def _density(counts: Cells, *, is_ordered: bool) -> NDArray[np.float64]:
    """A distribution over cells from counts in them, smoothed, with a prior that counts as one."""
    from scipy.special import ndtr  # with the first search, as it takes a while to load

    n_cells, n = len(counts), counts.sum()
    seen = np.flatnonzero(counts)
    weights = np.append(counts[seen], 1.0) / (n + 1)
    if is_ordered:
        centres = np.append(seen, (n_cells - 1) / 2)
        widths = np.append(np.full(len(seen), _bandwidth(seen, counts[seen])), n_cells)
        edges = np.arange(n_cells + 1) - 0.5
        below = ndtr((edges - centres[:, None]) / widths[:, None])
        kernels = np.diff(below, axis=1) / (below[:, -1:] - below[:, :1])
    else:
        kernels = np.full((len(seen) + 1, n_cells), 1 / (len(seen) + 1))
        kernels[np.arange(len(seen)), seen] += 1
        kernels /= kernels.sum(axis=1, keepdims=True)
    density: NDArray[np.float64] = weights @ kernels
    return density


def _bandwidth(seen: Cells, counts: Cells) -> float:
    """Scott's rule (1992), at least so wide that nine tenths of a kernel lie in its cell."""
    n, up_to = int(counts.sum()), np.cumsum(counts)
    mean = seen @ counts / n
    deviation = math.sqrt(float(np.square(seen - mean) @ counts) / max(1, n - 1))
    first = np.searchsorted(up_to, n // 4, side="left")
    third = min(len(seen) - 1, int(np.searchsorted(up_to, n * 3 // 4, side="right")))
    middle = float(seen[third] - seen[first]) / 1.34
    return float(max(1.059 * min(middle, deviation) * n**-0.2, 0.5 / 1.64))
