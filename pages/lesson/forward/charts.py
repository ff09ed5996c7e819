"""Pictures of the forward pass: all stages small, and what every example costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from pages.charts.chart_kit import layout, note
from pages.charts.palette import CONSONANT, MARK, REFERENCE
from pages.lesson.parts import figures

STRIP_HEIGHT = 128
_STRIPES = {"fillmode": "overlay", "fgcolor": "#FFFFFF", "fgopacity": 0.6}
_GAP = 0.03  # between two small pictures, as a share of the width


@dataclass(frozen=True, eq=False)
class Small:
    """One stage as a small picture.

    Attributes:
        name: as in the code.
        shape: of the whole tensor.
        values: of one example; a table is drawn as cells, a vector as bars.
        is_large: whether it is the one that is drawn large as well.
    """

    name: str
    shape: tuple[int, ...]
    values: NDArray[np.floating]
    is_large: bool = False


def characters(
    values: Sequence[float], labels: Sequence[str], target: int, *, title: str, height: int
) -> go.Figure:
    """A score or count for each possible next character; the true one is striped."""
    figure = figures.bars(
        values,
        labels,
        title=title,
        label_title="next character; the true one is striped",
        marked=target,
        height=height,
    )
    return figure.update_traces(marker_pattern=_STRIPES)


def in_a_grid(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """A vector in rows of one length, about twice as wide as high; nan where nothing is left."""
    n_columns = min(len(values), math.ceil(math.sqrt(2 * len(values))))
    n_rows = math.ceil(len(values) / n_columns)
    grid = np.full(n_rows * n_columns, np.nan)
    grid[: len(values)] = values
    return grid.reshape(n_rows, n_columns)


def units(values: NDArray[np.floating], height: int = figures.HEIGHT) -> go.Figure:
    """The hidden units of one example as cells in reading order."""
    grid = in_a_grid(values)
    n_columns = grid.shape[1]
    figure = figures.heat_map(grid, height=height)
    names = [[f"unit {i * n_columns + j}" for j in range(n_columns)] for i in range(len(grid))]
    figure.update_traces(text=names, zmin=-1, zmax=1, hoverongaps=False)
    axis = {"showticklabels": False, "ticks": "", "showgrid": False}
    figure.update_layout(
        xaxis=axis | {"title": {"text": "h, unit by unit: orange -1, blue 1"}},
        yaxis=axis,
    )
    return figure


def strip(stages: Sequence[Small], marked: int) -> go.Figure:
    """All stages beside each other, each under its name and shape.

    Args:
        stages: in their order.
        marked: index of the true next character in the vectors.
    """
    width = (1 - _GAP * (len(stages) - 1)) / len(stages)
    axes: dict[str, Any] = {}
    figure = go.Figure()
    for place, stage in enumerate(stages):
        left = place * (width + _GAP)
        number = str(place + 1) if place else ""  # the first axes of a figure have none
        is_table = stage.values.ndim == 2
        figure.add_trace(_small_cells(stage) if is_table else _small_bars(stage, marked))
        figure.data[-1].update(xaxis=f"x{number}", yaxis=f"y{number}")
        bare = {
            "showticklabels": False,
            "ticks": "",
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": False,
            "showline": True,
            "mirror": True,
            "linecolor": MARK if stage.is_large else REFERENCE,
            "linewidth": 3 if stage.is_large else 1,
        }
        name = f"<b>{stage.name}</b>" if stage.is_large else stage.name
        said = f"{name}<br>({', '.join(map(str, stage.shape))})"
        x, y = f"x{number}", f"y{number}"
        note(figure, said, 0.5, 1, xref=f"{x} domain", yref=f"{y} domain", yanchor="bottom")
        axes[f"xaxis{number}"] = bare | {"domain": [left, left + width], "anchor": y}
        direction = "reversed" if is_table else True
        axes[f"yaxis{number}"] = bare | {"anchor": x, "autorange": direction}
    return figure.update_layout(
        layout(STRIP_HEIGHT, (3, 3, 52, 3), showlegend=False, bargap=0.15), margin_pad=0, **axes
    )


def _small_cells(stage: Small) -> go.Heatmap:
    most = float(np.nanmax(np.abs(stage.values), initial=0.0)) or 1.0
    return go.Heatmap(
        z=stage.values,
        zmin=-most,
        zmax=most,
        colorscale=figures.SIGNED,
        showscale=False,
        hoverinfo="skip",
    )


def _small_bars(stage: Small, marked: int) -> go.Bar:
    return go.Bar(
        x=list(range(len(stage.values))),
        y=[float(value) if math.isfinite(value) else None for value in stage.values],
        marker={
            "color": [MARK if i == marked else CONSONANT for i in range(len(stage.values))],
            "line": {"width": 0},
        },
        hoverinfo="skip",
    )
