"""A run's map at every kept moment, as the replay gets it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from core.models.embeddings import MAP_TOKENS, Projection, Table, apply
from core.runs import RunRecord
from core.text import Unit
from pages.parts.charts import percent
from pages.parts.charts_labels import Points

Moments = Sequence[tuple[int, Points]]
Range = list[float]  # low, high

MOST_BYTES = 512 * 1024  # of all moments: 32 of them for 2,000 tokens, all 128 for 512 or fewer


class ReplayData(TypedDict):
    """What the view needs to show any moment, on axes that stand still over all of them.

    Attributes:
        steps: of the M moments, rising.
        points: float32 (M, n, 2), little-endian in base64: a third of its size as text.
        unit: what a token is.
        tokens: those on the map, n of them.
        token_kinds: of each, as 'vowel' or 'noun'; 'other' where it is not known.
        dimensions: D, numbers per token.
        titles: of the two axes.
        whole: ranges of both axes over all moments.
        close: the same at the last moment.
        chosen: which of the tokens to mark; null for none.
        neighbours: which of them to join with it.
    """

    steps: list[int]
    points: str
    unit: Unit
    tokens: list[str]
    token_kinds: list[str]
    dimensions: int
    titles: list[str]
    whole: list[Range]
    close: list[Range]
    chosen: int | None
    neighbours: list[int]


def rows_on_map(n_tokens: int, marked: Sequence[int] = ()) -> list[int]:
    """Indices of the tokens that a map shows: the first ones, and those that are marked.

    >>> rows_on_map(3, marked=[2]), rows_on_map(5_000, marked=[4_321])[1_998:]
    ([0, 1, 2], [1998, 1999, 4321])
    """
    first = min(n_tokens, MAP_TOKENS)
    return [*range(first), *sorted({index for index in marked if index >= first})]


def moments(
    snapshot: RunRecord, projection: Projection, rows: Sequence[int]
) -> list[tuple[int, Points]]:
    """Points of some tokens at every kept step in the basis of the last one, which is at the end.

    A kept table may hold the first tokens only: the others come with the last moment.

    Args:
        snapshot: the run.
        projection: of its table as it is now.
        rows: indices of the tokens.
    """
    past = [moment for moment in snapshot.moments if moment.step < snapshot.step]
    past = past[:: _every(len(past) + 1, len(rows))]
    kept = [(moment.step, apply(projection, _rows_of(moment.C, rows))) for moment in past]
    now = snapshot.parameters["C"].numpy()[list(rows)]
    return [*kept, (snapshot.step, apply(projection, now))]


def replay_data(
    history: Moments,
    tokens: Sequence[str],
    *,
    kinds: Sequence[str] = (),
    unit: Unit = "character",
    n_embd: int,
    titles: Sequence[str],
    chosen: int | None,
    neighbours: Sequence[int] = (),
) -> ReplayData:
    """Every moment, and the axes that hold them all.

    Args:
        history: steps by rising order, M of them, each with the points of that step, in one and
            the same basis; at least one.
        tokens: those on the map, n of them, the most important ones first.
        kinds: of each of them, where they are known.
        unit: what a token is.
        n_embd: 1 is drawn as a line.
        titles: of the two axes.
        chosen: which of the tokens to mark, with lines to its neighbours.
        neighbours: which of them these are.
    """
    points = np.stack([of for _, of in history]).astype("<f4")
    return {
        "steps": [step for step, _ in history],
        "points": b64encode(points.tobytes()).decode("ascii"),
        "unit": unit,
        "tokens": list(tokens),
        "token_kinds": list(kinds) or ["other"] * len(tokens),
        "dimensions": n_embd,
        "titles": list(titles),
        "whole": _ranges(points, n_embd),
        "close": _ranges(history[-1][1], n_embd),
        "chosen": chosen,
        "neighbours": list(neighbours),
    }


def axis_titles(n_embd: int, explained: tuple[float, float]) -> list[str]:
    """What is on the axes of a projection, with the share of the variance above two dimensions."""
    if n_embd > 2:
        return [
            f"{nth} principal component ({percent(share)} of the variance)"
            for nth, share in zip(("1st", "2nd"), explained, strict=True)
        ]
    return ["1st number", "2nd number" if n_embd > 1 else ""]


def _every(n_moments: int, n_tokens: int) -> int:
    """Of how many moments one is sent, so that all weigh `MOST_BYTES` at most."""
    most = max(2, MOST_BYTES // (8 * max(1, n_tokens)))
    return -(-n_moments // most)


def _rows_of(table: Table, rows: Sequence[int]) -> Points:
    """Rows of a table that may end before some of them; those are not finite."""
    kept = np.asarray(table, dtype=np.float32)
    wanted = np.asarray(rows, dtype=np.int64)
    found = np.full((len(wanted), kept.shape[1]), np.nan, dtype=np.float32)
    is_kept = wanted < len(kept)
    found[is_kept] = kept[wanted[is_kept]]
    return found


def _ranges(points: Points, n_embd: int) -> list[Range]:
    """From under the lowest finite value to above the highest, for x and for y."""
    x, y = (_range(points[..., part]) for part in range(2))
    return [x, y if n_embd > 1 else [-1.0, 1.0]]


def _range(values: Points) -> Range:
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    margin = 0.08 * (high - low) or 0.5
    return [low - margin, high + margin]
