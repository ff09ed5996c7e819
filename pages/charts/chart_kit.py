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
MOST_IN_A_ROW = 30  # labels below a chart on a phone

CONFIG = {"displayModeBar": False, "displaylogo": False}
LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}  # above the picture
HIDDEN: dict[str, Any] = {"visible": False, "fixedrange": True}  # an axis of a drawing


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
    labels = vocabulary.labels
    title = f"next {vocabulary.unit} ( {labels[0]} ends the {vocabulary.document})"
    shares = [float(p) if math.isfinite(p) else 0.0 for p in probabilities]
    is_chosen = [index == chosen for index in range(len(labels))]
    bars = go.Bar(
        x=list(range(len(labels))),
        y=shares,
        customdata=list(labels),
        marker={
            "color": [MARK if it else PALETTE["training"] for it in is_chosen],
            "pattern": stripes(["/" if it else "" for it in is_chosen]),
        },
        text=[percent(p) if it else "" for it, p in zip(is_chosen, shares, strict=True)],
        textposition="outside",
        textfont={"size": 14, "color": TEXT},
        constraintext="none",
        cliponaxis=False,
        hovertemplate="%{customdata}: %{y:.2%}<extra></extra>",
    )
    return go.Figure(
        bars,
        layout={
            **box(300, (8, 8, 24, 8)),
            "showlegend": False,
            "bargap": 0.2,
            "xaxis": axis(title, fixedrange=True) | below(labels, 60),
            "yaxis": axis(
                "probability",
                tickformat=".0%",
                range=[0, max(0.01, 1.12 * max(shares))],
                fixedrange=True,
            ),
        },
    )


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with this title, in the page's colours; `more` are Plotly's own settings."""
    return {
        "title": {"text": title, "font": {"color": TEXT}},
        "tickfont": {"color": TEXT},
        "gridcolor": GRID,
    } | more


def few(labels: Sequence[str], most: int) -> dict[str, Any]:
    """Plotly's settings for an axis of cells with at most this many of their labels."""
    every = max(1, math.ceil(len(labels) / most))
    places = list(range(0, len(labels), every))
    return {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": [labels[place] for place in places],
        "tickangle": 0,
        "showgrid": False,
    }


def below(labels: Sequence[str], most: int) -> dict[str, Any]:
    """The same for an axis below a chart: in two rows where one would be too narrow on a phone."""
    found = few(labels, most)
    texts = found["ticktext"]
    if len(texts) > MOST_IN_A_ROW:
        found["ticktext"] = [f"<br>{text}" if at % 2 else text for at, text in enumerate(texts)]
    return found


def layout(
    height: int, margin: tuple[int, int, int, int] = (8, 8, 28, 8), **more: Any
) -> dict[str, Any]:
    """A figure's height in pixels, its margins and its font.

    Args:
        height: of the figure.
        margin: left, right, top and bottom.
        more: Plotly's own settings.
    """
    return box(height, margin) | {"font": {"color": TEXT, "size": 13}} | more


def note(figure: go.Figure, text: str, x: float, y: float, **more: Any) -> None:
    """Write on a figure, without an arrow; `more` are Plotly's own settings."""
    figure.add_annotation(x=x, y=y, text=text, showarrow=False, font={"color": TEXT}, **more)


def stripes(shape: str | Sequence[str]) -> dict[str, Any]:
    """White stripes on bars: `/` where there are some, or nothing; one for each bar or for all."""
    looks = {"fillmode": "overlay", "fgcolor": "#FFFFFF", "fgopacity": 0.6, "solidity": 0.2}
    return {"shape": shape} | looks


def percent(share: float) -> str:
    """A share, with a digit more where it is small."""
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"


def close_axis(title: str, **more: Any) -> dict[str, Any]:
    """A scale whose title is near its labels, without a line at zero."""
    found = axis(title, zeroline=False, **more)
    found["title"]["standoff"] = 8
    return found


def ticks(places: Sequence[Any], words: Sequence[str]) -> dict[str, Any]:
    """These words at these places of a scale, and no others."""
    return {"tickmode": "array", "tickvals": list(places), "ticktext": list(words)}


def box(height: int, margin: tuple[int, int, int, int]) -> dict[str, Any]:
    """A figure's height and its margins, left, right, top and bottom, in pixels."""
    return {"height": height, "margin": dict(zip("lrtb", margin, strict=True))}


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
