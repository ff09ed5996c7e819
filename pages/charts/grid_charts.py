"""The picture of a sweep of any settings: a curve over one of them, a heat map over two."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from core.models import uniform_loss
from core.sweep import Axis, GridSnapshot, PointResult
from pages.charts.chart_kit import LEGEND, TEXT, box, close_axis, loss_ends, ring, ticks, told
from pages.charts.palette import MARK, SERIES

PALE = 0.45  # of earlier sweeps
MOST_WRITTEN = 80  # cells that have room for their loss in figures
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")


def curves(sweeps: Sequence[GridSnapshot], chosen: tuple[int, int] | None = None) -> go.Figure:
    """Mean validation loss against one setting, with a bar from the lowest seed to the highest.

    Args:
        sweeps: of the same setting, one or more; each is a line, pale behind the first.
        chosen: sweep and point to mark.
    """
    axis = sweeps[0].config.axes[0]
    bottom, top = _ends(sweeps)
    figure = go.Figure()
    for n, sweep in enumerate(sweeps):
        colour, symbol = SERIES[n % len(SERIES)], SYMBOLS[n % len(SYMBOLS)]
        results = sweep.results
        figure.add_scatter(
            x=[_place(axis, result.point.values[0]) for result in results],
            y=[result.mean for result in results],
            error_y={
                "array": [result.high - result.mean for result in results],
                "arrayminus": [result.mean - result.low for result in results],
                "thickness": 1.5,
                "width": 5,
                "color": colour,
            },
            customdata=[[sweep.job_id, i] for i in range(len(results))],
            **told([hover(sweep, result) for result in results]),
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"color": colour, "symbol": symbol, "size": 9},
            opacity=PALE if n else 1,
            name=sweep.title,
        )
        _mark_lost(figure, sweep, axis, top)
    _mark_chosen(figure, sweeps, axis, chosen)
    unit = sweeps[0].corpus.unit
    figure.update_layout(
        **box(420, (64, 16, 16, 52)),
        showlegend=len(sweeps) > 1,
        legend=LEGEND,
        hovermode="closest",
        xaxis=_scale(axis, sorted_values(sweeps)),
        yaxis=close_axis(f"Validation loss (nats per {unit})", range=[bottom, top]),
        uirevision="-".join(str(sweep.job_id) for sweep in sweeps),
    )
    return figure


def heat_map(sweep: GridSnapshot, chosen: tuple[int, int] | None = None) -> go.Figure:
    """Mean validation loss over two settings: the first from below upwards, the second across."""
    first, second = sweep.config.axes
    n = len(second.values)
    rows = [sweep.results[at : at + n] for at in range(0, len(sweep.results), n)]
    usable = [result.mean for result in sweep.results if result.losses]
    lowest, highest = min(usable, default=0.0), max(usable, default=1.0)
    even = uniform_loss(len(sweep.corpus.vocabulary))
    if lowest < even:  # a cell that learned nothing takes no colours from those that did
        highest = min(highest, even)
    written = len(sweep.results) <= MOST_WRITTEN
    figure = go.Figure(
        go.Heatmap(
            x=list(range(n)),
            y=list(range(len(first.values))),
            z=[[result.mean for result in row] for row in rows],
            text=[[in_cell(result) if written else "" for result in row] for row in rows],
            texttemplate="%{text}",
            hovertext=[[hover(sweep, result) for result in row] for row in rows],
            hovertemplate="%{hovertext}<extra></extra>",
            customdata=[
                [[sweep.job_id, y * n + x] for x in range(n)] for y in range(len(first.values))
            ],
            zmin=lowest,
            zmax=highest if highest > lowest else lowest + 1e-3,
            colorscale="Cividis",
            reversescale=True,
            xgap=2,
            ygap=2,
            hoverongaps=True,
            colorbar={
                "title": {"text": "loss", "font": {"color": TEXT}},
                "tickformat": ".2f",
                "tickfont": {"color": TEXT},
                "thickness": 14,
            },
        )
    )
    for place, result in enumerate(sweep.results):
        if _has_no_loss(result):
            y, x = divmod(place, n)
            figure.add_annotation(
                x=x, y=y, text=in_cell(result), showarrow=False, font={"color": TEXT, "size": 11}
            )
    best = sweep.comparison.best
    if best is not None:
        _outline(figure, divmod(best, n), MARK, "solid")
    if chosen is not None and chosen[0] == sweep.job_id:
        _outline(figure, divmod(chosen[1], n), TEXT, "dot")
    figure.update_layout(
        **box(max(300, 120 + 44 * len(first.values)), (72, 8, 16, 52)),
        xaxis=_named(second) | {"showgrid": False, "range": [-0.5, n - 0.5]},
        yaxis=_named(first) | {"showgrid": False, "range": [-0.5, len(first.values) - 0.5]},
        uirevision=str(sweep.job_id),
    )
    return figure


def in_cell(result: PointResult) -> str:
    """A point's answer in as few letters as a cell has room for."""
    if result.losses:
        return f"{result.mean:.3f}" + ("*" if result.n_diverged else "")
    if result.point.complaint:
        return "✕"
    return "diverged" if result.n_diverged else ""


def hover(sweep: GridSnapshot, result: PointResult) -> str:
    """All that is known of a point, line by line."""
    lines = [*_lines(sweep, result), f"<b>{answer(result)}</b>"]
    if len(result.losses) > 1:
        lines.append("seeds: " + ", ".join(f"{loss:.4f}" for loss in result.losses))
    return "<br>".join(lines)


def place(sweep: GridSnapshot, result: PointResult) -> str:
    """The values of a point, with their settings."""
    return ", ".join(_lines(sweep, result))


def answer(result: PointResult) -> str:
    """What came of a point, in a few words."""
    if result.point.complaint:
        return f"not possible: {result.point.complaint}"
    if not result.n_done:
        return "not trained yet"
    if not result.losses:
        return "diverged: no usable loss"
    words = f"{result.mean:.4f}"
    if len(result.losses) > 1:
        words += f" ({result.low:.4f} to {result.high:.4f} over {len(result.losses)} seeds)"
    if result.n_diverged:
        words += f", {result.n_diverged} diverged"
    return words


def sorted_values(sweeps: Sequence[GridSnapshot]) -> list[Any]:
    """The values of the first setting of all of them, each once; numbers rising."""
    values = list(dict.fromkeys(value for sweep in sweeps for value in sweep.config.axes[0].values))
    return sorted(values) if sweeps[0].config.axes[0].is_number else values


def _lines(sweep: GridSnapshot, result: PointResult) -> list[str]:
    return [
        f"{axis.setting.label} {axis.label(value)}"
        for axis, value in zip(sweep.config.axes, result.point.values, strict=True)
    ]


def _place(axis: Axis, value: Any) -> Any:
    return value if axis.is_number else axis.label(value)


def _scale(axis: Axis, values: Sequence[Any]) -> dict[str, Any]:
    scale = close_axis(axis.setting.label)
    if not axis.is_number:
        return scale | {"type": "category", "categoryarray": [axis.label(v) for v in values]}
    if axis.is_logarithmic and min(values) > 0:
        scale |= {"type": "log"}
        low, high = math.log10(values[0]), math.log10(values[-1])
    else:
        low, high = values[0], values[-1]
    room = 0.05 * (high - low)
    shown = values if len(values) <= 12 else values[:: math.ceil(len(values) / 12)]
    scale |= ticks(shown, [axis.label(value) for value in shown])
    return scale | {"range": [low - room, high + room]}


def _ends(sweeps: Sequence[GridSnapshot]) -> tuple[float, float]:
    """Ends of the scale of losses; what is worse than guessing gets no room, but a mark."""
    spans = [(r.low, r.mean, r.high) for sweep in sweeps for r in sweep.results if r.losses]
    even = uniform_loss(len(sweeps[0].corpus.vocabulary))
    return loss_ends(spans, even, 0.01) if spans else (0.0, 1.0)


def _mark_lost(figure: go.Figure, sweep: GridSnapshot, axis: Axis, top: float) -> None:
    """At the top, a cross for each point without a loss, an arrow for each that lies above."""
    marks = {
        "x": [_has_no_loss(result) for result in sweep.results],
        "triangle-up-open": [result.mean > top for result in sweep.results],
    }
    for symbol, is_marked in marks.items():
        places = [place for place, it in enumerate(is_marked) if it]
        if not places:
            continue
        figure.add_scatter(
            x=[_place(axis, sweep.results[place].point.values[0]) for place in places],
            y=[0.97] * len(places),
            yaxis="y2",
            customdata=[[sweep.job_id, place] for place in places],
            **told([hover(sweep, sweep.results[place]) for place in places]),
            mode="markers",
            marker={"color": MARK, "symbol": symbol, "size": 10},
            showlegend=False,
        )
        figure.update_layout(
            yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}
        )


def _has_no_loss(result: PointResult) -> bool:
    return not result.losses and bool(result.point.complaint or result.n_diverged)


def _mark_chosen(
    figure: go.Figure, sweeps: Sequence[GridSnapshot], axis: Axis, chosen: tuple[int, int] | None
) -> None:
    for sweep in sweeps:
        if chosen is None or chosen[0] != sweep.job_id:
            continue
        result = sweep.results[chosen[1]]
        x = _place(axis, result.point.values[0])
        figure.add_trace(ring(x, result.mean, TEXT, size=17, width=2))


def _outline(figure: go.Figure, at: tuple[int, int], colour: str, dash: str) -> None:
    y, x = at
    figure.add_shape(
        type="rect",
        x0=x - 0.47,
        x1=x + 0.47,
        y0=y - 0.46,
        y1=y + 0.46,
        line={"color": colour, "width": 3, "dash": dash},
    )


def _named(axis: Axis) -> dict[str, Any]:
    """A scale with one place for each value."""
    words = [axis.label(value) for value in axis.values]
    return close_axis(axis.setting.label, fixedrange=True) | ticks(range(len(words)), words)
