"""How h is spread, and where the experiments ended."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import torch
from torch import Tensor

from core.lesson.beyond import EXPERIMENTS, Result
from core.lesson.leakage import Leakage
from pages.charts.chart_kit import LEGEND, TEXT, layout
from pages.charts.palette import BOUNDARY, MARK, REFERENCE, SERIES, TRAINING, VALIDATION
from pages.lesson.parts import figures
from pages.lesson.parts.chapter_axes import axis
from pages.lesson.parts.figures import Level, Line

HEIGHT = 300  # pixels
N_BINS = 40


def spread(h: Tensor, limit: float) -> go.Figure:
    """How often h has each value from -1 to 1; beyond the limits it is saturated.

    Args:
        h: outputs of the hidden units, float32 (N, H).
        limit: |h| from which it counts as saturated.
    """
    counts = torch.histc(h, N_BINS, -1.0, 1.0)
    middles = (torch.arange(N_BINS) + 0.5) * 2 / N_BINS - 1
    figure = go.Figure(
        go.Bar(
            x=[round(x, 4) for x in middles.tolist()],
            y=(counts / h.numel()).tolist(),
            marker={"color": TRAINING},
            hovertemplate="h near %{x:.3f}: %{y:.1%}<extra></extra>",
        )
    )
    for x in (-limit, limit):
        figure.add_vline(x=x, line={"color": MARK, "dash": "dash", "width": 1.5})
    return figure.update_layout(
        layout(HEIGHT, bargap=0.05, showlegend=False),
        xaxis=axis("h", range=[-1.02, 1.02]),
        yaxis=axis("share of all h", tickformat=".0%"),
    )


def results(found: Sequence[Result], levels: Sequence[Level]) -> go.Figure:
    """Training and validation loss of each experiment, a row for each, done or not.

    Args:
        found: those that were run.
        levels: known losses, as upright lines with their names.
    """
    names = [experiment.short for experiment in EXPERIMENTS]
    places = [names.index(result.experiment.short) for result in found]
    figure = go.Figure(
        [
            _points("training", [r.train for r in found], places, TRAINING, "circle"),
            _points("validation", [r.val for r in found], places, VALIDATION, "diamond"),
            _points("mixed with counts", *_mixed(found, places), BOUNDARY, "star"),
        ]
    )
    for level in levels:
        figure.add_vline(
            x=level.y,
            line={"color": REFERENCE, "dash": "dot", "width": 1.5},
            annotation={"text": f"{level.name} {level.y:.2f}", "font": {"color": TEXT}},
            annotation_position="top right",
        )
    losses = [loss for r in found for loss in (r.train, r.val, r.mixed) if loss is not None]
    losses += [level.y for level in levels]
    low, high = (min(losses), max(losses)) if losses else (2.0, 2.5)
    room = 0.05 + 0.1 * (high - low)
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names}
    return figure.update_layout(
        layout(280, showlegend=True, legend=LEGEND),
        xaxis=axis("loss (nats); further left is better", range=[low - room, high + 2 * room]),
        # With room for the levels' names.
        yaxis=axis("", range=[len(names) - 0.4, -1.7]) | ticks,
    )


def leakage(found: Sequence[Leakage], share: float) -> go.Figure:
    """The loss on names that training has too, and on new ones, each as wide as there are of them.

    Args:
        found: a step for each model.
        share: of the validation characters that are in names which training has too.
    """
    colours, dashes = (REFERENCE, *SERIES), ("solid", "dash", "dot", "dashdot")
    figure = figures.lines(
        [
            Line(
                one.name,
                [0, share, share, 1],
                [one.known, one.known, one.new, one.new],
                colours[place % len(colours)],
                dashes[place % len(dashes)],
            )
            for place, one in enumerate(found)
        ],
        x_title="share of the validation characters",
        y_title="loss (nats); lower is better",
        height=HEIGHT,
    )
    figure.add_vline(
        x=share,
        line={"color": MARK, "dash": "dot", "width": 1.5},
        # To the right of the line, as the left is narrow, and low, where no new names are.
        annotation={
            "text": "← in training too<br>new →",
            "font": {"color": TEXT},
            "align": "left",
            "xshift": 4,
        },
        annotation_position="bottom right",
    )
    return figure.update_layout(showlegend=True).update_xaxes(tickformat=".0%", range=[0, 1])


def _mixed(found: Sequence[Result], places: Sequence[int]) -> tuple[list[float], list[int]]:
    """Losses and rows of those that were mixed."""
    mixed = [(r.mixed, place) for r, place in zip(found, places, strict=True)]
    pairs = [(loss, place) for loss, place in mixed if loss is not None]
    return [loss for loss, _ in pairs], [place for _, place in pairs]


def _points(
    name: str, losses: Sequence[float], places: Sequence[int], color: str, symbol: str
) -> go.Scatter:
    return go.Scatter(
        name=name,
        x=list(losses),
        y=list(places),
        mode="markers",
        marker={"color": color, "symbol": symbol, "size": 12},
        hovertemplate=f"{name}: %{{x:.4f}}<extra></extra>",
    )
