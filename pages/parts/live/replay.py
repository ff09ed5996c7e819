"""A run's map at every kept moment, as the replay gets it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.models.embeddings import Projection, apply
from core.runs import RunRecord
from core.text import kind_of
from pages.parts.charts import percent
from pages.parts.charts_labels import Points, label_places

Moments = Sequence[tuple[int, Points]]


def moments(snapshot: RunRecord, projection: Projection) -> list[tuple[int, Points]]:
    """Points of every kept step in the basis of the last one, which stands at the end."""
    past = [table for table in snapshot.table_history if table[0] < snapshot.step]
    return [
        *((step, apply(projection, table)) for step, table in past),
        (snapshot.step, projection.points),
    ]


def replay_data(
    history: Moments,
    characters: Sequence[str],
    *,
    n_embd: int,
    explained: tuple[float, float] = (1.0, 0.0),
    chosen: int,
    neighbours: Sequence[int] = (),
) -> dict[str, Any]:
    """What the view needs to draw any moment, on axes that stand still over all of them.

    Args:
        history: steps by rising order, M of them, each with the points of that step, in one and
            the same basis; at least one.
        characters: of the vocabulary, V of them.
        n_embd: 1 is drawn as a line, 2 as the table itself, more as two principal components.
        explained: share of the table's variance along each axis, where n_embd is above 2.
        chosen: index of the character to mark, with lines to its neighbours.
        neighbours: indices of these.

    Returns:
        `points` is float32 (M, V, 2), little-endian in base64: a third of its size as text.
        `whole` and `close` are the ranges of both axes over all moments and at the last.
    """
    points = np.stack([of for _, of in history]).astype("<f4")
    last = history[-1][1]
    return {
        "steps": [step for step, _ in history],
        "points": b64encode(points.tobytes()).decode("ascii"),
        "characters": list(characters),
        "kinds": [kind_of(character) for character in characters],
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


def _ranges(points: Points, n_embd: int) -> list[list[float]]:
    """From under the lowest finite value to above the highest, for x and for y."""
    x, y = (_range(points[..., part]) for part in range(2))
    return [x, y if n_embd > 1 else [-1.0, 1.0]]


def _range(values: Points) -> list[float]:
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    margin = 0.08 * (high - low) or 0.5
    return [low - margin, high + margin]
