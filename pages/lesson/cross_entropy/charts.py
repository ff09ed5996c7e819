"""Pictures of four logits: probabilities in two ways, and where exp leaves float32."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from core.lesson.cross_entropy.ways import FEWER_DIGITS_BELOW, INF_FROM, ZERO_BELOW
from pages.charts.chart_kit import LEGEND, TEXT, axis, few, layout, note, stripes
from pages.charts.palette import CONSONANT, MARK, REFERENCE, VOWEL

FURTHEST = 250.0  # both ends of the line of logits
_SPREAD = 0.66  # of the four logits of one way, as a share of the room between both
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
        figure.add_bar(
            name=name,
            x=list(range(len(values))),
            y=[value if math.isfinite(value) else 0.0 for value in values],
            text=[_short(value) for value in values],
            textposition="outside",
            textfont={"color": TEXT},
            textangle=0,
            constraintext="none",
            cliponaxis=False,
            marker={"color": color, "pattern": stripes(shape) | {"solidity": 0.25}},
            customdata=[f"{value:.5g}" for value in values],
            hovertemplate=f"{name}, %{{x}}: %{{customdata}}<extra></extra>",
        )
    zero = {"zeroline": True, "zerolinecolor": REFERENCE}
    return figure.update_layout(
        layout(height, bargap=0.15, legend=LEGEND),
        xaxis=axis(
            "index of the logit", tickvals=list(range(len(hand))), showgrid=False, fixedrange=True
        ),
        yaxis=axis("probability", range=[0, 1.12], fixedrange=True) | zero,
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
            note(figure, name, (start + end) / 2, 1.0, yref="paper", yanchor="bottom")
    rows = (("by hand", hand, VOWEL, "diamond"), ("torch", library, CONSONANT, "circle"))
    indices = range(len(hand))
    for place, (name, values, color, symbol) in enumerate(reversed(rows)):
        figure.add_scatter(
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
    ends = {"tickvals": [-200, -104, 0, INF_FROM, 200], "tickangle": 0}
    ends["ticktext"] = ["-200", "-104", "0", f"{INF_FROM:.2f}", "200"]
    names = [name for name, *_ in reversed(rows)]
    bare = {"zeroline": False, "fixedrange": True}
    return figure.update_layout(
        layout(height, showlegend=False),
        xaxis=axis("what goes into exp", range=[-FURTHEST, FURTHEST]) | ends | bare,
        yaxis=few(names, len(names)) | {"range": [-0.6, 1.6], "tickfont": {"color": TEXT}} | bare,
    )


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
