"""A search as messages for the browser: progress, and the pictures so far."""

from __future__ import annotations

from typing import Literal, TypedDict

from core.runs import State
from core.search import SearchSnapshot
from pages.charts import search_charts
from pages.charts.chart_kit import Figure
from pages.live.frames import pack
from pages.wording import searches


class SearchDescription(TypedDict):
    """What stays the same over a search, or over its going on.

    Attributes:
        kind: of message.
        id: another number each time that a search begins or goes on, from 1.
    """

    kind: Literal["search-description"]
    id: int


class SearchFrame(TypedDict):
    """What moves, all of it.

    Attributes:
        kind: of message.
        id: that of its description.
        state: one of `State`'s values.
        n_done: runs that were tried.
        n_runs: runs to try.
        n_hopeless: of those that were tried, how many were stopped early.
        lowest: loss of the best run, and its settings; null before there is one.
        seconds: time that it has taken.
        seconds_left: null before the first run is done.
        figures: the pictures, as Plotly has them.
    """

    kind: Literal["search-frame"]
    id: int
    state: State
    n_done: int
    n_runs: int
    n_hopeless: int
    lowest: tuple[float, str] | None
    seconds: float
    seconds_left: float | None
    figures: dict[str, Figure]


class SearchFrames:
    """Makes the messages of one searcher."""

    def __init__(self) -> None:
        self._drawn: tuple[tuple[int, int], dict[str, Figure]] = ((0, 0), {})

    def id_of(self, snapshot: SearchSnapshot) -> int:
        """Another number each time that a search begins or goes on."""
        return snapshot.job_id

    def version_of(self, snapshot: SearchSnapshot) -> int:
        """Rises with each snapshot."""
        return snapshot.version

    def describe(self, snapshot: SearchSnapshot) -> bytes:
        """The search's `SearchDescription`."""
        description: SearchDescription = {"kind": "search-description", "id": snapshot.job_id}
        return pack(description)

    def make(self, snapshot: SearchSnapshot) -> bytes:
        """The snapshot's `SearchFrame`; pictures are made anew only where a run has ended."""
        of = (snapshot.job_id, len(snapshot.runs))
        if self._drawn[0] != of or not snapshot.is_running:
            self._drawn = (of, pictures(snapshot))
        best = snapshot.best
        frame: SearchFrame = {
            "kind": "search-frame",
            "id": snapshot.job_id,
            "state": snapshot.state,
            "n_done": snapshot.n_done,
            "n_runs": snapshot.n_runs,
            "n_hopeless": sum(bool(r.looks) and not r.answers for r in snapshot.runs),
            "lowest": None if best is None else (best.loss, searches.values(snapshot, best)),
            "seconds": snapshot.seconds,
            "seconds_left": snapshot.seconds_left,
            "figures": self._drawn[1],
        }
        return pack(frame)


def pictures(snapshot: SearchSnapshot, chosen: int | None = None) -> dict[str, Figure]:
    """All figures of a search by their names, as plain data."""
    return {
        "history": search_charts.history(snapshot, chosen),
        "importance": search_charts.importance(snapshot),
        "parallel": search_charts.parallel(snapshot, chosen),
    }
