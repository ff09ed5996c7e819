"""Data in, Plotly figure out: the pictures of the chapter on the paper's idea."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.lesson.idea.sentence import SENTENCE
from core.lesson.idea.sizes import Sizes
from core.text import Vocabulary, kind_of
from pages.charts.chart_kit import GRID, HIDDEN, TEXT, layout, note
from pages.charts.chart_labels import Points, label_places
from pages.charts.palette import CONSONANT, MARK, PALETTE, REFERENCE, SERIES

_MAP_HEIGHT = 270
_WORDS_HEIGHT = 400
_NETWORK_HEIGHT = 350
_WIDEST = 17_000  # units; the widths of both networks are drawn on this one scale
_BAR = 0.5  # of the distance from one layer to the next
# The same as on the live map: a kind is told by its shape as well as by its colour.
_SYMBOLS = {"vowel": "circle", "consonant": "square-open", "boundary": "diamond", "other": "cross"}
# Kinds of words by shape too: filled for what one can touch, open for the rest.
_WORD_KINDS = {
    "animal": (SERIES[0], "circle"),
    "person": (SERIES[1], "square"),
    "place": (SERIES[2], "diamond"),
    "food": (SERIES[3], "triangle-up"),
    "vehicle": (SERIES[4], "triangle-down"),
    "instrument": (SERIES[5], "star"),
    "clothing": (SERIES[6], "hexagon"),
    "furniture": (SERIES[7], "cross"),
    "verb": (SERIES[0], "square-open"),
    "preposition": (SERIES[1], "diamond-open"),
    "determiner": (SERIES[2], "triangle-up-open"),
    "adjective": (SERIES[3], "circle-open"),
}


def word_map(
    points: Points, itos: Sequence[str], kinds: Sequence[str], swapped: Collection[int]
) -> go.Figure:
    """The words of the language where a network puts them, with an arrow for each swap.

    Args:
        points: float32 (V, 2).
        itos: words of the vocabulary, V of them.
        kinds: of each.
        swapped: places in the sentence whose word is swapped.
    """
    figure = go.Figure()
    for kind, (color, symbol) in _WORD_KINDS.items():
        rows = [row for row, of in enumerate(kinds) if of == kind]
        figure.add_scatter(
            x=points[rows, 0].tolist(),
            y=points[rows, 1].tolist(),
            text=[itos[row] for row in rows],
            name=kind,
            mode="markers",
            marker={"size": 8, "color": color, "symbol": symbol, "line": {"color": color}},
            hovertemplate=f"%{{text}} ({kind})<extra></extra>",
        )
    places = {word: points[row].tolist() for row, word in enumerate(itos)}
    named = dict.fromkeys(w.lower() for word in SENTENCE for w in (word.seen, word.partner))
    at = np.array([places[word] for word in named])
    figure.add_scatter(
        x=at[:, 0].tolist(),
        y=at[:, 1].tolist(),
        text=[f"<b>{word}</b>" for word in named],
        mode="text",
        textposition=label_places(at, among=points, letters=max(map(len, named))),
        textfont={"color": TEXT, "size": 14},
        hoverinfo="skip",
        showlegend=False,
    )
    for place in sorted(swapped):
        word = SENTENCE[place]
        (x, y), (ax, ay) = places[word.partner.lower()], places[word.seen.lower()]
        figure.add_annotation(
            x=x, y=y, ax=ax, ay=ay, axref="x", ayref="y", standoff=5, startstandoff=5,
            arrowcolor=MARK, arrowwidth=2.5, arrowhead=2,
        )  # fmt: skip
    legend = {"orientation": "h", "y": -0.02, "yanchor": "top", "font": {"color": TEXT}}
    return _as_map(figure, points, _WORDS_HEIGHT, showlegend=True, legend=legend)


def character_map(points: Points, vocabulary: Vocabulary) -> go.Figure:
    """Characters as points of the plane.

    Args:
        points: float32 (V, 2).
        vocabulary: of V characters.
    """
    kinds = [kind_of(character) for character in vocabulary.itos]
    figure = go.Figure(
        go.Scatter(
            x=points[:, 0].tolist(),
            y=points[:, 1].tolist(),
            text=list(vocabulary.labels),
            mode="markers+text",
            textposition=label_places(points, is_line=not points[:, 1].any()),
            textfont={"color": TEXT},
            marker={
                "size": 7,
                "color": [PALETTE[kind] for kind in kinds],
                "symbol": [_SYMBOLS[kind] for kind in kinds],
            },
            customdata=kinds,
            hovertemplate="%{text} (%{customdata})<extra></extra>",
        )
    )
    return _as_map(figure, points, _MAP_HEIGHT, showlegend=False)


def network(sizes: Sizes, tokens: Sequence[str], token_word: str) -> go.Figure:
    """A network from its context at the foot to its scores at the top.

    The width of a layer rises with the logarithm of its units.

    Args:
        sizes: of the network.
        tokens: an example of a context, T of them.
        token_word: what a token is, in the plural.
    """
    C, W1, b1, W2, b2 = (layer.n_parameters for layer in sizes.layers)
    T, D, V, H = sizes.block_size, sizes.n_embd, sizes.vocab_size, sizes.n_hidden
    inputs = _width(sizes.n_inputs)
    widths = (inputs, inputs, _width(H), _width(V))
    said = (
        "",
        f"x: {T} · {D} = {sizes.n_inputs:,} inputs",
        f"h = tanh(…): {H:,} units",
        f"softmax: {V:,} {token_word}",
    )
    between = (
        f"C: {V:,} · {D} = {C:,}",
        f"W1: {sizes.n_inputs:,} · {H:,} = {W1:,}<br>b1: {b1:,}",
        f"W2: {H:,} · {V:,} = {W2:,}<br>b2: {b2:,}",
    )
    figure = go.Figure()
    for level, (lower, upper) in enumerate(pairwise(widths)):
        figure.add_shape(_funnel(level, lower, upper))
        note(figure, between[level], 0.5, level + 0.5)
    for level, width in enumerate(widths):
        n_boxes = 1 if level else T
        for box in range(n_boxes):
            figure.add_shape(_box(level, width, box, n_boxes))
        if level:
            note(figure, said[level], 0.5, level)
    for place, token in enumerate(tokens):
        note(figure, token, 0.5 + inputs * ((place + 0.5) / T - 0.5), 0)
    return figure.update_layout(
        layout(_NETWORK_HEIGHT, (0, 0, 4, 4)),
        xaxis=HIDDEN | {"range": [0, 1]},
        yaxis=HIDDEN | {"range": [-0.35, 3.35]},
    )


def _width(n_units: int) -> float:
    """Share of the figure's width; 1 unit can still be seen, 17,000 take it all."""
    return min(1.0, 0.15 + 0.85 * math.log(n_units) / math.log(_WIDEST)) * 0.98


def _box(level: int, width: float, box: int, n_boxes: int) -> dict[str, Any]:
    left, each = 0.5 - width / 2, width / n_boxes
    return {
        "type": "rect",
        "x0": left + box * each,
        "x1": left + (box + 1) * each,
        "y0": level - _BAR / 2,
        "y1": level + _BAR / 2,
        "line": {"color": CONSONANT if level else REFERENCE, "width": 1.5},
        "fillcolor": "rgba(0,114,178,0.22)" if level else "rgba(127,135,146,0.15)",
    }


def _funnel(level: int, lower: float, upper: float) -> dict[str, Any]:
    """The connections of two layers as one surface between them."""
    y0, y1 = level + _BAR / 2, level + 1 - _BAR / 2
    corners = [
        (0.5 - lower / 2, y0),
        (0.5 + lower / 2, y0),
        (0.5 + upper / 2, y1),
        (0.5 - upper / 2, y1),
    ]
    path = "M " + " L ".join(f"{x:.4f},{y:.4f}" for x, y in corners) + " Z"
    return {"type": "path", "path": path, "fillcolor": GRID, "line": {"width": 0}}


def _range(values: Points) -> list[float]:
    """From the lowest to the highest, with room for labels."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    room = 0.12 * (high - low) or 1.0
    return [low - room, high + room]


def _as_map(figure: go.Figure, points: Points, height: int, **more: Any) -> go.Figure:
    """Frame the plane of the points, without axes."""
    line = {"color": GRID, "width": 1}
    figure.add_shape(type="rect", xref="paper", yref="paper", x0=0, x1=1, y0=0, y1=1, line=line)
    return figure.update_layout(
        layout(height, (2, 2, 2, 2), **more),
        xaxis={"visible": False, "range": _range(points[:, 0])},
        yaxis={"visible": False, "range": _range(points[:, 1])},
    )
