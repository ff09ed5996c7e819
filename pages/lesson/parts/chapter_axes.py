"""Readable axes: whole numbers on logarithmic ones, and few digits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from pages.charts import chart_kit

_NARROW = 3.0  # from largest to smallest; below it a logarithmic axis would hold hardly a tick


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis as all of the lesson's are; `more` are Plotly's own settings."""
    return chart_kit.axis(title, zeroline=False, automargin=True, **more)


def is_wide(values: Sequence[float]) -> bool:
    """Whether these values are better seen on a logarithmic axis."""
    positive = [value for value in values if 0 < value < math.inf]
    return bool(positive) and max(positive) > _NARROW * min(positive)


def log_ticks(low: float, high: float) -> dict[str, Any]:
    """Plotly's settings for a logarithmic axis: 1, 10, 100, and 2 and 5 between where it is short.

    Args:
        low: smallest value shown, above 0.
        high: largest.
    """
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    between = (1, 2, 5) if len(exponents) <= 4 else (1,)
    ticks = [factor * 10.0**exponent for exponent in exponents for factor in between]
    return {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [f"{tick:,.0f}" if tick >= 1 else f"{tick:.10g}" for tick in ticks],
    }


def short(values: Iterable[float]) -> list[float | None]:
    """Five digits are enough for the eye and the hover, and keep a page small."""
    return [float(f"{value:.5g}") if math.isfinite(value) else None for value in values]
