"""A search beside the one before it: what differs in them, and how far each came."""

from __future__ import annotations

from core.search import Range, SearchSnapshot
from pages import run_columns


def compared(one: SearchSnapshot, other: SearchSnapshot) -> str:
    """The ranges and settings that differ, and the lowest of both.

    Args:
        one: the newer one, with or without a finished run.
        other: with one.
    """
    words = f"Beside search {other.number} (pale): {_what_differs(one, other)}."
    mine, theirs = one.lowest_so_far, other.lowest_so_far
    if not mine:
        return words
    n = min(len(mine), len(theirs))
    after = f"after {n} finished runs each" if n > 1 else "after one finished run each"
    return (
        f"{words} Its lowest is {mine[n - 1][1]:.4f} {after}, the other’s {theirs[n - 1][1]:.4f}; "
        f"in all {mine[-1][1]:.4f} and {theirs[-1][1]:.4f}. The lowest of many is lucky too: to "
        "tell the two apart, train the best of both with several seeds."
    )


def _what_differs(one: SearchSnapshot, other: SearchSnapshot) -> str:
    """Ranges and settings that they don't have alike, in words."""
    now, then = ({each.key: each for each in search.config.ranges} for search in (one, other))
    said = [
        f"{run_columns.label(key)} {_tried(now.get(key))}, before {_tried(then.get(key))}"
        for key in now | then
        if now.get(key) != then.get(key)
    ]
    mine, theirs = (search.config.run.to_settings() for search in (one, other))
    said += [
        f"{label} {value}, before {other_value}"
        for label, value, other_value in run_columns.changed(mine, theirs, now | then)
    ]
    for name, unit in (("n_runs", "runs"), ("n_steps", "steps"), ("n_seeds", "seeds")):
        ours, before = getattr(one.config, name), getattr(other.config, name)
        if ours != before:
            said.append(f"{ours:,} {unit}, before {before:,}")
    if one.config.how != other.config.how:
        said.append(f"how: {one.config.how}, before {other.config.how}")
    return "; ".join(said) or "nothing differs but chance"


def _tried(asked: Range | None) -> str:
    if asked is None:
        return "not searched"
    if asked.options:
        return " or ".join(map(asked.label, asked.options))
    return f"{asked.label(asked.low)} to {asked.label(asked.high)}"
