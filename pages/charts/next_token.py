"""Charts of the next word among thousands: the most probable ones, and two models side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.text import Vocabulary
from pages.charts.chart_kit import TEXT, box, percent, stripes, ticks
from pages.charts.palette import MARK, PALETTE

Probabilities = Sequence[float] | NDArray[np.floating]  # of every token

MOST_BARS = 40  # tokens that a chart can show as bars of their own
N_SHOWN = 20
BAR = 24  # pixels


class Alternatives(NamedTuple):
    """The tokens that a chart names, with their probabilities, and all the others' as one."""

    ids: list[int]
    shares: list[float]
    n_others: int
    others: float


def alternatives(
    probabilities: Probabilities, chosen: int | None = None, most: int = N_SHOWN
) -> Alternatives:
    """The most probable tokens first, and the chosen one whatever its place.

    >>> alternatives([0.25, 0.125, 0.5, 0.125], chosen=3, most=1)
    Alternatives(ids=[2, 3], shares=[0.5, 0.125], n_others=2, others=0.375)

    Args:
        probabilities: of all V tokens; those that are not finite count as 0.
        chosen: id that must be among them.
        most: how many, the chosen one not counted.
    """
    found = finite(probabilities)
    ids = np.argsort(-found, kind="stable")[:most].tolist()
    if chosen is not None and chosen not in ids:
        ids.append(chosen)
    others = found.sum() - found[ids].sum()
    return Alternatives(ids, found[ids].tolist(), len(found) - len(ids), max(0.0, float(others)))


def finite(probabilities: Probabilities) -> NDArray[np.float64]:
    """The same, with 0 for what is not finite, float64 (V,)."""
    values = np.asarray(probabilities, dtype=np.float64)
    return np.where(np.isfinite(values), values, 0.0)


def most_probable(vocabulary: Vocabulary, probabilities: Probabilities, chosen: int) -> go.Figure:
    """Bars of the most probable tokens, the one that came marked, and one bar for all others.

    Args:
        vocabulary: of V tokens.
        probabilities: of each, adding up to 1.
        chosen: id of the one that came.
    """
    found = alternatives(probabilities, chosen)
    names = [vocabulary.labels[index] for index in found.ids]
    shares, is_chosen = list(found.shares), [index == chosen for index in found.ids]
    colors = [MARK if it else PALETTE["training"] for it in is_chosen]
    if found.n_others:
        names.append(f"the other {found.n_others:,}")
        shares.append(found.others)
        is_chosen.append(False)
        colors.append(PALETTE["reference"])
    marker = {"color": colors, "pattern": stripes(["/" if it else "" for it in is_chosen])}
    bars = _bars(names, shares, "Probability", marker)
    return go.Figure(bars, layout=_layout(names, max(shares), BAR))


def compared(names: Sequence[str], shares: dict[str, Sequence[float]]) -> go.Figure:
    """The probabilities of the same tokens by several models, side by side.

    Args:
        names: of the tokens, from the top.
        shares: of each token, by the name of the model.
    """
    colors = [PALETTE["training"], PALETTE["reference"]]
    figure = go.Figure(
        [
            _bars(names, given, name, {"color": color})
            for (name, given), color in zip(shares.items(), colors, strict=True)
        ],
        layout=_layout(names, max(map(max, shares.values())), 2 * BAR),
    )
    return figure.update_layout(
        showlegend=True,
        barmode="group",
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "font": {"color": TEXT}},
        margin_t=40,
    )


def _bars(names: Sequence[str], shares: Sequence[float], name: str, marker: Any) -> go.Bar:
    return go.Bar(
        x=list(shares),
        y=list(range(len(names))),
        name=name,
        customdata=list(names),
        orientation="h",
        marker=marker,
        text=[percent(share) for share in shares],
        textposition="outside",
        textfont={"color": TEXT},
        constraintext="none",
        cliponaxis=False,
        hovertemplate="%{customdata}: %{x:.2%}<extra></extra>",
    )


def _layout(names: Sequence[str], highest: float, row: int) -> dict[str, Any]:
    return {
        **box(row * len(names) + 48, (8, 56, 8, 8)),
        "showlegend": False,
        "bargap": 0.25,
        "xaxis": {"visible": False, "range": [0, max(0.01, highest)], "fixedrange": True},
        "yaxis": {
            "autorange": "reversed",
            **ticks(range(len(names)), names),
            "tickfont": {"color": TEXT, "size": 13},
            "automargin": True,
            "fixedrange": True,
            "showgrid": False,
        },
    }
