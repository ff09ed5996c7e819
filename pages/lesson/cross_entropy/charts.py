"""Pictures of four logits: probabilities in two ways, and where exp leaves float32."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from core.lesson.cross_entropy.ways import FEWER_DIGITS_BELOW, INF_FROM, ZERO_BELOW
from pages.charts.chart_kit import GRID, TEXT
from pages.charts.palette import CONSONANT, MARK, REFERENCE, VOWEL

FURTHEST = 250.0  # both ends of the line of logits
_SPREAD = 0.66  # of the four logits of one way, as a share of the room between both
_STRIPES = {"fillmode": "overlay", "fgcolor": "#FFFFFF", "fgopacity": 0.6, "solidity": 0.25}
_BANDS = (
    (-FURTHEST, ZERO_BELOW, REFERENCE, "exp is 0"),
    (ZERO_BELOW, FEWER_DIGITS_BELOW, VOWEL, ""),
    (FEWER_DIGITS_BELOW, INF_FROM, CONSONANT, "exp fits"),
    (INF_FROM, FURTHEST, MARK, "exp is inf"),
)


def beside(hand: Sequence[float], library: Sequence[float], height: int) -> go.Figure:
    """The probabilities in both ways, each written on its bar; nan is a gap with its name.

    Args:
        hand: counts over their sum.
        library: of torch.softmax.
        height: of the figure in pixels.
    """
    figure = go.Figure()
    for name, values, color, shape in (
        ("by hand", hand, VOWEL, "/"),
        ("torch.softmax", library, CONSONANT, ""),
    ):
        figure.add_trace(
            go.Bar(
                name=name,
                x=list(range(len(values))),
                y=[value if math.isfinite(value) else 0.0 for value in values],
                text=[_short(value) for value in values],
                textposition="outside",
                textfont={"color": TEXT},
                textangle=0,
                constraintext="none",
                cliponaxis=False,
                marker={"color": color, "pattern": {"shape": shape} | _STRIPES},
                customdata=[f"{value:.5g}" for value in values],
                hovertemplate=f"{name}, %{{x}}: %{{customdata}}<extra></extra>",
            )
        )
    return figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        font={"color": TEXT, "size": 13},
        bargap=0.15,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis={
            "title": _title("index of the logit"),
            "tickfont": {"color": TEXT},
            "tickvals": list(range(len(hand))),
            "showgrid": False,
            "fixedrange": True,
        },
        yaxis={
            "title": _title("probability"),
            "tickfont": {"color": TEXT},
            "range": [0, 1.12],
            "gridcolor": GRID,
            "zeroline": True,
            "zerolinecolor": REFERENCE,
            "fixedrange": True,
        },
    )


def line_of_logits(hand: Sequence[float], library: Sequence[float], height: int) -> go.Figure:
    """What goes into exp in both ways, on a line that shows where float32 ends.

    Args:
        hand: the logits as they are.
        library: the same less the largest.
        height: of the figure in pixels.
    """
    figure = go.Figure()
    for start, end, color, name in _BANDS:
        figure.add_vrect(x0=start, x1=end, fillcolor=color, opacity=0.16, line_width=0)
        if name:
            figure.add_annotation(
                x=(start + end) / 2,
                y=1.0,
                yref="paper",
                yanchor="bottom",
                text=name,
                showarrow=False,
                font={"color": TEXT},
            )
    rows = (("by hand", hand, VOWEL, "diamond"), ("torch", library, CONSONANT, "circle"))
    indices = range(len(hand))
    for place, (name, values, color, symbol) in enumerate(reversed(rows)):
        figure.add_trace(
            go.Scatter(
                name=name,
                x=list(values),
                # One below the other, so that the numbers of near logits can be read.
                y=[place - _SPREAD * (index / (len(values) - 1) - 0.5) for index in indices],
                mode="markers+text",
                text=[str(index) for index in indices],
                textposition="middle right",
                textfont={"color": TEXT},
                marker={"color": color, "symbol": symbol, "size": 11},
                cliponaxis=False,
                hovertemplate=f"{name}, %{{text}}: exp(%{{x:.4g}})<extra></extra>",
            )
        )
    return figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        font={"color": TEXT, "size": 13},
        showlegend=False,
        xaxis={
            "title": _title("what goes into exp"),
            "tickfont": {"color": TEXT},
            "range": [-FURTHEST, FURTHEST],
            "tickvals": [-200, -104, 0, INF_FROM, 200],
            "ticktext": ["-200", "-104", "0", f"{INF_FROM:.2f}", "200"],
            "tickangle": 0,
            "gridcolor": GRID,
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis={
            "tickvals": list(range(len(rows))),
            "ticktext": [name for name, *_ in reversed(rows)],
            "tickfont": {"color": TEXT},
            "range": [-0.6, 1.6],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
    )


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "font": {"color": TEXT}}


def _short(value: float) -> str:
    """Four characters or so, which fit on a bar; the table beside has the digits."""
    if not math.isfinite(value):
        return f"<b>{value}</b>"
    if value == 0:
        return "0"
    if value >= 0.01:
        return f"{value:.2f}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"
