"""Two sweeps of one setting beside each other: what differs in them, and what that does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from core.runs.groups import Difference, difference
from core.sweep import GridSnapshot, PointResult
from pages import run_columns
from pages.wording import luck


def compared(one: GridSnapshot, other: GridSnapshot) -> str:
    """The settings that differ, and by how much the losses do at the values that both have."""
    words = f"**{one.title}** beside **{other.title}**: {_settings(one, other)}."
    known = {
        result.point.values: losses for result in other.results if (losses := _by_seed(result))
    }
    axis = one.config.axes[0]
    both = [
        (axis.label(result.point.values[0]), losses, known[result.point.values])
        for result in one.results
        if (losses := _by_seed(result)) and result.point.values in known
    ]
    mine, theirs = _mean([own for _, own, _ in both]), _mean([two for _, _, two in both])
    if not mine or not theirs:
        return f"{words} They have no values in common at which a seed has all losses."
    mean = difference(theirs, mine)
    at = "at the value" if len(both) == 1 else f"on average over the {len(both)} values"
    words = f"{words} {at.capitalize()} of both it’s {_gap(mean)}"
    if mean.n in luck.TOO_FEW:
        return f"{words}. {luck.TOO_FEW[mean.n]}"
    words += ": more than luck." if mean.is_clear else ": luck may explain it."
    gaps = [(label, difference(two, own, n_compared=len(both))) for label, own, two in both]
    clear = [f"{_gap(gap)} at {label}" for label, gap in gaps if gap.is_clear]
    if clear and len(both) > 1:
        words += f" By itself it’s {'; '.join(clear)}."
    return words


def _gap(found: Difference) -> str:
    return f"{luck.difference(found)} {'higher' if found.mean > 0 else 'lower'}"


def _mean(points: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean over points, of each seed that all of them have."""
    seeds = set.intersection(*map(set, points)) if points else set[str]()
    return {seed: fmean(point[seed] for point in points) for seed in sorted(seeds)}


def _settings(one: GridSnapshot, other: GridSnapshot) -> str:
    """The settings that they don't have alike, in words."""
    mine, theirs = (
        sweep.config.run.to_settings() | {"steps": sweep.config.n_steps} for sweep in (one, other)
    )
    swept = {one.config.axes[0].key}
    said = [
        f"{label} {value} in place of {other_value}"
        for label, value, other_value in run_columns.changed(mine, theirs, swept)
    ]
    if one.config.n_seeds != other.config.n_seeds:
        said.append(f"{one.config.n_seeds} seeds in place of {other.config.n_seeds}")
    return ", ".join(said) or "all other settings are the same"


def _by_seed(result: PointResult) -> dict[str, float]:
    """The losses of a point by the seeds of weights and batches."""
    return {
        f"{answer.config.model.seed} {answer.config.training.seed}": answer.loss
        for answer in result.answers
        if answer is not None and not answer.is_diverged
    }
