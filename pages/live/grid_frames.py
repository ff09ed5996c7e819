"""A sweep of any settings as messages for the browser: progress, and the picture so far."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal, TypedDict

from core.runs import State
from core.sweep import GridSnapshot
from pages.charts import grid_charts
from pages.charts.chart_kit import Figure
from pages.live.frames import pack


class GridDescription(TypedDict):
    """What stays the same over a sweep.

    Attributes:
        kind: of message.
        id: number of the sweep in its session, from 1.
        n_runs: how many runs it trains.
    """

    kind: Literal["grid-description"]
    id: int
    n_runs: int


class GridFrame(TypedDict):
    """What moves, all of it.

    Attributes:
        kind: of message.
        id: number of the sweep, that of its description.
        state: one of `State`'s values.
        n_done: runs that have their answer.
        lowest: mean loss of the best point, and what it is; null before there is one.
        seconds: time that it has taken.
        seconds_left: null before the first run is done.
        figure: the picture, as Plotly has it.
    """

    kind: Literal["grid-frame"]
    id: int
    state: State
    n_done: int
    lowest: tuple[float, str] | None
    seconds: float
    seconds_left: float | None
    figure: Figure


class GridFrames:
    """Makes the messages of one sweeper of any settings."""

    def __init__(self) -> None:
        self._drawn: tuple[tuple[int, int], Figure] = ((0, 0), {"data": [], "layout": {}})

    def id_of(self, snapshot: GridSnapshot) -> int:
        """Number of the sweep."""
        return snapshot.job_id

    def version_of(self, snapshot: GridSnapshot) -> int:
        """Rises with each snapshot."""
        return snapshot.version

    def describe(self, snapshot: GridSnapshot) -> bytes:
        """The sweep's `GridDescription`."""
        description: GridDescription = {
            "kind": "grid-description",
            "id": snapshot.job_id,
            "n_runs": snapshot.n_runs,
        }
        return pack(description)

    def make(self, snapshot: GridSnapshot) -> bytes:
        """The snapshot's `GridFrame`; the picture is made anew only where a run has ended."""
        of = (snapshot.job_id, snapshot.n_done)
        if self._drawn[0] != of or not snapshot.is_running:
            self._drawn = (of, picture([snapshot]))
        found = snapshot.verdict
        best = None if found is None else snapshot.results[found.best]
        frame: GridFrame = {
            "kind": "grid-frame",
            "id": snapshot.job_id,
            "state": snapshot.state,
            "n_done": snapshot.n_done,
            "lowest": None if best is None else (best.mean, grid_charts.place(snapshot, best)),
            "seconds": snapshot.seconds,
            "seconds_left": snapshot.seconds_left,
            "figure": self._drawn[1],
        }
        return pack(frame)


def picture(sweeps: Sequence[GridSnapshot], chosen: tuple[int, int] | None = None) -> Figure:
    """The figure of sweeps of one setting, or of one sweep of two, as plain data."""
    is_curve = len(sweeps[0].config.axes) == 1
    figure = (
        grid_charts.curves(sweeps, chosen) if is_curve else grid_charts.heat_map(sweeps[0], chosen)
    )
    plain: Figure = json.loads(figure.to_json())
    plain["layout"].pop("template", None)
    return plain
