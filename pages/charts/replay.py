"""The map of a run on Embeddings: what is marked on it, and how its earlier moments lie there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from core.models.embeddings import Projection, apply
from core.runs import RunRecord
from core.text import Unit
from pages.charts.chart_kit import percent
from pages.charts.chart_labels import Points


@dataclass(frozen=True, eq=False)
class SeenMap:
    """The first tokens of a run in the plane, as the page shows them.

    Attributes:
        run_id: of the run.
        step: at which they lie so; the run may be further by now.
        points: float32 (n, 2).
        projection: puts the tables of earlier moments into the same plane; None where they have no
            place in it.
    """

    run_id: int
    step: int
    points: Points
    projection: Projection | None


class TokenBeyond(TypedDict):
    """A token that is not among the first; what it was earlier isn't kept."""

    token: str
    kind: str
    point: list[float]


class ReplayData(TypedDict):
    """What the view draws beside the moments, which it fetches.

    Attributes:
        run_id: of the run.
        moments: their URL, relative to the app's root; another one where their points differ.
        unit: what a token is.
        titles: of the two axes.
        chosen: which of the tokens to mark; null for none.
        neighbours: which of them to join with it.
        beyond: tokens at the end of the map, behind the first ones.
    """

    run_id: int
    moments: str
    unit: Unit
    titles: list[str]
    chosen: int | None
    neighbours: list[int]
    beyond: list[TokenBeyond]


def replay_data(
    run: RunRecord,
    projection: Projection,
    layout: tuple[int, Points] | None,
    *,
    token: str,
    chosen: int,
    neighbours: Sequence[int],
) -> tuple[SeenMap, ReplayData]:
    """The map as the page shows it, and what its view gets.

    Args:
        run: with its weights as they are now.
        projection: of its first tokens.
        layout: a step and another map of the first tokens then, float32 (n, 2), to show instead.
        token: of the session's moments.
        chosen: id of the token to mark, with lines to its neighbours.
        neighbours: ids of these.
    """
    n_embd, corpus = run.config.model.n_embd, run.corpus
    beyond: dict[int, Points] = {}
    if layout is None:
        seen = SeenMap(run.run_id, run.step, projection.points, projection)
        titles = axis_titles(n_embd, projection.explained)
        rows = [row for row in (chosen, *neighbours) if row >= len(seen.points)]
        points = apply(projection, run.parameters["C"].numpy()[rows])
        beyond = {row: at for row, at in zip(rows, points, strict=True) if np.isfinite(at).all()}
    else:
        seen = SeenMap(run.run_id, *layout, None)
        titles = ["t-SNE: who is near counts, the axes do not", ""]
    places = {row: place for place, row in enumerate([*range(len(seen.points)), *beyond])}
    data: ReplayData = {
        "run_id": run.run_id,
        "moments": f"live/{token}/moments/{run.run_id}?map={seen.step}{'-tsne' if layout else ''}",
        "unit": corpus.unit,
        "titles": titles,
        "chosen": places.get(chosen),
        "neighbours": [places[row] for row in neighbours if row in places],
        "beyond": [
            {
                "token": corpus.vocabulary.labels[row],
                "kind": corpus.kinds[row] if corpus.kinds else "other",
                "point": point.tolist(),
            }
            for row, point in beyond.items()
        ],
    }
    return seen, data


def axis_titles(n_embd: int, explained: tuple[float, float]) -> list[str]:
    """What is on the axes of a projection, with the share of the variance above two dimensions."""
    if n_embd > 2:
        return [
            f"{nth} direction in the principal plane ({percent(share)} of the variance)"
            for nth, share in zip(("1st", "2nd"), explained, strict=True)
        ]
    return ["1st number", "2nd number" if n_embd > 1 else ""]
