"""Loss against rate, with the rates that rules read off it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from core.lesson.rate import ShortRun
from core.sweep import Curve, Suggestion
from pages.charts.chart_kit import note
from pages.charts.palette import MARK, REFERENCE, SERIES, TRAINING
from pages.lesson.parts import figures
from pages.lesson.parts.figures import Level, Line

SHORT_RUNS = SERIES[4]
HEIGHT = 350  # pixels; controls and pictures fit on a presenter's screen
ROW_HEIGHT = 0.085  # of the words on upright lines, as a share of the picture's
CHARACTER_WIDTH = 0.02  # about, as a share of the picture's


def sweep(
    ramp: Curve,
    *,
    short_runs: Curve | None,
    rules: Sequence[Suggestion],
    own: ShortRun,
    uniform: float,
    is_exponent: bool,
) -> go.Figure:
    """The ramp's losses and their smoothed line, short runs over it, and rates as upright lines.

    Args:
        ramp: the tutorial's sweep.
        short_runs: the loss at the end of a run for each rate, where they are wanted.
        rules: what each answers; one without an answer has no line.
        own: the run at the rate that the visitor picked.
        uniform: loss of knowing nothing, ln V.
        is_exponent: whether to draw against the exponent of the rate.
    """

    def places(lrs: ArrayLike) -> list[float]:
        rates = np.atleast_1d(np.asarray(lrs, dtype=np.float64))
        return [float(x) for x in (np.log10(rates) if is_exponent else rates)]

    drawn = [
        Line(
            "batches",
            places(ramp.lrs),
            ramp.losses,
            TRAINING,
            mode="markers",
            opacity=0.3,
            marker={"size": 4},
        ),
        Line("smoothed", places(ramp.lrs), ramp.smoothed, TRAINING, width=3),
    ]
    if short_runs is not None:
        drawn.append(
            Line(
                "short runs",
                places(short_runs.lrs),
                short_runs.losses,
                SHORT_RUNS,
                "dot",
                mode="lines+markers",
                marker={"size": 6, "symbol": "circle-open"},
            )
        )
    drawn.append(
        Line(
            f"run at {own.lr:g}",
            places(own.lr),
            [own.end],
            MARK,
            mode="markers",
            marker={"size": 15, "symbol": "diamond"},
        )
    )
    low, high = _range(ramp, short_runs, uniform)
    figure = figures.lines(
        drawn,
        x_title="exponent: the rate is 10 to this power" if is_exponent else "rate",
        y_title="loss (nats)",
        y_range=(low, high),
        height=HEIGHT,
    )
    starts_high = bool(ramp.smoothed[0] > 1.5 * uniform)
    figures.across(
        figure,
        Level(f"ln V = {uniform:.2f}", uniform),
        "bottom left" if starts_high else "top right",
    )
    x = places(own.lr)[0]
    top = own.end if np.isfinite(own.end) else high
    figure.add_shape(
        type="line", x0=x, x1=x, y0=low, y1=min(top, high), line={"color": MARK, "width": 1.5}
    )
    answers = sorted((rule.lr, rule.name) for rule in rules if rule.lr is not None)
    for row, (lr, name) in enumerate(answers):
        _upright(figure, places(lr)[0], f"{name} {lr:.2g}", row, places([1e-3, 1.0]))
    return figure


def losses(run: ShortRun, *, uniform: float) -> go.Figure:
    """The losses of a run that keeps one rate, and their mean."""
    middles, means = run.smoothed()
    finite = run.losses[np.isfinite(run.losses)]
    top = 1.3 * max(uniform, float(finite[0])) if len(finite) else 2 * uniform
    low = 0.9 * min(uniform, float(finite.min())) if len(finite) else 0.0
    return figures.lines(
        [
            Line(
                "batch", range(1, len(run.losses) + 1), run.losses, TRAINING, width=1, opacity=0.45
            ),
            Line("mean", middles, means, MARK, width=3),
        ],
        x_title=f"step, all at a rate of {run.lr:g}",
        y_title="loss (nats)",
        levels=[Level(f"ln V = {uniform:.2f}", uniform)],
        y_range=(low, top),
        height=HEIGHT,
    )


def _upright(figure: go.Figure, x: float, says: str, row: int, ends: list[float]) -> None:
    """A line from the bottom up to its words.

    From left to right each stands a row lower, so that no line crosses the words of another.
    """
    height = 1 - ROW_HEIGHT * row
    line = {"color": REFERENCE, "dash": "dash", "width": 1.5}
    figure.add_shape(type="line", x0=x, x1=x, y0=0, y1=height, yref="paper", line=line)
    reach = (x - ends[0]) / (ends[1] - ends[0]) + CHARACTER_WIDTH * len(says)
    side = "left" if reach < 1.1 else "right"
    note(figure, says, x, height, yref="paper", yanchor="top", xanchor=side)


def _range(ramp: Curve, short_runs: Curve | None, uniform: float) -> tuple[float, float]:
    """From the lowest loss to above the first, with room for words; explosions are cut off."""
    finite = ramp.losses[np.isfinite(ramp.losses)]
    if not len(finite):
        return 0.0, 2 * uniform
    lows = [float(finite.min()), uniform]
    if short_runs is not None and np.isfinite(short_runs.losses).any():
        lows.append(float(np.nanmin(short_runs.losses)))
    start = float(np.nan_to_num(ramp.smoothed[0], nan=uniform))
    low, high = min(lows), 1.12 * max(uniform, start)
    return low - 0.1 * (high - low), high + 0.35 * (high - low)
