"""The runs of the session: a table that sorts, curves to overlay, and what can be done with one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.config import RunConfig
from core.errors import StoreError
from core.runs import ListedRun, RunRecord, Snapshot
from core.search.searcher import is_name_of_run
from core.text import Corpus
from pages.charts.palette import TRAINING, overlay_colour
from pages.run_columns import is_same_data
from pages.settings import controls
from pages.train import last_runs_table
from pages.visit import session, state
from pages.wording.escaping import plain

_NONE = 0  # runs are numbered from 1


def overlaid(current: Snapshot) -> list[RunRecord]:
    """The runs that are picked in the table, without the one that the chart shows anyway.

    Losses on other data say nothing of this run's, so runs on these alone are taken.
    """
    trainer = session.trainer()
    compared = state.tab().compared_run
    others = (run for run in trainer.runs() if run.run_id == compared)
    return trainer.read_some(
        run.run_id
        for run in (*_listed_picks(), *others)
        if run.run_id != current.run_id and is_same_data(run, current)
    )


def retrain(config: RunConfig) -> bool:
    """With 'Train as I drag' on, train settings that were moved; the last finished curve stays.

    A run that something else began, such as a chapter, is left alone until a setting moves under
    it. Runs that a drag only passed through are dropped.

    Returns:
        Whether a run was begun.
    """
    mine, tab = session.current(), state.tab()
    current = mine.trainer.snapshot()
    now = (config, mine.corpus, None if current is None else current.run_id)
    before = tab.settings_before or now
    is_moved = before[:2] != now[:2] and before[2] == now[2]
    if not controls.drags() or not (is_moved or current is None):
        tab.settings_before = now
        return False
    if current is not None and current.final is not None:
        tab.compared_run = current.run_id
    mine.start(config)
    kept = {tab.compared_run, *(run.run_id for run in _listed_picks())}
    for run_id in set(tab.dragged_runs) - kept:
        mine.trainer.forget(run_id)
    started = mine.trainer.snapshot()
    assert started is not None
    tab.settings_before = (*now[:2], started.run_id)
    tab.dragged_runs = [*(d for d in tab.dragged_runs if d in kept), started.run_id]
    return True


def table() -> None:
    """This data's own runs, folded until there are two; pick some to lay their curves over."""
    runs, tab = _listed(), state.tab()
    if not runs:
        return
    if tab.picked_of is not _looked_at():  # the rows that were picked hold other runs now
        tab.picked_of = _looked_at()
        state.RUNS_TABLE.pick([])
    is_open = len(runs) > 1
    key = "last_runs" if is_open else "last_run"  # a browser opens no expander that it has already
    with st.expander("The last runs on this data", expanded=is_open, key=key):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.markdown(
                "With the settings in which they differ. Pick some to lay their curves over the "
                "chart."
            )
            baseline = _baseline(runs)
        picked = _listed_picks()
        st.dataframe(
            last_runs_table.rows(runs, baseline, _colours(session.trainer().shown())),
            key=state.RUNS_TABLE.key,
            on_select="rerun",
            selection_mode="multi-row",
            hide_index=True,
            width="stretch",
            column_config=last_runs_table.columns(runs),
            placeholder="–",
        )
        for run in picked:
            try:
                session.trainer().read(run.run_id)
            except StoreError as error:
                st.error(f"{plain(run.title)} can’t be laid over the chart. {plain(error)}")
        if picked:
            _actions(picked)


def _baseline(runs: Sequence[ListedRun]) -> ListedRun | None:
    """Draw the choice of a run that the others are compared with, where there are several."""
    if len(runs) == 1:
        return None
    titles = {run.run_id: run.title for run in runs}
    if state.BASELINE_RUN.get() not in titles:
        state.BASELINE_RUN.put(_NONE)
    chosen = st.selectbox(
        "Baseline",
        [_NONE, *titles],
        format_func=lambda run_id: titles.get(run_id, "No baseline"),
        key=state.BASELINE_RUN.key,
        persist_state="session",
        label_visibility="collapsed",
        width=190,
        help="The losses of the others are also shown as differences from this run's.",
    )
    return next((run for run in runs if run.run_id == chosen), None)


def _colours(shown: Snapshot | None) -> dict[int, str]:
    """The colour of each run's curve in the chart, by its number."""
    if shown is None:
        return {}
    others = {run.run_id: overlay_colour(n) for n, run in enumerate(overlaid(shown))}
    return {shown.run_id: TRAINING} | others


def picked() -> list[RunRecord]:
    """The runs that are picked in the table and can be read."""
    return session.trainer().read_some(run.run_id for run in _listed_picks())


def _actions(picked: list[ListedRun]) -> None:
    current = session.snapshot()
    past = [run.run_id for run in picked if current is None or run.run_id != current.run_id]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(picked) == 1:
            run = picked[0]
            st.text_input(
                "Name of the run",
                value=run.title,
                max_chars=40,
                key=state.run_name(run.run_id).key,
                on_change=_rename,
                args=(run.run_id,),
                width=220,
            )
            st.button(
                "Load its settings",
                on_click=controls.load,
                args=(run.config,),
                help="Move all sliders to this run's values.",
            )
            st.button(
                "Same seed, other setting",
                on_click=_compare,
                args=(run.run_id, run.config),
                help="Load its settings and seed, and keep its curve in the chart: change one "
                "setting, press Train, and see what that one setting does.",
            )
        st.button(
            "Delete",
            on_click=_delete,
            args=(past,),
            disabled=not past,
            help="Delete the picked runs and their weights. The current run stays.",
        )


def _listed() -> list[ListedRun]:
    """Runs on the data that is looked at, without those of a search; the one looked at is there."""
    trainer = session.trainer()
    shown = trainer.shown()
    if shown is None:
        return []
    return [
        run
        for run in trainer.runs()
        if run.run_id == shown.run_id
        or (is_same_data(run, shown) and not is_name_of_run(run.title))
    ]


def _looked_at() -> Corpus | None:
    """The data of what the page shows."""
    shown = session.trainer().shown()
    return None if shown is None else shown.corpus


def _listed_picks() -> list[ListedRun]:
    """Those that are picked, of the data that they were picked on."""
    if state.tab().picked_of is not _looked_at():
        return []
    runs = _listed()
    return [runs[row] for row in state.RUNS_TABLE.rows() if row < len(runs)]


def _rename(run_id: int) -> None:
    name = str(state.run_name(run_id).get()).strip()
    if name:
        session.trainer().rename(run_id, name)


def _compare(run_id: int, config: RunConfig) -> None:
    controls.load(config)
    state.tab().compared_run = run_id


def _delete(run_ids: list[int]) -> None:
    for run_id in run_ids:
        session.trainer().forget(run_id)
        session.current().forget_samples(run_id)
    state.RUNS_TABLE.pick([])  # the rows that were picked hold other runs now
