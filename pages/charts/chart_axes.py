"""The scale of a chart, in the colours that the page puts in place."""

from __future__ import annotations

from typing import Any

from pages.charts.chart_kit import GRID, TEXT

__all__ = ["GRID", "TEXT", "axis"]


def axis(title: str) -> dict[str, Any]:
    """A scale with this title, as Plotly has it."""
    return {
        "title": {"text": title, "font": {"color": TEXT}, "standoff": 8},
        "tickfont": {"color": TEXT},
        "gridcolor": GRID,
        "zeroline": False,
    }
