"""Data in, Plotly figure out: gradients as cells, and the loss along them."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from torch import Tensor

from pages.charts.chart_kit import few
from pages.charts.palette import MARK, TRAINING, VALIDATION
from pages.lesson.parts import chapter_axes, figures
from pages.lesson.parts.figures import Level, Line

MOST_CELLS = 100  # in a row and in a column: more could not be told apart
HEIGHT = 320
_DIAMOND = {"size": 13, "symbol": "diamond"}


def cut(tensor: str, shape: Sequence[int]) -> str:
    """What part of the tensor is drawn, in words; empty when it is all of it."""
    if max(shape) <= MOST_CELLS:
        return ""
    drawn = ", ".join(str(min(length, MOST_CELLS)) for length in shape)
    whole = ", ".join(f"{length:,}" for length in shape)
    return f"Drawn is the first part ({drawn}) of {tensor} ({whole})."


def tensor_map(
    values: Tensor,
    *,
    tensor: str,
    characters: Sequence[str],
    n_embd: int,
    index: Sequence[int] | None = None,
) -> go.Figure:
    """A number for each parameter of one tensor as cells; C lies on its side.

    Args:
        values: of the tensor's shape.
        tensor: its name: C, W1, b1, W2 or b2.
        characters: of the vocabulary.
        n_embd: D, to name the inputs of W1.
        index: of a number to mark.
    """
    across, rows_of, title, row_title = {
        "C": (characters, [f"number {d}" for d in range(n_embd)], "character", ""),
        "W1": (None, None, "hidden unit", "place: number"),
        "b1": (None, [""], "hidden unit", ""),
        "W2": (characters, None, "character", "hidden unit"),
        "b2": (characters, [""], "character", ""),
    }[tensor]
    table = values.T if tensor == "C" else values.reshape(-1, values.shape[-1])
    marked = None if index is None else (0, index[0]) if len(index) == 1 else tuple(index)
    if marked is not None and tensor == "C":
        marked = marked[::-1]
    rows = rows_of or [str(i) for i in range(len(table))]
    if tensor == "W1":
        rows = [f"{i // n_embd}: {i % n_embd}" for i in range(len(table))]
    columns = list(across or map(str, range(table.shape[1])))
    table = table[:MOST_CELLS, :MOST_CELLS]
    rows, columns = rows[:MOST_CELLS], columns[:MOST_CELLS]
    is_seen = marked is not None and all(m < n for m, n in zip(marked, table.shape, strict=True))
    figure = figures.heat_map(
        table.numpy(),
        rows=rows,
        columns=columns,
        row_title=row_title,
        column_title=title,
        marked=marked if is_seen else None,  # type: ignore[arg-type]
        height=HEIGHT,
    )
    return figure.update_xaxes(few(columns, 30 if across else 10)).update_yaxes(few(rows, 10))


def along(
    rates: Sequence[float], losses: Sequence[float], *, chosen: float, loss: float, before: float
) -> go.Figure:
    """The loss after one step, by the step's learning rate.

    Args:
        rates: that were tried.
        losses: after a step of each.
        chosen: the rate that is chosen.
        loss: after a step of it.
        before: the loss where the step begins.
    """
    shown = [*losses, loss, before]
    is_log = chapter_axes.is_wide(shown)
    figure = figures.lines(
        [
            Line("after the step", rates, losses, TRAINING),
            Line("at the chosen rate", [chosen], [loss], MARK, mode="markers", marker=_DIAMOND),
        ],
        x_title="learning rate",
        y_title="loss, nats a character",
        levels=[Level(f"before the step {before:.4g}", before)],
        is_log_x=True,
        is_log_y=is_log,
        height=HEIGHT,
    )
    figure.update_annotations(x=0.02, xanchor="left")  # the curve rises at the right
    if is_log:
        finite = [value for value in shown if 0 < value < float("inf")]
        figure.update_yaxes(chapter_axes.log_ticks(min(finite), max(finite)))
    return figure.update_xaxes(chapter_axes.log_ticks(min(rates), max(rates)))


def descents(cleared: Sequence[float], uncleared: Sequence[float]) -> go.Figure:
    """The loss over the steps with gradients cleared before each, and never cleared."""
    steps = list(range(len(cleared)))
    is_log = chapter_axes.is_wide([*cleared, *uncleared])
    figure = figures.lines(
        [
            Line("cleared", steps, cleared, TRAINING),
            Line("never cleared", steps, uncleared, VALIDATION, "dash"),
        ],
        x_title="steps taken",
        y_title="loss, nats a character",
        is_log_y=is_log,
        height=HEIGHT,
    )
    if is_log:
        finite = [value for value in (*cleared, *uncleared) if 0 < value < float("inf")]
        figure.update_yaxes(chapter_axes.log_ticks(min(finite), max(finite)))
    return figure
