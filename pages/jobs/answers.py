"""Runs that were trained beside others: their losses, seed by seed, and the way to Train."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.jobs import TrialResult
from core.runs import RunRecord
from pages.settings import controls
from pages.settings.buttons import pressed
from pages.visit import session, state

Where = tuple[int | str, ...]  # what tells a run from all others of the session


def show(answers: Sequence[TrialResult], where: Where) -> None:
    """A row for each seed, and what can be done with one of them.

    Args:
        answers: one for each seed.
        where: what tells them from all others of the session.
    """
    st.dataframe(
        pd.DataFrame([_row(n, answer) for n, answer in enumerate(answers, start=1)]),
        hide_index=True,
        width="stretch",
        column_config={
            "Validation": st.column_config.NumberColumn(format="%.4f"),
            "Last batches": st.column_config.NumberColumn(format="%.4f"),
            "Steps": st.column_config.NumberColumn(format="localized"),
            "Seconds": st.column_config.NumberColumn(format="%.2f"),
        },
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = _seed(len(answers))
        answer = answers[seed]
        if pressed(
            "Open on Train",
            key="open_run",
            disabled=answer.run is None,
            help="Puts the run among those of Train, with its curve in the chart and its weights "
            "for Sample and Embeddings, and moves the settings to its values."
            if answer.run is not None
            else "There were too many runs to keep all of their weights: load the settings and "
            "train it again, to the same numbers.",
        ):
            _open(answer.run, (*where, seed))
        st.button(
            "Load its settings",
            key="load_run",
            on_click=controls.load,
            args=(answer.config,),
            help="Move all settings of Train to this run's values.",
        )


def _seed(n: int) -> int:
    """Draw the choice of a seed where there are several; its place."""
    if n == 1:
        return 0
    at = st.segmented_control(
        "Run",
        range(n),
        default=0,
        required=True,
        format_func=lambda place: f"Seed {place + 1}",
        key="picked_seed",
        label_visibility="collapsed",
    )
    return min(at or 0, n - 1)


def _open(run: RunRecord | None, where: Where) -> None:
    """Hand a run over to Train, once, and go there."""
    if run is None:
        return
    state.tab().compared_run = keep(run, where)
    state.load(run.config)
    st.switch_page("train/page.py")


def keep(run: RunRecord, where: Where) -> int:
    """Take a run in among those of the session, once; its number there."""
    kept = state.tab().opened_runs
    trainer = session.trainer()
    if kept.get(where) not in {record.run_id for record in trainer.runs()}:
        kept[where] = trainer.take_in(run)
    return kept[where]


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
