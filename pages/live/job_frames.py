"""Sweeps of any settings and searches as messages for the browser: progress, and the pictures."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Generic, Literal, TypedDict, TypeVar

from core.jobs import JobSnapshot
from core.runs import State
from core.search import SearchSnapshot
from core.sweep import GridSnapshot
from pages.charts import grid_charts, search_charts
from pages.charts.chart_kit import Figure
from pages.live.frames import pack
from pages.wording import searches

JobT = TypeVar("JobT", bound=JobSnapshot)
PictureT = TypeVar("PictureT")


class JobFrame(TypedDict):
    """What moves of any sweep or search.

    Attributes:
        id: its number, that of its description.
        state: one of `State`'s values.
        n_done: runs or rates that have their answer, or were tried.
        seconds: time that it has taken.
        seconds_left: null before the first one is done.
    """

    id: int
    state: State
    n_done: int
    seconds: float
    seconds_left: float | None


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


class GridFrame(JobFrame):
    """What moves, all of it.

    Attributes:
        kind: of message.
        lowest: mean loss of the best point, and what it is; null before there is one.
        figure: the picture, as Plotly has it.
    """

    kind: Literal["grid-frame"]
    lowest: tuple[float, str] | None
    figure: Figure


class SearchDescription(TypedDict):
    """What stays the same over a search, or over its going on.

    Attributes:
        kind: of message.
        id: another number each time that a search begins or goes on, from 1.
    """

    kind: Literal["search-description"]
    id: int


class SearchFrame(JobFrame):
    """What moves, all of it.

    Attributes:
        kind: of message.
        n_runs: runs to try.
        n_hopeless: of those that were tried, how many were stopped early.
        lowest: loss of the best run, and its settings; null before there is one.
        figures: the pictures, as Plotly has them.
    """

    kind: Literal["search-frame"]
    n_runs: int
    n_hopeless: int
    lowest: tuple[float, str] | None
    figures: dict[str, Figure]


class JobFrames(Generic[JobT]):
    """What the messages about all sweeps and searches have in common."""

    def id_of(self, snapshot: JobT) -> int:
        """Number of the sweep; of a search another each time that it begins or goes on."""
        return snapshot.job_id

    def version_of(self, snapshot: JobT) -> int:
        """Rises with each snapshot."""
        return snapshot.version

    def _progress(self, snapshot: JobT) -> JobFrame:
        return {
            "id": snapshot.job_id,
            "state": snapshot.state,
            "n_done": snapshot.n_done,
            "seconds": snapshot.seconds,
            "seconds_left": snapshot.seconds_left,
        }


class _Drawing(JobFrames[JobT], Generic[JobT, PictureT]):
    """Frames with pictures, which are made anew only where a run has ended."""

    def __init__(self) -> None:
        self._drawn: tuple[tuple[int, int], PictureT] | None = None

    def _picture(self, snapshot: JobT, n_ended: int, draw: Callable[[], PictureT]) -> PictureT:
        of = (snapshot.job_id, n_ended)
        if self._drawn is None or self._drawn[0] != of or not snapshot.is_running:
            self._drawn = (of, draw())
        return self._drawn[1]


class GridFrames(_Drawing[GridSnapshot, Figure]):
    """Makes the messages of one sweeper of any settings."""

    def describe(self, snapshot: GridSnapshot) -> bytes:
        """The sweep's `GridDescription`."""
        description: GridDescription = {
            "kind": "grid-description",
            "id": snapshot.job_id,
            "n_runs": snapshot.n_runs,
        }
        return pack(description)

    def make(self, snapshot: GridSnapshot) -> bytes:
        """The snapshot's `GridFrame`."""
        lowest = snapshot.comparison.best
        best = None if lowest is None else snapshot.results[lowest]
        frame: GridFrame = {
            "kind": "grid-frame",
            **self._progress(snapshot),
            "lowest": None if best is None else (best.mean, grid_charts.place(snapshot, best)),
            "figure": self._picture(snapshot, snapshot.n_done, lambda: picture([snapshot])),
        }
        return pack(frame)


class SearchFrames(_Drawing[SearchSnapshot, dict[str, Figure]]):
    """Makes the messages of one searcher."""

    def describe(self, snapshot: SearchSnapshot) -> bytes:
        """The search's `SearchDescription`."""
        description: SearchDescription = {"kind": "search-description", "id": snapshot.job_id}
        return pack(description)

    def make(self, snapshot: SearchSnapshot) -> bytes:
        """The snapshot's `SearchFrame`."""
        best = snapshot.best
        frame: SearchFrame = {
            "kind": "search-frame",
            **self._progress(snapshot),
            "n_runs": snapshot.n_runs,
            "n_hopeless": sum(bool(r.looks) and not r.answers for r in snapshot.runs),
            "lowest": None if best is None else (best.loss, searches.values(snapshot, best)),
            "figures": self._picture(snapshot, len(snapshot.runs), lambda: pictures(snapshot)),
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


def pictures(snapshot: SearchSnapshot, chosen: int | None = None) -> dict[str, Figure]:
    """All figures of a search by their names, as plain data."""
    return {
        "history": search_charts.history(snapshot, chosen),
        "importance": search_charts.importance(snapshot),
        "parallel": search_charts.parallel(snapshot, chosen),
    }
