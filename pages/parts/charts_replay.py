"""The slider and the buttons that move a chart through its frames, all in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pages.parts.palette import REFERENCE

# Streamlit puts its theme's strong text colour in the place of this one, in light and in dark.
TEXT = "#000037"
GRID = "rgba(127,135,146,0.25)"  # seen on light and on dark

_CONTROL = "#2E7CC0"  # readable on both, and on the near white that Plotly gives a hovered button
_FRAME_MILLISECONDS = 70
_AT_ONCE = {
    "mode": "immediate",
    "frame": {"duration": 0, "redraw": False},
    "transition": {"duration": 0},
}

Range = list[float]


def replay_controls(
    steps: Sequence[int], ranges: Sequence[tuple[Range, Range]]
) -> dict[str, list[dict[str, Any]]]:
    """The parts of a layout that replay frames named by their steps, below the chart.

    Args:
        steps: of the frames, in order.
        ranges: of the x and the y axis, where there is one: close up, and the whole.
    """
    return {"sliders": [_slider(steps)], "updatemenus": [_buttons(ranges)]}


def _slider(steps: Sequence[int]) -> dict[str, Any]:
    return {
        "active": len(steps) - 1,
        "x": 0,
        "len": 1,
        "y": 0,
        "pad": {"l": 8, "r": 8, "t": 62, "b": 0},
        "currentvalue": {
            "prefix": "Step ",
            "xanchor": "right",
            "font": {"size": 14, "color": TEXT},
        },
        "font": {"size": 11, "color": TEXT},
        "bgcolor": GRID,
        "activebgcolor": _CONTROL,
        "bordercolor": REFERENCE,
        "tickcolor": REFERENCE,
        "transition": {"duration": 0},
        "steps": [
            {"label": f"{step:,}", "method": "animate", "args": [[str(step)], _AT_ONCE]}
            for step in steps
        ],
    }


def _buttons(ranges: Sequence[tuple[Range, Range]]) -> dict[str, Any]:
    play = {
        "frame": {"duration": _FRAME_MILLISECONDS, "redraw": False},
        "transition": {"duration": 0},
        "fromcurrent": True,  # and from the first frame when it stands at the last
        "mode": "immediate",
    }
    names = [f"{axis}axis.range" for axis in "xy"]
    close, whole = (
        dict(zip(names, [pair[which] for pair in ranges], strict=False)) for which in (0, 1)
    )
    return {
        "type": "buttons",
        "direction": "right",
        "showactive": False,
        "x": 0,
        "xanchor": "left",
        "y": 0,
        "yanchor": "top",
        "pad": {"l": 8, "t": 56},
        "bgcolor": "rgba(0,0,0,0)",
        "bordercolor": _CONTROL,
        "font": {"color": _CONTROL, "size": 13},
        "buttons": [
            {"label": "Replay", "method": "animate", "args": [None, play]},
            {"label": "Hold", "method": "animate", "args": [[None], _AT_ONCE]},
            # The second press takes it back.
            {"label": "Zoom", "method": "relayout", "args": [close], "args2": [whole]},
        ],
    }
