"""Data in, Plotly figure out: the pictures of the chapter on counting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.lesson.counting import LARGEST_N, Page, Table
from core.text import visible
from pages.charts.chart_kit import below, few
from pages.charts.palette import BOUNDARY, MARK, REFERENCE, TRAINING, VALIDATION
from pages.lesson.parts import figures
from pages.wording.escaping import drawn

_HEIGHT = 330  # pixels; with title and controls it fits a stage of 720
_DENSE_LABELS = 10  # pixels: all characters of the tutorial's list stand beside their rows
_MOST_ROWS = 30  # whose labels don't overlap at this height


def page_of_counts(page: Page, labels: Sequence[str]) -> go.Figure:
    """A page of a table as cells, strong by the logarithm of the count, blank where it is 0."""
    shades = np.where(page.counts > 0, np.log1p(page.counts), np.nan)
    rows = [drawn(seen_in(page.before) + label) for label in labels]
    figure = figures.heat_map(
        shades,
        rows=rows,
        columns=labels,
        is_signed=False,
        marked=(page.row, None),
        height=_HEIGHT,
    )
    figure.update_traces(
        customdata=page.counts,
        hovertemplate="%{text}: seen %{customdata:,} times<extra></extra>",
        hoverongaps=False,
    )
    figure.update_xaxes(below(labels, figures.MOST_LABELS), tickfont_size=_DENSE_LABELS)
    figure.update_yaxes(few(rows, _MOST_ROWS), tickfont_size=_DENSE_LABELS)
    figure.update_layout(margin={"t": 4, "b": 4})
    # Blank cells have no hover and no colour, so the ends would not be drawn by themselves.
    figure.update_xaxes(range=[-0.5, len(labels) - 0.5])
    figure.update_yaxes(range=[len(labels) - 0.5, -0.5], autorange=False)
    return figure


def seen_in(text: str) -> str:
    """A text in which each character is seen."""
    return "".join(map(visible, text))


def losses(tables: Sequence[Table], n: int, uniform: float) -> go.Figure:
    """Training and validation loss by context length, with the chosen n marked."""
    smoothed = [table.kneser_ney_loss or math.nan for table in tables]
    figure = _by_context(
        [
            ("training", [table.train_loss for table in tables], TRAINING, "solid"),
            ("validation", [table.val_loss for table in tables], VALIDATION, "dash"),
            ("validation, Kneser–Ney", smoothed[1:], BOUNDARY, "dot"),
        ],
        n,
        y_title="loss, nats per character",
        levels=[figures.Level("guessing evenly", uniform)],
        height=_HEIGHT,
    )
    return figure.update_layout(margin={"b": 4})


def table_sizes(tables: Sequence[Table], n: int) -> go.Figure:
    """Cells of each table and the seen ones among them, on a logarithmic scale."""
    figure = _by_context(
        [
            ("cells", [table.n_cells for table in tables], REFERENCE, "dot"),
            ("ever seen", [table.n_seen for table in tables], TRAINING, "solid"),
        ],
        n,
        y_title="cells",
        is_log_y=True,
        height=300,
    )
    figure.update_traces(hovertemplate="%{fullData.name}: %{y:,.5s} at %{x}<extra></extra>")
    return figure.update_yaxes(exponentformat="power", dtick=2)


def _by_context(
    drawn: Sequence[tuple[str, Sequence[float], str, str]], n: int, **more: Any
) -> go.Figure:
    """Lines over the context length, up to that of the last table, with the chosen n marked.

    Args:
        drawn: name, values, colour and dash of each line.
        n: characters in a run.
        more: for `figures.lines`.
    """
    lines = [
        figures.Line(
            name, range(LARGEST_N - len(y), LARGEST_N), y, color, dash, mode="lines+markers"
        )
        for name, y, color, dash in drawn
    ]
    figure = figures.lines(lines, x_title="characters of context, n - 1", **more)
    figure.add_vline(x=n - 1, line={"color": MARK, "width": 2, "dash": "dashdot"}, layer="below")
    return figure.update_xaxes(dtick=1)
