"""Data in, Plotly figure out: noise of the gradient and time of a step, against batch size."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.lesson.minibatches.gradient_noise import Noise
from pages.charts.chart_kit import TEXT, layout, note
from pages.charts.palette import BOUNDARY, MARK, REFERENCE, TRAINING
from pages.lesson.parts.chapter_axes import axis
from pages.lesson.parts.figures import HEIGHT, band

_SIZES = {"1": 1, "10": 10, "100": 100, "1k": 1_000, "10k": 10_000, "100k": 100_000}


def noise_and_time(
    noises: Sequence[Noise],
    seconds: Sequence[float],
    *,
    chosen: int,
    n_all: int,
    seconds_of_all: float,
    height: int = HEIGHT,
) -> go.Figure:
    """Two curves over one axis of batch sizes, with the chosen size marked on both.

    Args:
        noises: of the sizes, rising; the chosen one is among them.
        seconds: of a step at each of these sizes.
        chosen: batch size.
        n_all: examples in all.
        seconds_of_all: of a step with all of them.
        height: of the figure in pixels.
    """
    sizes = [noise.batch_size for noise in noises]
    medians = [_finite(noise.median) for noise in noises]
    milliseconds = [1e3 * value for value in seconds]
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    angles = [max(noise.angles) for noise in noises], [min(noise.angles) for noise in noises]
    band(figure, 1, sizes, *([_finite(angle) for angle in edge] for edge in angles))
    figure.add_trace(_curve(sizes, medians, TRAINING, "%{y:.1f}° at %{x:,} examples"), 1, 1)
    figure.add_trace(
        _curve(
            [*sizes, n_all], [*milliseconds, 1e3 * seconds_of_all], BOUNDARY,
            "%{y:.3g} ms at %{x:,} examples", dash="dash",
        ), 2, 1,
    )  # fmt: skip
    place = sizes.index(chosen)
    angle = medians[place]
    if angle is not None:
        _mark(figure, 1, chosen, angle, f"{angle:.2g}°", "top right")
    side = "top right" if chosen < 16 else "top left"  # where the curve leaves room
    _mark(figure, 2, chosen, milliseconds[place], in_words(seconds[place]), side)
    note(
        figure, f"all: {in_words(seconds_of_all)}", math.log10(n_all),
        math.log10(1e3 * seconds_of_all), xref="x2", yref="y2", xanchor="right", xshift=-8,
    )  # fmt: skip
    sizes_axis = axis("batch size B, examples a step", type="log")
    return figure.update_layout(
        layout(height, (8, 8, 12, 8), showlegend=False),
        xaxis=axis("", type="log"),
        xaxis2=sizes_axis | {"tickvals": list(_SIZES.values()), "ticktext": list(_SIZES)},
        yaxis=axis("off by, degrees", type="log", tickvals=[1, 3, 10, 30, 90]),
        yaxis2=axis("a step, ms", type="log", dtick=1),
    )


def in_words(seconds: float) -> str:
    """A time to two digits in milliseconds or seconds."""
    value, unit = (seconds, "s") if seconds >= 0.995 else (1e3 * seconds, "ms")
    n_decimals = max(0, 1 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:.{n_decimals}f} {unit}"


def _curve(
    x: Sequence[float], y: Sequence[float | None], color: str, hover: str, dash: str = "solid"
) -> go.Scatter:
    return go.Scatter(
        x=list(x),
        y=list(y),
        mode="lines+markers",
        line={"color": color, "dash": dash, "width": 2},
        marker={"color": color, "size": 6},
        hovertemplate=f"{hover}<extra></extra>",
    )


def _mark(figure: go.Figure, row: int, x: float, y: float, text: str, side: str) -> None:
    figure.add_vline(x=x, row=row, col=1, line={"color": REFERENCE, "dash": "dot", "width": 1})
    figure.add_trace(
        go.Scatter(
            x=[x], y=[y], mode="markers+text", text=[text], textposition=side,
            textfont={"color": TEXT}, cliponaxis=False, hoverinfo="skip",
            marker={"color": MARK, "size": 12, "symbol": "diamond"},
        ),
        row, 1,
    )  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) and value > 0 else None
