"""The next word, and what each change costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import plotly.graph_objects as go

from pages.charts.chart_kit import TEXT, layout
from pages.charts.palette import CONSONANT, REFERENCE, VALIDATION
from pages.lesson.parts.chapter_axes import axis
from pages.lesson.parts.figures import Level, across

_LAYOUT = layout(330, (8, 8, 12, 8), showlegend=False, bargap=0.25)


def next_words(
    words: Sequence[str], probabilities: Sequence[float], is_right: Sequence[bool]
) -> go.Figure:
    """The most probable next words, the first at the top; right ones are ticked and filled.

    Args:
        words: most probable first.
        probabilities: of each.
        is_right: whether a word is of the right kind.
    """
    labels = [f"<b>✓ {w}</b>" if it else w for w, it in zip(words, is_right, strict=True)]
    figure = go.Figure(
        go.Bar(
            x=list(probabilities),
            y=list(range(len(words))),
            orientation="h",
            text=[f"{p:.1%}" for p in probabilities],
            textposition="outside",
            textfont={"color": TEXT},
            cliponaxis=False,
            customdata=list(words),
            marker={
                "color": [CONSONANT if it else REFERENCE for it in is_right],
                "pattern": {
                    "shape": ["" if it else "/" for it in is_right],
                    "fgcolor": "#FFFFFF",
                    "fillmode": "overlay",
                    "solidity": 0.25,
                },
            },
            hovertemplate="%{customdata}: %{x:.2%}<extra></extra>",
        )
    )
    ticks = {"tickmode": "array", "tickvals": list(range(len(words))), "ticktext": labels}
    most = max(probabilities, default=1.0)
    return figure.update_layout(
        _LAYOUT,
        xaxis=axis("probability", tickformat=".0%", range=[0, 1.25 * most]),
        yaxis=axis("", autorange="reversed", showgrid=False) | ticks,
    )


def changes(masses: Mapping[str, Collection[float]], level: Level) -> go.Figure:
    """The mass on the right kind under each change, a point for each seed.

    Args:
        masses: by the change's name, in their order; none of it was run where it is empty.
        level: the trigram's, as a line.
    """
    names = list(masses)
    figure = go.Figure(
        go.Scatter(
            x=[place for place, name in enumerate(names) for _ in masses[name]],
            y=[mass for name in names for mass in masses[name]],
            mode="markers",
            marker={"size": 10, "color": VALIDATION, "symbol": "diamond-open"},
            hovertemplate="%{y:.1%}<extra></extra>",
        )
    )
    across(figure, level, yshift=-2)
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names}
    places = {"tickangle": -35, "range": [-0.5, len(names) - 0.5], "showgrid": False}
    return figure.update_layout(
        _LAYOUT,
        xaxis=axis("") | ticks | places,
        yaxis=axis("right kind", tickformat=".0%", range=[0, 1]),
    )
