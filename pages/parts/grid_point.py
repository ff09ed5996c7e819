"""One point of a sweep: its runs with their losses, to be opened on Train."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.runs import RunRecord
from core.sweep import GridSnapshot, PointResult, TrialResult
from pages.parts import charts_grid, controls, session
from pages.parts.buttons import pressed
from pages.parts.live import view

_KEY = "grid_point"
_TABLE = "grid_runs"


def chosen(shown: Sequence[GridSnapshot]) -> tuple[int, int] | None:
    """Number of the sweep and place of the point that is looked at, if it is among these."""
    point: tuple[int, int] | None = session.remember(_KEY, None)
    sizes = {sweep.sweep_id: len(sweep.results) for sweep in shown}
    return point if point is not None and point[1] < sizes.get(point[0], 0) else None


def take_click() -> None:
    """Look at the point that was clicked."""
    point = view.clicked_point()
    if point is not None:
        session.put(_KEY, point)


def show(shown: Sequence[GridSnapshot]) -> None:
    """The choice of a point, the runs of that one, and what can be done with a run."""
    points = {
        (sweep.sweep_id, place): _option(sweep, result, is_one=len(shown) == 1)
        for sweep in shown
        for place, result in enumerate(sweep.results)
        if result.n_done
    }
    if not points:
        return
    now = session.remember(_KEY, None)
    if now not in points:
        found = shown[0].verdict
        now = next(iter(points)) if found is None else (shown[0].sweep_id, found.best)
        session.put(_KEY, now)
    point = st.selectbox(
        "Point",
        list(points),
        format_func=points.__getitem__,
        key=_KEY,
        persist_state="session",
        help="Or click it in the picture.",
    )
    sweep = next(sweep for sweep in shown if sweep.sweep_id == point[0])
    answers = [it for it in sweep.results[point[1]].answers if it is not None]
    st.dataframe(
        pd.DataFrame([_row(n, answer) for n, answer in enumerate(answers, start=1)]),
        key=_TABLE,
        hide_index=True,
        width="stretch",
        column_config={
            "Validation": st.column_config.NumberColumn(format="%.4f"),
            "Last batches": st.column_config.NumberColumn(format="%.4f"),
            "Seconds": st.column_config.NumberColumn(format="%.2f"),
        },
    )
    _actions(answers, point)


def _actions(answers: Sequence[TrialResult], point: tuple[int, int]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        at = 0
        if len(answers) > 1:
            at = st.segmented_control(
                "Run",
                range(len(answers)),
                default=0,
                required=True,
                format_func=lambda n: f"Seed {n + 1}",
                key="grid_seed",
                label_visibility="collapsed",
            )
        seed = min(at or 0, len(answers) - 1)
        answer = answers[seed]
        if pressed(
            "Open on Train",
            key="open_run",
            disabled=answer.run is None,
            help="Puts the run among those of Train, with its curve in the chart and its weights "
            "for Sample and Embeddings, and moves the settings to its values."
            if answer.run is not None
            else "This sweep was too large to keep all of its weights: load the settings and train "
            "it again, to the same numbers.",
        ):
            _open(answer.run, (*point, seed))
        st.button(
            "Load its settings",
            key="load_run",
            on_click=controls.load,
            args=(answer.config,),
            help="Move all settings of Train to this run's values.",
        )


def _open(run: RunRecord | None, where: tuple[int, int, int]) -> None:
    """Hand a run over to Train, once, and go there."""
    if run is None:
        return
    opened: dict[tuple[int, int, int], int] = session.remember("opened_runs", {})
    trainer = session.trainer()
    if opened.get(where) not in {record.run_id for record in trainer.runs()}:
        opened[where] = trainer.keep(run)
    session.put("compared_run", opened[where])
    session.load(run.config)
    st.switch_page("train.py")


def _option(sweep: GridSnapshot, result: PointResult, *, is_one: bool) -> str:
    front = "" if is_one else f"Sweep {sweep.sweep_id}: "
    return f"{front}{charts_grid.place(sweep, result)}: {charts_grid.answer(result)}"


def _row(number: int, answer: TrialResult) -> dict[str, object]:
    return {
        "Run": f"Seed {number}",
        "Seed": str(answer.config.model.seed),
        "Validation": None if answer.is_diverged else answer.loss,
        "Last batches": None if answer.run is None else answer.run.training_loss,
        "Steps": answer.config.training.steps if answer.run is None else answer.run.step,
        "State": "diverged" if answer.is_diverged else "finished",
        "Seconds": answer.seconds,
    }
