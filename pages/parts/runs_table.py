"""Runs as a table: their losses, and of their settings those in which they differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st
from pandas.io.formats.style import Styler

from core.config import LENGTH, RunConfig
from core.runs import RunRecord, State
from core.settings import Number, Seed, Setting, settings_of
from pages.parts import widgets

CURVE = "Curve"  # heading of the column with the colours of the curves in the chart
_LOSSES = ("Training", "Validation", "All")


def styled(
    runs: Sequence[RunRecord], baseline: RunRecord | None, colours: Mapping[int, str]
) -> Styler | pa.Table:
    """The table, each run that is in the chart marked with the colour of its curve.

    Without the marks and without pandas where there is one run: they take longer than all the rest
    of a table, and most visitors who train at the same time have one run each.

    Args:
        runs: a row for each.
        baseline: whose losses the others' are compared with.
        colours: of the curves in the chart, by the number of the run.
    """
    differing = differing_settings(runs)
    if len(runs) == 1:
        row = _row(runs[0], runs, baseline, differing, colours)
        del row[CURVE]
        is_known = {name: not (row[name] is None or math.isnan(row[name])) for name in _LOSSES}
        kept = {name: [value] for name, value in row.items() if is_known.get(name, True)}
        return pa.table(kept)
    rows = pd.DataFrame([_row(run, runs, baseline, differing, colours) for run in runs])
    nowhere = [name for name in _LOSSES if rows[name].isna().all()]
    rows = rows.drop(columns=[*nowhere, *(f"Δ {name}" for name in nowhere)], errors="ignore")
    marks = [f"color: {colours.get(run.run_id, 'inherit')}" for run in runs]
    return rows.style.apply(lambda _: marks, subset=[CURVE], axis=0)


def columns(runs: Sequence[RunRecord]) -> dict[str, Any]:
    """How Streamlit shows the columns."""
    number = st.column_config.NumberColumn
    values = runs[0].config.to_settings()
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
        CURVE: st.column_config.TextColumn("", width=36, help="Its curve's colour in the chart."),
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


def differing_settings(runs: Sequence[RunRecord]) -> list[Setting]:
    """The settings that have more than one value among the runs, in the order of the table.

    A seed of the batches that follows the other one isn't one of them.
    """
    if len(runs) == 1:
        return []
    values = [run.config.to_settings() for run in runs]
    return [
        setting
        for setting in settings_of(RunConfig)
        if len({repr(each.get(setting.key)) for each in values}) > 1
    ]


def _row(
    run: RunRecord,
    runs: Sequence[RunRecord],
    baseline: RunRecord | None,
    differing: Sequence[Setting],
    colours: Mapping[int, str],
) -> dict[str, Any]:
    losses = _losses(run)
    row: dict[str, Any] = {
        CURVE: "━" if run.run_id in colours else "",
        "Run": run.title,
        "State": _state(run),
    }
    for name, loss in losses.items():
        row[name] = loss
        if baseline is not None:
            row[f"Δ {name}"] = _difference(run, baseline, loss, _losses(baseline)[name])
    if any(other.corpus.unit == "word" for other in runs):
        row["Perplexity"] = _perplexity(run)
    row |= {"Steps": run.step, "Seconds": run.seconds}
    values = run.config.to_settings()
    row |= {s.label: _value(s, values.get(s.key)) for s in differing if s.key != LENGTH}
    if len({id(other.corpus) for other in runs}) > 1:
        row["Data"] = run.corpus.name
    return row


def _losses(run: RunRecord) -> dict[str, float | None]:
    return {
        "Training": run.training_loss,
        "Validation": run.validation_loss,
        "All": run.final.all if run.final else None,
    }


def _difference(
    run: RunRecord, baseline: RunRecord, loss: float | None, its: float | None
) -> float | None:
    """From the baseline's loss, of runs on the same data; none for the baseline itself."""
    if run is baseline or loss is None or its is None or run.corpus is not baseline.corpus:
        return None
    return loss - its


def _state(run: RunRecord) -> str:
    is_lost = run.state is State.STOPPED and run.divergence is not None
    return State.DIVERGED.value if is_lost else run.state.value


def _value(setting: Setting, value: Any) -> Any:
    """As a number where it is one, so that the table sorts; as words elsewhere."""
    if value is None or _is_number(setting):
        return value
    return widgets.said(setting.words(value))


def _is_number(setting: Setting) -> bool:
    return isinstance(setting.kind, Number) and not isinstance(setting.kind, Seed)


def _perplexity(run: RunRecord) -> float | None:
    """Of the validation part, where the run is of words."""
    loss = run.validation_loss
    if run.corpus.unit == "character" or loss is None or not loss < 100:  # nan too
        return None
    return round(math.exp(loss), 1)
