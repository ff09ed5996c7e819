"""Runs as a table: their losses, and of their settings those in which they differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import pyarrow as pa
import streamlit as st

from core.config import LENGTH, RunConfig
from core.runs import BUSY, ListedRun, RunRecord, Snapshot, State
from core.settings import Number, Seed, Setting, settings_of
from pages.charts.palette import SERIES
from pages.run_columns import is_same_data
from pages.settings import widgets

CURVE = "Curve"  # heading of the column with the colours of the curves in the chart
_LOSSES = ("Training", "Validation", "All")
# What a screen reader says in place of the marks.
_NAMES = ("blue", "orange", "green", "pink", "brown", "violet", "olive", "rust")
MARKS = {colour: f"{name} curve" for colour, name in zip(SERIES, _NAMES, strict=True)}


def rows(
    runs: Sequence[ListedRun], baseline: ListedRun | None, colours: Mapping[int, str]
) -> pa.Table:
    """The table, each run that is in the chart marked with the colour of its curve.

    It's drawn in each run of the page, so nothing of pandas has a part in it: its styles alone
    take longer than all the rest of the page.

    Args:
        runs: a row for each.
        baseline: whose losses the others' are compared with.
        colours: of the curves in the chart, by the number of the run.
    """
    table: dict[str, Any] = {}
    if len(runs) > 1:
        marks = [[MARKS[colours[run.run_id]]] if run.run_id in colours else [] for run in runs]
        table[CURVE] = pa.array(marks, pa.list_(pa.string()))
    table["Run"] = [run.title for run in runs]
    table["State"] = [_state(run) for run in runs]
    losses = [_losses(run) for run in runs]
    for name in _LOSSES:
        column = [its[name] for its in losses]
        if any(loss is not None for loss in column):
            table[name] = column
            if baseline is not None:
                its = _losses(baseline)[name]
                pairs = zip(runs, column, strict=True)
                table[f"Δ {name}"] = [_difference(run, baseline, loss, its) for run, loss in pairs]
    if any(run.unit == "word" for run in runs):
        table["Perplexity"] = [_perplexity(run) for run in runs]
    table["Steps"] = [run.step for run in runs]
    table["Seconds"] = [run.seconds for run in runs]
    for setting in differing_settings(runs):
        if setting.key != LENGTH:
            values = [_settings(run.config).get(setting.key) for run in runs]
            table[setting.label] = [_value(setting, value) for value in values]
    if len({run.data for run in runs}) > 1:
        table["Data"] = [run.data for run in runs]
    return pa.table(table)


def is_under_way(run: ListedRun) -> bool:
    """Whether it is the current run and may still go on."""
    return isinstance(run, Snapshot) and (run.state in BUSY or run.state is State.PAUSED)


def columns(runs: Sequence[ListedRun]) -> dict[str, Any]:
    """How Streamlit shows the columns."""
    number = st.column_config.NumberColumn
    values = _settings(runs[0].config)
    known = {
        setting.label: number(format="%g" if isinstance(value, float) else "localized")
        for setting in differing_settings(runs)
        if isinstance(value := values.get(setting.key), int | float) and _is_number(setting)
    }
    return _columns(is_compared=len(runs) > 1) | known


@cache
def _columns(*, is_compared: bool) -> dict[str, Any]:
    """Those that aren't settings; what compares runs only where there are several."""
    number = st.column_config.NumberColumn
    comparing = {
        CURVE: st.column_config.MultiselectColumn(
            "",
            width=48,
            help="Its curve's colour in the chart.",
            options=list(MARKS.values()),
            color=list(MARKS),
            format_func=lambda _: "━",
        ),
        **{
            f"Δ {loss}": number(
                format="%+.4f", help=f"{loss} loss minus the baseline's: below 0 is better."
            )
            for loss in _LOSSES
        },
    }
    return {
        "Steps": number(format="localized"),
        **{loss: number(format="%.4f") for loss in _LOSSES},
        "Perplexity": number(
            format="localized", help="e to the power of the validation loss, of words."
        ),
        "Seconds": number(format="%.1f"),
        **(comparing if is_compared else {}),
    }


def differing_settings(runs: Sequence[ListedRun]) -> Sequence[Setting]:
    """The settings that have more than one value among the runs, in the order of the table.

    A seed of the batches that follows the other one isn't one of them.
    """
    return _differing(tuple(run.config for run in runs))


@lru_cache(100)
def _differing(configs: tuple[RunConfig, ...]) -> tuple[Setting, ...]:
    values = [_settings(config) for config in configs]
    return tuple(
        setting
        for setting in settings_of(RunConfig)
        if len({repr(each.get(setting.key)) for each in values}) > 1
    )


@lru_cache(1000)
def _settings(config: RunConfig) -> dict[str, Any]:
    return config.to_settings()


def _losses(run: ListedRun) -> dict[str, float | None]:
    found = (run.training_loss, run.validation_loss, run.all_loss)
    numbers = (None if loss is None or math.isnan(loss) else loss for loss in found)
    return dict(zip(_LOSSES, numbers, strict=True))


def _difference(
    run: ListedRun, baseline: ListedRun, loss: float | None, its: float | None
) -> float | None:
    """From the baseline's loss, of runs on the same data; none for the baseline itself."""
    if run is baseline or loss is None or its is None or not is_same_data(run, baseline):
        return None
    return loss - its


def _state(run: ListedRun) -> str:
    if is_under_way(run):  # running or not, as a pause doesn't draw the table
        return "under way"
    is_lost = (
        isinstance(run, RunRecord) and run.state is State.STOPPED and run.divergence is not None
    )
    return State.DIVERGED.value if is_lost else run.state.value


def _value(setting: Setting, value: Any) -> Any:
    """As a number where it is one, so that the table sorts; as words elsewhere."""
    if value is None or _is_number(setting):
        return value
    return widgets.said(setting.kind.label(value))


def _is_number(setting: Setting) -> bool:
    return isinstance(setting.kind, Number) and not isinstance(setting.kind, Seed)


def _perplexity(run: ListedRun) -> float | None:
    """Of the validation part, where the run is of words."""
    loss = run.validation_loss
    if run.unit == "character" or loss is None or not loss < 100:  # nan too
        return None
    return round(math.exp(loss), 1)
