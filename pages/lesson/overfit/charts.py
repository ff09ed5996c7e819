"""Data in, Plotly figure out: a fit down to its floor, and what follows a context."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from pages.charts.chart_kit import LEGEND, axis, few, layout, stripes
from pages.charts.palette import MARK, REFERENCE, TRAINING, VALIDATION
from pages.lesson.parts import chapter_axes, figures
from pages.lesson.parts.figures import Level, Line

HEIGHT = 370
MOST_FOLLOWERS = 8  # bars that can be told apart beside the chart


def losses(
    training: Sequence[float],
    validation: Sequence[tuple[int, float]],
    *,
    lowest: float,
    uniform: float,
    printed: Sequence[float] = (),
) -> go.Figure:
    """Training and validation loss by the number of the step, both axes logarithmic.

    Args:
        training: before each step and after the last.
        validation: number of a step and the loss before it.
        lowest: the loss that no model can pass on the training examples.
        uniform: the loss of guessing evenly.
        printed: what the tutorial printed for its first steps; empty where it does not compare.
    """
    steps = _thinned(len(training))
    drawn = [
        Line("training", steps, [training[step - 1] for step in steps], TRAINING),
        Line(
            "validation",
            [step for step, _ in validation],
            [loss for _, loss in validation],
            VALIDATION,
            "dash",
            mode="lines+markers",
        ),
    ]
    if printed:
        first, marker = range(1, len(printed) + 1), {"symbol": "circle-open", "size": 9}
        drawn.append(
            Line("the tutorial’s", first, printed, MARK, width=1, mode="markers", marker=marker)
        )
    levels = [Level(f"guessing evenly {uniform:.3f}", uniform)]
    if lowest > 0:
        levels.append(Level(f"lowest possible {lowest:.4f}", lowest))
    figure = figures.lines(
        drawn,
        x_title="step",
        y_title="loss before the step, nats a character",
        levels=levels,
        is_log_x=True,
        is_log_y=True,
        height=HEIGHT,
    )
    # A level's name goes where the training loss is far from it: the floor's to the left, the
    # other's to the right once the loss has passed it.
    figure.update_annotations(x=0.01, xanchor="left")
    if training[-1] < uniform / 2:
        figure.layout.annotations[0].update(x=0.99, xanchor="right")
    shown = [uniform, *training, *(loss for _, loss in validation), *([lowest] * (lowest > 0))]
    finite = [value for value in shown if 0 < value < math.inf]
    low, high = min(finite) / 1.15, max(finite) * 1.15
    return figure.update_yaxes(
        chapter_axes.log_ticks(low, high) | {"range": [math.log10(low), math.log10(high)]}
    ).update_xaxes(chapter_axes.log_ticks(1, len(training)))


def followers(names: Sequence[str], shares: Sequence[float], given: Sequence[float]) -> go.Figure:
    """What follows a context in the examples, and what the model gives it.

    Args:
        names: of the characters that follow.
        shares: of the examples with this context, by character.
        given: the model's probabilities of the same characters.
    """
    shown = slice(0, MOST_FOLLOWERS)
    labels = [*names[shown], "all else"]
    rest = max(0.0, 1 - sum(shares[shown])), max(0.0, 1 - sum(given[shown]))
    pairs = (
        ("in the examples", [*shares[shown], rest[0]], REFERENCE, ""),
        ("the model", [*given[shown], rest[1]], TRAINING, "/"),
    )
    figure = go.Figure(
        [
            go.Bar(
                name=name,
                x=list(range(len(labels))),
                y=values,
                customdata=labels,
                marker={"color": color, "pattern": stripes(shape)},
                hovertemplate=f"%{{customdata}}, {name}: %{{y:.2%}}<extra></extra>",
            )
            for name, values, color, shape in pairs
        ]
    )
    return figure.update_layout(
        layout(HEIGHT, legend=LEGEND),
        xaxis=axis("next character", automargin=True) | few(labels, len(labels)),
        yaxis=axis("probability", automargin=True, tickformat=".0%", rangemode="tozero"),
    )


def _thinned(count: int) -> list[int]:
    """1 to `count`: each of the first hundred, then about 200 a decade."""
    last, steps = 0, []
    while last < count:
        last = min(count, max(last + 1, int(last * 1.012)))
        steps.append(last)
    return steps
