"""A run's map at every kept moment, as the replay gets it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from core.models.embeddings import Projection, apply
from core.runs import RunRecord
from core.text import Unit
from pages.parts.charts import percent
from pages.parts.charts_labels import Points, label_places

Moments = Sequence[tuple[int, Points]]
Range = list[float]  # low, high


class ReplayData(TypedDict):
    """What the view needs to show any moment, on axes that stand still over all of them.

    Attributes:
        steps: of the M moments, rising.
        points: float32 (M, V, 2), little-endian in base64: a third of its size as text.
        unit: what a token is.
        tokens: of the vocabulary, V of them.
        token_kinds: 'vowel', 'consonant', 'boundary' or 'other' for each token.
        places: where each token's label stands beside its point, as Plotly calls it.
        dimensions: D, numbers per token.
        titles: of the two axes.
        whole: ranges of both axes over all moments.
        close: the same at the last moment.
        chosen: index of the token to mark.
        neighbours: indices of those to join with it.
    """

    steps: list[int]
    points: str
    unit: Unit
    tokens: list[str]
    token_kinds: list[str]
    places: list[str]
    dimensions: int
    titles: list[str]
    whole: list[Range]
    close: list[Range]
    chosen: int
    neighbours: list[int]


def moments(snapshot: RunRecord, projection: Projection) -> list[tuple[int, Points]]:
    """Points of every kept step in the basis of the last one, which stands at the end."""
    past = [table for table in snapshot.table_history if table[0] < snapshot.step]
    return [
        *((step, apply(projection, table)) for step, table in past),
        (snapshot.step, projection.points),
    ]


def replay_data(
    history: Moments,
    tokens: Sequence[str],
    *,
    kinds: Sequence[str] = (),
    unit: Unit = "character",
    n_embd: int,
    explained: tuple[float, float] = (1.0, 0.0),
    chosen: int,
    neighbours: Sequence[int] = (),
) -> ReplayData:
    """Every moment, and the axes that hold them all.

    Args:
        history: steps by rising order, M of them, each with the points of that step, in one and
            the same basis; at least one.
        tokens: of the vocabulary, V of them.
        kinds: of each token, where they are known.
        unit: what a token is.
        n_embd: 1 is drawn as a line, 2 as the table itself, more as two principal components.
        explained: share of the table's variance along each axis, where n_embd is above 2.
        chosen: index of the token to mark, with lines to its neighbours.
        neighbours: indices of these.
    """
    points = np.stack([of for _, of in history]).astype("<f4")
    last = history[-1][1]
    return {
        "steps": [step for step, _ in history],
        "points": b64encode(points.tobytes()).decode("ascii"),
        "unit": unit,
        "tokens": list(tokens),
        "token_kinds": list(kinds) or ["other"] * len(tokens),
        "places": label_places(last, is_line=n_embd == 1),
        "dimensions": n_embd,
        "titles": _titles(n_embd, explained),
        "whole": _ranges(points, n_embd),
        "close": _ranges(last, n_embd),
        "chosen": chosen,
        "neighbours": list(neighbours),
    }


def _titles(n_embd: int, explained: tuple[float, float]) -> list[str]:
    if n_embd > 2:
        return [
            f"{nth} principal component ({percent(share)} of the variance)"
            for nth, share in zip(("1st", "2nd"), explained, strict=True)
        ]
    return ["1st number", "2nd number" if n_embd > 1 else ""]


def _ranges(points: Points, n_embd: int) -> list[Range]:
    """From under the lowest finite value to above the highest, for x and for y."""
    x, y = (_range(points[..., part]) for part in range(2))
    return [x, y if n_embd > 1 else [-1.0, 1.0]]


def _range(values: Points) -> Range:
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    margin = 0.08 * (high - low) or 0.5
    return [low - margin, high + margin]
