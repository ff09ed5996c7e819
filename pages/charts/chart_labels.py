"""Where the labels of points stand so that they can be read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]  # (V, 2)

_USUAL_PIXELS = np.array([500.0, 250.0])  # that the points take of a map on a screen
_ENOUGH_PIXELS = 12.0  # more room than this makes a label no easier to read
_LETTER_PIXELS = 8.0
_PLACES = {
    "top center": (0, 14),
    "bottom center": (0, -14),
    "middle right": (12, 0),
    "middle left": (-12, 0),
    "top right": (11, 11),
    "top left": (-11, 11),
    "bottom right": (11, -11),
    "bottom left": (-11, -11),
}


def label_places(
    points: Points, *, among: Points | None = None, letters: int = 1, is_line: bool = False
) -> list[str]:
    """Where each label has the most room beside its point, one after the other.

    Args:
        points: float32 (V, 2); those that are not finite count as the origin.
        among: all points of the chart, if these are some of them: they set its scale.
        letters: of the longest label.
        is_line: whether all points lie on a line, so that labels go above and below it only.

    Returns:
        Plotly's words, as 'top center', for each point.
    """
    marks, everywhere = (
        np.where(np.isfinite(given), given, 0.0).astype(np.float64)
        for given in (points, points if among is None else among)
    )
    extent = np.ptp(everywhere, axis=0)
    marks *= _USUAL_PIXELS / np.where(extent > 0, extent, 1.0)
    places = list(_PLACES)[: 2 if is_line else None]
    offsets = np.array([_PLACES[place] for place in places], dtype=np.float64)  # (P, 2)
    # A word is wider than high, so across it needs more room.
    offsets[:, 0] += np.sign(offsets[:, 0]) * _LETTER_PIXELS * (letters - 1) / 2
    wider = max(1.0, letters * _LETTER_PIXELS / _ENOUGH_PIXELS)
    marks[:, 0] /= wider
    offsets[:, 0] /= wider
    taken, found = marks, []
    for mark in marks:
        rooms = np.linalg.norm((mark + offsets)[:, None] - taken, axis=2).min(axis=1)  # (P,)
        best = int(np.argmax(np.minimum(rooms, _ENOUGH_PIXELS)))
        taken = np.vstack([taken, mark + offsets[best]])
        found.append(places[best])
    return found
