"""One point of a sweep: its runs with their losses, to be opened on Train."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.sweep import GridSnapshot, PointResult
from pages.charts import grid_charts
from pages.jobs import answers, job_page
from pages.visit import state
from pages.wording import luck

_POINT = state.GRID_POINT


def chosen(shown: Sequence[GridSnapshot]) -> tuple[int, int] | None:
    """Number of the sweep and place of the point that is looked at, if it is among these."""
    point = _POINT.get()
    sizes = {sweep.job_id: len(sweep.results) for sweep in shown}
    return point if point is not None and point[1] < sizes.get(point[0], 0) else None


def show(shown: Sequence[GridSnapshot]) -> None:
    """The choice of a point, the runs of that one, and what can be done with a run."""
    points = {
        (sweep.job_id, place): _option(sweep, result, is_one=len(shown) == 1)
        for sweep in shown
        for place, result in enumerate(sweep.results)
        if result.n_done
    }
    if not points:
        return
    lowest = shown[0].comparison.best
    best = next(iter(points)) if lowest is None else (shown[0].job_id, lowest)
    job_page.first_of(_POINT, points, best)
    point = st.selectbox(
        "Point",
        list(points),
        format_func=points.__getitem__,
        key=_POINT.key,
        persist_state="session",
        help="Or click it in the picture.",
    )
    sweep = next(sweep for sweep in shown if sweep.job_id == point[0])
    if said := luck.beside_best(sweep.comparison, point[1]):
        st.markdown(said)
    trained = [it for it in sweep.results[point[1]].answers if it is not None]
    answers.show(trained, point)


def _option(sweep: GridSnapshot, result: PointResult, *, is_one: bool) -> str:
    front = "" if is_one else f"Sweep {sweep.job_id}: "
    return f"{front}{grid_charts.place(sweep, result)}: {grid_charts.answer(result)}"
