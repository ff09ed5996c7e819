"""Data in, Plotly figure out: the charts that stand still between two actions of the visitor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypedDict

import plotly.graph_objects as go

from core.text import Vocabulary
from pages.charts.chart_labels import Points
from pages.charts.palette import MARK, PALETTE

# Streamlit puts its theme's strong text colour in the place of this one, in light and in dark.
TEXT = "#000037"
GRID = "rgba(127,135,146,0.25)"  # seen on light and on dark

CONFIG = {"displayModeBar": False, "displaylogo": False}


class Figure(TypedDict):
    """A picture, as Plotly has it."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]


def next_token(
    vocabulary: Vocabulary, probabilities: Sequence[float] | Points, chosen: int
) -> go.Figure:
    """The probability of every token as the next one, with the one that came marked.

    Args:
        vocabulary: of V tokens.
        probabilities: of each, adding up to 1.
        chosen: index of the one that came.
    """
    itos = vocabulary.itos
    title = f"next {vocabulary.unit} ( {itos[0]} ends the {vocabulary.document})"
    shares = [float(p) if math.isfinite(p) else 0.0 for p in probabilities]
    is_chosen = [index == chosen for index in range(len(itos))]
    bars = go.Bar(
        x=list(range(len(itos))),
        y=shares,
        customdata=list(itos),
        marker=striped(is_chosen),
        text=[percent(p) if it else "" for it, p in zip(is_chosen, shares, strict=True)],
        textposition="outside",
        textfont={"size": 14, "color": TEXT},
        constraintext="none",
        cliponaxis=False,
        hovertemplate="%{customdata}: %{y:.2%}<extra></extra>",
    )
    every = 1 if len(itos) <= 60 else math.ceil(len(itos) / 60)
    places = list(range(0, len(itos), every))
    return go.Figure(
        bars,
        layout={
            **box(300, left=8, right=8, top=24, bottom=8),
            "showlegend": False,
            "bargap": 0.2,
            "xaxis": axis(title, tickangle=0, fixedrange=True, showgrid=False)
            | ticks(places, [itos[i] for i in places]),
            "yaxis": axis(
                "probability",
                tickformat=".0%",
                range=[0, max(0.01, 1.12 * max(shares))],
                fixedrange=True,
            ),
        },
    )


def axis(title: str, **more: Any) -> dict[str, Any]:
    """A scale with this title, and with what else Plotly is to know of it."""
    of_title = {"text": title, "font": {"color": TEXT}}
    return {"title": of_title, "tickfont": {"color": TEXT}, "gridcolor": GRID, **more}


def close_axis(title: str, **more: Any) -> dict[str, Any]:
    """A scale whose title is near its labels, without a line at zero."""
    found = axis(title, zeroline=False, **more)
    found["title"]["standoff"] = 8
    return found


def ticks(places: Sequence[Any], words: Sequence[str]) -> dict[str, Any]:
    """These words at these places of a scale, and no others."""
    return {"tickmode": "array", "tickvals": list(places), "ticktext": list(words)}


def box(height: float, *, left: int, right: int, top: int, bottom: int) -> dict[str, Any]:
    """The size of a figure and its margins, in pixels."""
    return {"height": height, "margin": {"l": left, "r": right, "t": top, "b": bottom}}


def striped(is_marked: Sequence[bool]) -> dict[str, Any]:
    """The look of bars of which the marked ones have stripes and a colour of their own."""
    return {
        "color": [MARK if it else PALETTE["training"] for it in is_marked],
        "pattern": {
            "shape": ["/" if it else "" for it in is_marked],
            "fillmode": "overlay",
            "fgcolor": "#FFFFFF",
            "fgopacity": 0.6,
            "solidity": 0.2,
        },
    }


def told(texts: Sequence[str]) -> dict[str, Any]:
    """What the hover says of each point."""
    return {"text": list(texts), "hovertemplate": "%{text}<extra></extra>"}


def ring(x: Any, y: float, colour: str, *, size: float, width: float) -> dict[str, Any]:
    """A ring around a point, as a trace."""
    line = {"color": colour, "width": width}
    return {
        "type": "scatter",
        "x": [x],
        "y": [y],
        "mode": "markers",
        "marker": {"color": "rgba(0,0,0,0)", "size": size, "line": line},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def loss_ends(
    spans: Sequence[tuple[float, float, float]], even: float, least: float
) -> tuple[float, float]:
    """Ends of a scale of losses; those that are worse than guessing get no room.

    Args:
        spans: lowest, mean and highest loss of each point, one or more.
        even: the loss of guessing.
        least: difference for which there's always room.
    """
    low, highest = min(low for low, _, _ in spans), max(high for _, _, high in spans)
    high = max((high for _, mean, high in spans if mean < even), default=highest)
    room = 0.08 * max(high - low, least)
    return low - room, high + 1.5 * room


def percent(share: float) -> str:
    """A share, with a digit more where it is small."""
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"
