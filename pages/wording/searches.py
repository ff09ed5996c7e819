"""Runs of a search in words."""

from __future__ import annotations

from core.search import Fate, SearchRun, SearchSnapshot


def hover(search: SearchSnapshot, run: SearchRun) -> str:
    """All that is known of a run, line by line."""
    lines = [f"run {run.number + 1}: <b>{answer(run)}</b>"]
    lines += [
        f"{each.setting.label} {each.label(run.values[each.key])}" for each in search.config.ranges
    ]
    if len(run.answers) > 1:
        lines.append("seeds: " + ", ".join(f"{answer.loss:.4f}" for answer in run.answers))
    return "<br>".join(lines)


def values(search: SearchSnapshot, run: SearchRun) -> str:
    """The settings of a run in one line."""
    return ", ".join(_settings(search, run))


def answer(run: SearchRun) -> str:
    """What came of a run, in a few words."""
    if run.fate is Fate.FINISHED:
        losses = [answer.loss for answer in run.answers]
        if len(losses) == 1:
            return f"{run.loss:.4f}"
        return f"{run.loss:.4f} ({min(losses):.4f} to {max(losses):.4f} over {len(losses)} seeds)"
    if run.fate is Fate.HOPELESS:
        return f"stopped early at {run.looks[-1]:.2f}"
    return run.fate.value + (f": {run.complaint}" if run.complaint else "")


def _settings(search: SearchSnapshot, run: SearchRun) -> list[str]:
    return [
        f"{each.setting.label} {each.label(run.values[each.key])}" for each in search.config.ranges
    ]
