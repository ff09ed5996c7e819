"""Data in, Plotly figure out: the schedules over a run's losses, and total losses by seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.config import LrSchedule
from core.learning import lr_at, scheduled
from core.lesson.long_run.pairs import Ending, Pair, Version
from pages.charts.chart_kit import LEGEND, layout
from pages.charts.palette import BOUNDARY, MARK, REFERENCE, TRAINING
from pages.lesson.parts.chapter_axes import axis, short
from pages.lesson.parts.figures import HEIGHT, Level, across, band

_LEGEND = LEGEND | {"y": 1.0, "traceorder": "normal"}
_LOOKS: dict[Version, dict[str, Any]] = {
    "printed": {"name": "as printed", "color": MARK, "dash": "solid", "symbol": "circle"},
    "meant": {"name": "as meant", "color": BOUNDARY, "dash": "dash", "symbol": "diamond"},
}


def schedules_and_losses(
    schedules: Mapping[Version, LrSchedule],
    n_steps: int,
    ending: Ending | None,
    *,
    chosen: Version,
    height: int = HEIGHT,
) -> go.Figure:
    """Above, the rate of every step by both schedules; below, the batch losses of the chosen one.

    Args:
        schedules: both.
        n_steps: of a run.
        ending: of the chosen run; None before it was made.
        chosen: drawn wider.
        height: of the figure in pixels.
    """
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.07, row_heights=[0.36, 0.64]
    )
    for version, schedule in schedules.items():
        look = _LOOKS[version]
        corners = [0, *(s for s in schedule.decay_steps for s in (s - 1, s)), n_steps - 1]
        width = 5 if version == chosen else 2
        figure.add_scatter(
            name=look["name"],
            x=[step + 1 for step in corners],
            y=[lr_at(scheduled(schedule, n_steps), step) for step in corners],
            mode="lines",
            line={"color": look["color"], "dash": look["dash"], "width": width},
            hovertemplate=f"{look['name']}: %{{y:.3g}} at step %{{x:,}}<extra></extra>",
            row=1,
            col=1,
        )
    if ending is not None:
        _add_losses(figure, ending)
    fork = schedules["meant"].decay_steps[-1]
    figure.add_vline(x=fork, line={"color": REFERENCE, "dash": "dot", "width": 1.5})
    return figure.update_layout(
        layout(height, (8, 8, 8, 8), legend=_LEGEND),
        xaxis=axis("", range=[0, n_steps]),
        xaxis2=axis("step", range=[0, n_steps]),
        yaxis=axis("rate", type="log", dtick=1, range=[-3.4, -0.6]),
        yaxis2=axis("batch loss, nats") | _loss_range(ending),
    )


def totals(
    pairs: Mapping[int, Pair], *, levels: Sequence[Level] = (), height: int = HEIGHT
) -> go.Figure:
    """The loss over all examples with both schedules, for each seed of the batches.

    Args:
        pairs: by their seeds.
        levels: what is known.
        height: of the figure in pixels.
    """
    places = list(range(1, len(pairs) + 1))
    printed = [pair.printed.total for pair in pairs.values()]
    meant = [pair.meant.total for pair in pairs.values()]
    figure = go.Figure()
    for place, *ends in zip(places, printed, meant, strict=True):
        figure.add_scatter(
            x=[place, place],
            y=ends,
            mode="lines",
            line={"color": REFERENCE, "width": 2},
            hoverinfo="skip",
            showlegend=False,
        )
    for look, values in ((_LOOKS["printed"], printed), (_LOOKS["meant"], meant)):
        figure.add_scatter(
            name=look["name"],
            x=places,
            y=[value if math.isfinite(value) else None for value in values],
            customdata=list(pairs),
            mode="markers",
            marker={"color": look["color"], "symbol": look["symbol"], "size": 11},
            hovertemplate=f"{look['name']}, seed %{{customdata}}: %{{y:.4f}}<extra></extra>",
        )
    for level in levels:
        across(figure, level, "bottom right", yshift=-2)
    x_axis = {"range": [0.5, len(pairs) + 0.5], "dtick": 1 if len(pairs) <= 10 else 5}
    return figure.update_layout(
        layout(height, (8, 8, 8, 8), legend=_LEGEND),
        xaxis=axis("run, each with its own seed of the batches") | x_axis,
        yaxis=axis("loss over all, nats"),
    )


def _add_losses(figure: go.Figure, ending: Ending) -> None:
    curve = ending.curve
    steps = (curve.steps + 1).tolist()
    band(figure, 2, steps, short(curve.high), short(curve.low), showlegend=False)
    mean = go.Scatter(
        x=steps, y=short(curve.mean), mode="lines", showlegend=False,
        line={"color": TRAINING, "width": 2},
        hovertemplate="mean %{y:.3f} around step %{x:,.0f}<extra></extra>",
    )  # fmt: skip
    figure.add_trace(mean, row=2, col=1)


def _loss_range(ending: Ending | None) -> dict[str, Any]:
    """Without the first tenth of the steps, whose losses would flatten all others."""
    if ending is None:
        return {"range": [0, 4]}
    late = slice(len(ending.curve.mean) // 10, None)
    low, high = float(ending.curve.low[late].min()), float(ending.curve.high[late].max())
    if not math.isfinite(low + high):
        return {}
    return {"range": [max(0.0, low - 0.1), high + 0.1]}
