"""Two sweeps of one setting beside each other: what differs in them, and what that does."""

from __future__ import annotations

from core.runs.groups import difference
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
    if not both:
        return f"{words} They have no trained value in common."
    gaps = [(label, difference(theirs, mine, n_compared=len(both))) for label, mine, theirs in both]
    said = "; ".join(
        f"{luck.difference(gap)} {'higher' if gap.mean > 0 else 'lower'} at {label}"
        for label, gap in gaps
    )
    n_seeds = min(gap.n for _, gap in gaps)
    if n_seeds in luck.TOO_FEW:
        return f"{words} It’s {said}. {luck.TOO_FEW[n_seeds]}"
    clear = [label for label, gap in gaps if gap.is_clear]
    how = f"more than luck at {', '.join(clear)}" if clear else "luck may explain it all"
    return f"{words} It’s {said}: {how}."


def _settings(one: GridSnapshot, other: GridSnapshot) -> str:
    """The settings that they don't have alike, in words."""
    mine, theirs = (
        sweep.config.run.to_settings() | {"steps": sweep.config.n_steps} for sweep in (one, other)
    )
    swept = one.config.axes[0].key
    said = [
        f"{run_columns.label(key)} {_value(key, mine)} in place of {_value(key, theirs)}"
        for key in mine
        if key != swept and mine[key] != theirs[key]
    ]
    if one.config.n_seeds != other.config.n_seeds:
        said.append(f"{one.config.n_seeds} seeds in place of {other.config.n_seeds}")
    return ", ".join(said) or "all other settings are the same"


def _value(key: str, settings: dict[str, object]) -> str:
    return run_columns.settings()[key].kind.label(settings[key])


def _by_seed(result: PointResult) -> dict[str, float]:
    """The losses of a point by the seeds of weights and batches."""
    return {
        f"{answer.config.model.seed} {answer.config.training.seed}": answer.loss
        for answer in result.answers
        if answer is not None and not answer.is_diverged
    }
