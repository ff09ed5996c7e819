"""Charts of many kept runs: curves over each other, a point or a line for each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.learning import Evaluation, LossCurve
from pages.charts import chart_kit
from pages.charts.chart_kit import TEXT
from pages.charts.palette import SERIES

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "star", "hexagon")


@dataclass(frozen=True, slots=True)
class Axis:
    """One quantity of runs.

    Attributes:
        label: as a visitor reads it.
        values: of each run; text for what is no number, None where a run has none.
        is_log: whether its scale gives the same room to each doubling.
    """

    label: str
    values: Sequence[float | str | None]
    is_log: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it can be measured."""
        return not any(isinstance(value, str) for value in self.values)


def overlay(
    curves: Mapping[str, LossCurve],
    evaluations: Mapping[str, Sequence[Evaluation]],
    *,
    is_log: bool = True,
    are_steps_log: bool = True,
) -> go.Figure:
    """Training and validation losses over each other, by the runs' titles; exact on hover."""
    figure = go.Figure()
    for number, (title, curve) in enumerate(curves.items()):
        colour = SERIES[number % len(SERIES)]
        figure.add_scatter(
            x=curve.steps + 1,  # a logarithm has no place for 0
            y=curve.mean,
            name=title,
            mode="lines",
            line={"color": colour, "width": 2, "dash": DASHES[number % len(DASHES)]},
            hovertemplate="%{y:.4f}",
        )
        if seen := evaluations.get(title):
            figure.add_scatter(
                x=[each.step + 1 for each in seen],
                y=[each.val_loss for each in seen],
                name=f"{title}, validation",
                mode="lines+markers",
                line={"color": colour, "width": 1},
                marker={"color": colour, "size": 7, "symbol": SYMBOLS[number % len(SYMBOLS)]},
                hovertemplate="%{y:.4f}",
            )
    return _of_steps(figure, is_log=is_log, are_steps_log=are_steps_log)


def _of_steps(figure: go.Figure, *, is_log: bool, are_steps_log: bool) -> go.Figure:
    scale = "log" if is_log else "linear"
    figure.update_layout(
        **chart_kit.box(380, (8, 8, 8, 8)),
        hovermode="x unified",
        legend={"orientation": "h", "y": -0.2, "font": {"color": TEXT}},
        showlegend=True,
        xaxis=chart_kit.axis("step")
        | {"hoverformat": ",.0f", "type": "log" if are_steps_log else "linear", "dtick": None},
        yaxis=chart_kit.axis("loss (nats per token)") | {"type": scale, "dtick": None},
    )
    return figure


def bands(groups: Mapping[str, Sequence[LossCurve]]) -> go.Figure:
    """The mean training loss of each group's runs, and from the lowest of them to the highest."""
    figure = go.Figure()
    for number, (name, curves) in enumerate(groups.items()):
        colour, n = SERIES[number % len(SERIES)], min(len(curve.mean) for curve in curves)
        steps = curves[0].steps[:n] + 1
        losses = np.array([curve.mean[:n] for curve in curves])
        figure.add_scatter(
            x=np.concatenate([steps, steps[::-1]]),
            y=np.concatenate([losses.max(axis=0), losses.min(axis=0)[::-1]]),
            fill="toself",
            fillcolor=colour,
            opacity=0.25,
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_scatter(
            x=steps,
            y=losses.mean(axis=0),
            name=f"{name} ({len(curves)})",
            mode="lines",
            line={"color": colour, "width": 2, "dash": DASHES[number % len(DASHES)]},
            hovertemplate="%{y:.4f}",
        )
    return _of_steps(figure, is_log=True, are_steps_log=True)


def scatter(x: Axis, y: Axis, titles: Sequence[str], groups: Sequence[str]) -> go.Figure:
    """A point for each run; a colour and a mark for each group, such as the data."""
    figure = go.Figure()
    for number, group in enumerate(dict.fromkeys(groups)):
        mine = [i for i, of in enumerate(groups) if of == group]
        figure.add_scattergl(
            x=[x.values[i] for i in mine],
            y=[y.values[i] for i in mine],
            customdata=[titles[i] for i in mine],
            name=group,
            mode="markers",
            marker={
                "color": SERIES[number % len(SERIES)],
                "symbol": SYMBOLS[number % len(SYMBOLS)],
                "size": 8,
                "opacity": 0.85,
                "line": {"width": 1, "color": "rgba(255,255,255,0.5)"},
            },
            hovertemplate=f"<b>%{{customdata}}</b><br>{x.label}: %{{x}}<br>{y.label}: %{{y:.5~g}}",
        )
    figure.update_layout(
        **chart_kit.box(420, (8, 8, 8, 8)),
        legend={"orientation": "h", "y": -0.2, "font": {"color": TEXT}},
        showlegend=len(set(groups)) > 1,
        xaxis=_scaled(x),
        yaxis=_scaled(y),
    )
    return figure


def parallel(axes: Sequence[Axis], result: Axis) -> go.Figure:
    """A line for each run through its settings to its result, whose colour it has."""
    found = [value for value in result.values if isinstance(value, int | float)]
    low, high = (min(found), max(found)) if found else (0.0, 1.0)
    figure = go.Figure(
        go.Parcoords(
            line={
                "color": [
                    value if isinstance(value, int | float) else high for value in result.values
                ],
                "colorscale": "Cividis",
                "reversescale": True,  # low is bright, as in sweeps and searches
                "cmin": low,
                "cmax": high if high > low else low + 1e-9,
                "showscale": False,
            },
            dimensions=[_dimension(axis) for axis in (*axes, result)],
            labelfont={"size": 13},
            tickfont={"size": 12},
            rangefont={"size": 1, "color": "rgba(0,0,0,0)"},
        )
    )
    figure.update_layout(**chart_kit.box(420, (60, 60, 48, 24)))
    return figure


def _dimension(axis: Axis) -> dict[str, Any]:
    if axis.is_number:
        known = [float(value) for value in axis.values if value is not None]
        worst = max(known, default=0.0)
        values = [worst if value is None else float(value) for value in axis.values]
        if not axis.is_log:
            return {"label": axis.label, "values": values}
        ticks = round_ones(min(values), max(values))
        return {
            "label": axis.label,
            "values": [math.log10(value) for value in values],
            "tickvals": [math.log10(tick) for tick in ticks],
            "ticktext": [f"{tick:,g}" for tick in ticks],
        }
    names = sorted({str(value) for value in axis.values})
    return {
        "label": axis.label,
        "values": [names.index(str(value)) for value in axis.values],
        "tickvals": list(range(len(names))),
        "ticktext": names,
        "range": [-0.5, len(names) - 0.5],
    }


def _scaled(axis: Axis) -> dict[str, Any]:
    if not axis.is_number:
        return chart_kit.axis(axis.label) | {"type": "category"}
    if not axis.is_log:
        return chart_kit.axis(axis.label)
    known = [float(value) for value in axis.values if value is not None]
    ticks = round_ones(min(known), max(known))
    as_text = [f"{tick:,g}" for tick in ticks]
    return chart_kit.axis(axis.label) | {"type": "log", "tickvals": ticks, "ticktext": as_text}


def round_ones(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten between two positive numbers, or these two themselves.

    >>> round_ones(20, 400), round_ones(3, 4)
    ([20.0, 50.0, 100.0, 200.0], [3, 4])
    """
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [float(f"{digit}e{exponent}") for exponent in exponents for digit in (1, 2, 5)]
    inside = [value for value in found if low <= value <= high]
    return inside if len(inside) >= 2 else sorted({low, high})
