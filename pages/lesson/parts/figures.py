"""Data in, Plotly figure out: the pictures that chapters are made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from pages.charts.chart_kit import LEGEND, TEXT, below, few, layout
from pages.charts.palette import CONSONANT, MARK, REFERENCE, VOWEL
from pages.lesson.parts.chapter_axes import axis, short

HEIGHT = 380  # pixels; two of them fit beside the words
MOST_LABELS = 60  # beyond this a label on each row could not be read

_BAND = "rgba(0,114,178,0.18)"  # of the training blue
# From nothing to much, and from below zero to above; both are visible on light and on dark.
RISING = ((0.0, "rgba(0,114,178,0.06)"), (1.0, "rgb(0,114,178)"))
SIGNED = ((0.0, VOWEL), (0.5, "rgba(127,135,146,0.10)"), (1.0, CONSONANT))


@dataclass(frozen=True)
class Line:
    """One line of a chart, told apart by its dash as well as its colour.

    Attributes:
        marker: what Plotly is to know of its points, beside their colour.
    """

    name: str
    x: Iterable[float]
    y: Iterable[float]
    color: str
    dash: str = "solid"
    width: float = 2.0
    mode: str = "lines"
    opacity: float = 1.0
    marker: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Level:
    """A known value as a horizontal line, with its name on it."""

    name: str
    y: float
    color: str = REFERENCE


def heat_map(
    values: ArrayLike,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    row_title: str = "",
    column_title: str = "",
    is_signed: bool = True,
    is_written: bool = False,
    marked: tuple[int | None, int | None] | None = None,
    height: int = HEIGHT,
    hover: str = "%{y}, %{x}: %{z:.4g}",
) -> go.Figure:
    """A matrix as cells; blue above zero, orange below, pale near it.

    Args:
        values: (N, M); a vector is one row.
        rows: what to call them; their numbers when there are no names.
        columns: the same for these.
        row_title: of the vertical axis.
        column_title: of the horizontal axis.
        is_signed: whether zero stands in the middle; else from nothing to the largest.
        is_written: write each value into its cell.
        marked: row and column of a cell to frame; None for a whole column or row.
        height: of the figure in pixels.
        hover: Plotly's template for a cell.
    """
    table = np.atleast_2d(np.asarray(values, dtype=np.float64))
    n_rows, n_columns = table.shape
    finite = np.abs(table[np.isfinite(table)])
    most = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    figure = go.Figure(
        go.Heatmap(
            z=table,
            x=list(range(n_columns)),
            y=list(range(n_rows)),
            zmin=-most if is_signed else 0.0,
            zmax=most,
            colorscale=SIGNED if is_signed else RISING,
            showscale=False,
            xgap=1 if n_columns <= MOST_LABELS else 0,
            ygap=1 if n_rows <= MOST_LABELS else 0,
            text=_names(rows, columns, table.shape),
            hovertemplate=hover.replace("%{y}, %{x}", "%{text}") + "<extra></extra>",
        )
    )
    if is_written:
        for i, j in np.ndindex(n_rows, n_columns):
            is_strong = np.isfinite(table[i, j]) and abs(table[i, j]) > 0.55 * most
            figure.add_annotation(
                x=j,
                y=i,
                text=f"{table[i, j]:.3g}",
                showarrow=False,
                font={"color": "#FFFFFF" if is_strong else TEXT},
            )
    if marked is not None:
        figure.add_shape(_frame(marked, table.shape))
    return figure.update_layout(
        layout(height),
        showlegend=False,
        xaxis=axis(column_title) | _below(columns, n_columns),
        yaxis=axis(row_title, autorange="reversed")
        | ({} if rows is None or n_rows > MOST_LABELS else few(rows, MOST_LABELS)),
    )


def bars(
    values: Sequence[float],
    labels: Sequence[str],
    *,
    title: str = "",
    label_title: str = "",
    marked: int | None = None,
    color: str = CONSONANT,
    height: int = HEIGHT,
) -> go.Figure:
    """A bar for each value; the marked one has another colour and stripes."""
    is_marked = [index == marked for index in range(len(values))]
    figure = go.Figure(
        go.Bar(
            x=list(range(len(values))),
            y=[value if math.isfinite(value) else None for value in values],
            text=list(labels),
            textposition="none",
            marker={
                "color": [MARK if it else color for it in is_marked],
                "pattern": {"shape": ["/" if it else "" for it in is_marked], "solidity": 0.2},
            },
            hovertemplate="%{text}: %{y:.4g}<extra></extra>",
        )
    )
    return figure.update_layout(
        layout(height),
        showlegend=False,
        xaxis=axis(label_title, showgrid=False) | _below(labels, len(values)),
        yaxis=axis(title, type="linear"),
    )


def lines(
    drawn: Sequence[Line],
    *,
    x_title: str,
    y_title: str,
    levels: Sequence[Level] = (),
    is_log_x: bool = False,
    is_log_y: bool = False,
    y_range: tuple[float, float] | None = None,
    height: int = HEIGHT,
) -> go.Figure:
    """Lines over one axis, with what is known as labelled levels.

    Args:
        drawn: the lines.
        x_title: of the horizontal axis, with its unit.
        y_title: of the vertical axis, with its unit.
        levels: horizontal lines with a name.
        is_log_x: whether the horizontal axis is logarithmic.
        is_log_y: whether the vertical axis is.
        height: of the figure in pixels.
        y_range: of the vertical axis, in its own units also when it is logarithmic.
    """
    figure = go.Figure(
        [
            go.Scatter(
                name=line.name,
                x=short(line.x),
                y=short(line.y),
                mode=line.mode,
                opacity=line.opacity,
                line={"color": line.color, "dash": line.dash, "width": line.width},
                marker={"color": line.color, "size": 8, **line.marker},
                hovertemplate=f"{line.name}: %{{y:.4f}} at %{{x:,}}<extra></extra>",
            )
            for line in drawn
        ]
    )
    for level in levels:
        # On a logarithmic axis Plotly takes a line's own value, but a text's logarithm.
        y = math.log10(level.y) if is_log_y and level.y > 0 else level.y
        across(figure, level, yshift=-2, y=y)
    y_axis = axis(y_title, type="log" if is_log_y else "linear")
    if y_range is not None:
        y_axis["range"] = [math.log10(v) for v in y_range] if is_log_y else list(y_range)
    return figure.update_layout(
        layout(height),
        xaxis=axis(x_title, type="log" if is_log_x else "linear"),
        yaxis=y_axis,
        showlegend=len(drawn) > 1,
        legend=LEGEND,
    )


def band(
    figure: go.Figure,
    row: int,
    x: Sequence[float],
    high: Sequence[float | None],
    low: Sequence[float | None],
    **more: Any,
) -> None:
    """Fill what lies between two lines in a pale blue, in this row of a figure's pictures."""
    for y, fill in ((high, None), (low, "tonexty")):
        figure.add_scatter(
            x=x, y=y, mode="lines", line={"width": 0}, fill=fill, fillcolor=_BAND,
            hoverinfo="skip", row=row, col=1, **more,
        )  # fmt: skip


def across(figure: go.Figure, level: Level, place: str = "top right", **annotation: Any) -> None:
    """Draw a level through a figure, with its name at this place.

    Args:
        figure: to draw on.
        level: where, and what it is called.
        place: of the name, as Plotly calls it.
        annotation: Plotly's own settings of the name.
    """
    figure.add_hline(
        y=level.y,
        line={"color": level.color, "dash": "dot", "width": 1.5},
        annotation={"text": level.name, "font": {"color": TEXT}} | annotation,
        annotation_position=place,
    )


def _below(labels: Sequence[str] | None, count: int) -> dict[str, Any]:
    return {} if labels is None or count > MOST_LABELS else below(labels, MOST_LABELS)


def _names(
    rows: Sequence[str] | None, columns: Sequence[str] | None, shape: tuple[int, ...]
) -> list[list[str]]:
    """Each cell's name, for the hover."""
    row_names = rows or [str(i) for i in range(shape[0])]
    column_names = columns or [str(j) for j in range(shape[1])]
    return [[f"{row}, {column}" for column in column_names] for row in row_names]


def _frame(marked: tuple[int | None, int | None], shape: tuple[int, ...]) -> dict[str, Any]:
    row, column = marked
    x0, x1 = (-0.5, shape[1] - 0.5) if column is None else (column - 0.5, column + 0.5)
    y0, y1 = (-0.5, shape[0] - 0.5) if row is None else (row - 0.5, row + 0.5)
    line = {"color": MARK, "width": 3}
    return {"type": "rect", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": line}
