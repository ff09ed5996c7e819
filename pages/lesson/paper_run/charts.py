"""Perplexities of the paper and ours, and how ours came down."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.lesson.paper_run.results import PaperRun
from core.lesson.paper_run.table import BEST_COUNTS, PAPER_BASELINES, PAPER_ROWS
from pages.charts.chart_kit import LEGEND, layout
from pages.charts.palette import SERIES, TRAINING, VALIDATION
from pages.lesson.parts.chapter_axes import axis
from pages.lesson.parts.figures import Level, Line, across, lines

HEIGHT = 380  # pixels
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


def tests(run: PaperRun) -> go.Figure:
    """Test perplexity of each network: the paper's as open squares, ours as filled circles."""
    names = [row.name for row in PAPER_ROWS]
    figure = go.Figure(
        [
            _points(
                "the paper", names, [row.test for row in PAPER_ROWS], VALIDATION, "square-open"
            ),
            _points("ours", names, [run.test_of(name) for name in names], TRAINING, "circle"),
        ]
    )
    levels = {
        "Kneser–Ney 5, the paper": (PAPER_BASELINES[BEST_COUNTS], "top left"),
        "Kneser–Ney 5, ours": (run.baselines[BEST_COUNTS].test, "top right"),
    }
    for name, (level, place) in levels.items():
        across(figure, Level(name, level), place, yshift=-2)
    return figure.update_layout(
        layout(HEIGHT, legend=LEGEND),
        xaxis=axis("", showgrid=False),
        yaxis=axis("test perplexity"),
    )


def curves(found: Mapping[str, Sequence[tuple[int, float]]]) -> go.Figure:
    """Validation perplexity over the steps, a line for each network.

    Args:
        found: steps and losses in nats, by the network's name.
    """
    drawn = [
        Line(
            name,
            [step for step, _ in curve],
            [math.exp(loss) for _, loss in curve],
            SERIES[number % len(SERIES)],
            _DASHES[number % len(_DASHES)],
        )
        for number, (name, curve) in enumerate(found.items())
    ]
    return lines(
        drawn, x_title="step", y_title="validation perplexity", is_log_y=True, height=HEIGHT
    )


def _points(
    name: str, names: Sequence[str], values: Sequence[float | None], color: str, symbol: str
) -> go.Scatter:
    return go.Scatter(
        name=name,
        x=list(names),
        y=list(values),
        mode="markers",
        marker={"size": 11, "color": color, "symbol": symbol, "line": {"width": 2}},
        hovertemplate=f"%{{x}}, {name}: %{{y:.0f}}<extra></extra>",
    )
