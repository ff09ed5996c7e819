"""What every example costs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from pages.charts.chart_kit import TEXT, note
from pages.charts.palette import REFERENCE
from pages.lesson.parts import figures

_STRIPES = {"fillmode": "overlay", "fgcolor": "#FFFFFF", "fgopacity": 0.6}


def costs(
    nll: Sequence[float],
    labels: Sequence[str],
    *,
    marked: int,
    uniform: float,
    height: int = figures.HEIGHT,
) -> go.Figure:
    """What every example costs, with the mean and what giving all the same would cost.

    Args:
        nll: of each example, in nats; what is not finite is left out.
        labels: context and next character of each.
        marked: the example that is looked at.
        uniform: ln V.
        height: of the figure in pixels.
    """
    figure = figures.bars(nll, labels, title="cost, nats", marked=marked, height=height)
    # Paler than the marked one, so that the levels are seen across them.
    opacity = [1.0 if index == marked else 0.6 for index in range(len(nll))]
    figure.update_traces(marker_pattern=_STRIPES, marker_opacity=opacity)
    levels = [("even", uniform, REFERENCE)]
    if all(map(math.isfinite, nll)):
        levels.append(("mean", math.fsum(nll) / len(nll), TEXT))
    for name, level, color in levels:
        figure.add_hline(y=level, line={"color": color, "dash": "dot", "width": 2})
        side = "bottom" if level == max(each for _, each, _ in levels) else "top"
        said = f"{name}<br>{level:.2f}"
        note(figure, said, 1, level, xref="paper", xanchor="left", yanchor=side)
    return figure.update_layout(
        margin_r=60, xaxis={"tickmode": "auto", "tickvals": None, "title": {"text": "row of X"}}
    )
