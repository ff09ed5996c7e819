"""Data in, Plotly figure out: the charts that stand still between two actions of the visitor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.embeddings import kind_of
from pages.parts.charts_labels import Points, label_places
from pages.parts.charts_replay import GRID, TEXT, replay_controls
from pages.parts.palette import MARK, PALETTE, REFERENCE

# The same as on the live map: a kind is told by its shape as well as by its colour.
SYMBOLS = {"vowel": "circle", "consonant": "square-open", "boundary": "diamond", "other": "cross"}
_WORDS = {"vowel": "vowels", "consonant": "consonants", "boundary": "boundary", "other": "other"}


CONFIG = {"displayModeBar": False, "displaylogo": False}


def embedding_map(
    history: Sequence[tuple[int, Points]],
    characters: Sequence[str],
    *,
    n_embd: int,
    explained: tuple[float, float] = (1.0, 0.0),
    chosen: int | None = None,
    neighbours: Sequence[int] = (),
) -> go.Figure:
    """The characters as points of the plane, with a slider and play over the steps of a run.

    The figure shows the last moment; its frames hold all of them, on axes that fit every frame.

    Args:
        history: steps by rising order, each with the points of that step, in one and the same
            basis; at least one.
        characters: of the vocabulary, V of them.
        n_embd: 1 draws a line, 2 the table itself, more the first two principal components.
        explained: share of the table's variance along each axis, where n_embd is above 2.
        chosen: index of a character to mark, with lines to its neighbours.
        neighbours: indices of these.
    """
    points = history[-1][1]
    x, y = _axes(history, n_embd, explained)
    figure: dict[str, Any] = {
        "data": _map_traces(points, characters, n_embd, chosen, neighbours),
        "layout": {
            "height": 552,
            "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
            "font": {"color": TEXT},
            "xaxis": x,
            "yaxis": y,
            "legend": {
                "orientation": "h",
                "x": 0,
                "y": 1.0,
                "yanchor": "bottom",
                "font": {"color": TEXT},
            },
        },
    }
    if len(history) > 1:
        groups = _groups(characters, chosen, neighbours)
        figure["frames"] = [
            {"name": str(step), "data": [_coordinates(of, group) for group in groups]}
            for step, of in history
        ]
        ranges = [
            (_range(history[-1:], part), _range(history, part)) for part in range(min(n_embd, 2))
        ]
        figure["layout"] |= replay_controls([step for step, _ in history], ranges)
        figure["layout"]["margin"]["b"] = 158
    return go.Figure(figure)


def next_character(
    characters: Sequence[str], probabilities: Sequence[float] | Points, chosen: int
) -> go.Figure:
    """The probability of every character as the next one, with the one that came marked.

    Args:
        characters: of the vocabulary, V of them.
        probabilities: of each, adding up to 1.
        chosen: index of the one that came.
    """
    shares = [float(p) if math.isfinite(p) else 0.0 for p in probabilities]
    is_chosen = [index == chosen for index in range(len(characters))]
    bars = go.Bar(
        x=list(range(len(characters))),
        y=shares,
        customdata=list(characters),
        marker={
            "color": [MARK if it else PALETTE["training"] for it in is_chosen],
            "pattern": {
                "shape": ["/" if it else "" for it in is_chosen],
                "fillmode": "overlay",
                "fgcolor": "#FFFFFF",
                "fgopacity": 0.6,
                "solidity": 0.2,
            },
        },
        text=[_percent(p) if it else "" for it, p in zip(is_chosen, shares, strict=True)],
        textposition="outside",
        textfont={"size": 14, "color": TEXT},
        constraintext="none",
        cliponaxis=False,
        hovertemplate="%{customdata}: %{y:.2%}<extra></extra>",
    )
    every = 1 if len(characters) <= 60 else math.ceil(len(characters) / 60)
    places = list(range(0, len(characters), every))
    return go.Figure(
        bars,
        layout={
            "height": 300,
            "margin": {"l": 8, "r": 8, "t": 24, "b": 8},
            "showlegend": False,
            "bargap": 0.2,
            "xaxis": _axis("next character ( . ends the name)")
            | {
                "tickmode": "array",
                "tickvals": places,
                "ticktext": [characters[i] for i in places],
                "tickangle": 0,
                "fixedrange": True,
                "showgrid": False,
            },
            "yaxis": _axis("probability")
            | {
                "tickformat": ".0%",
                "range": [0, max(0.01, 1.12 * max(shares))],
                "fixedrange": True,
            },
        },
    )


def _map_traces(
    points: Points,
    characters: Sequence[str],
    n_embd: int,
    chosen: int | None,
    neighbours: Sequence[int],
) -> list[dict[str, Any]]:
    places = label_places(points, is_line=n_embd == 1)
    traces: list[dict[str, Any]] = []
    if chosen is not None:
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": f"{characters[chosen]} and its nearest",
                "line": {"color": MARK, "width": 1, "dash": "dot"},
                "marker": {
                    "symbol": "circle-open",
                    "size": [22, *[18, 22] * len(neighbours)],
                    "color": MARK,
                    "line": {"width": [3, *[1.5, 3] * len(neighbours)]},
                },
                "hoverinfo": "skip",
            }
            | _coordinates(points, _star(chosen, neighbours))
        )
    for kind, of in _by_kind(characters).items():
        traces.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "name": _WORDS[kind],
                "text": [characters[i] for i in of],
                "textposition": [places[i] for i in of],
                "textfont": {"size": 15, "color": TEXT},
                "marker": {
                    "symbol": SYMBOLS[kind],
                    "size": 9,
                    "color": PALETTE[kind],
                    "line": {"width": 1.5, "color": PALETTE[kind]},
                },
                "hovertemplate": f"%{{text}} ({kind})<br>%{{x:.3f}}"
                + (", %{y:.3f}" if n_embd > 1 else "")
                + "<extra></extra>",
            }
            | _coordinates(points, of)
        )
    return traces


def _by_kind(characters: Sequence[str]) -> dict[str, list[int]]:
    kinds = [kind_of(character) for character in characters]
    return {
        kind: [i for i, k in enumerate(kinds) if k == kind] for kind in SYMBOLS if kind in kinds
    }


def _groups(
    characters: Sequence[str], chosen: int | None, neighbours: Sequence[int]
) -> list[list[int]]:
    """Rows of the table that each trace of the map holds, in the order of the traces."""
    star = [] if chosen is None else [_star(chosen, neighbours)]
    return [*star, *_by_kind(characters).values()]


def _star(chosen: int, neighbours: Sequence[int]) -> list[int]:
    """A path from the chosen one to each neighbour and back."""
    return [chosen, *(index for neighbour in neighbours for index in (neighbour, chosen))]


def _coordinates(points: Points, rows: Sequence[int]) -> dict[str, Any]:
    return {part: [_short(v) for v in points[rows, i].tolist()] for i, part in enumerate("xy")}


def _short(value: float) -> float | None:
    """Four digits are finer than a pixel, and keep 128 frames small."""
    return float(f"{value:.4g}") if math.isfinite(value) else None


def _axes(
    history: Sequence[tuple[int, Points]], n_embd: int, explained: tuple[float, float]
) -> tuple[dict[str, Any], dict[str, Any]]:
    names = ["1st number", "2nd number"]
    if n_embd > 2:
        names = [
            f"{nth} principal component ({_percent(share)} of the variance)"
            for nth, share in zip(("1st", "2nd"), explained, strict=True)
        ]
    x, y = (
        _axis(name) | {"range": _range(history, part), "zeroline": True, "zerolinecolor": REFERENCE}
        for part, name in enumerate(names)
    )
    if n_embd == 1:
        y |= {"range": [-1, 1], "fixedrange": True, "showgrid": False, "showticklabels": False}
        y["title"] = {"text": ""}
    return x, y


def _axis(title: str) -> dict[str, Any]:
    return {
        "title": {"text": title, "font": {"color": TEXT}},
        "tickfont": {"color": TEXT},
        "gridcolor": GRID,
    }


def _range(history: Sequence[tuple[int, Points]], part: int) -> list[float]:
    values = np.concatenate([points[:, part] for _, points in history])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    margin = 0.08 * (high - low) or 0.5
    return [low - margin, high + margin]


def _percent(share: float) -> str:
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"
