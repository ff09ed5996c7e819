"""The runs of the session: a table that sorts, curves to overlay, and what can be done with one."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from core.config import RunConfig
from core.runs import RunRecord, Snapshot
from core.text import Corpus
from pages.parts import controls, names, session

_TABLE = "runs_table"


def overlaid(current: Snapshot) -> list[RunRecord]:
    """The runs that are picked in the table, without the one that the chart shows anyway.

    Losses on other data say nothing of this run's, so runs on these alone are taken.
    """
    picked = [run for run in _picked() if run.run_id != current.run_id]
    compared = session.remember("compared_run", None)
    if compared is not None and compared not in {run.run_id for run in (*picked, current)}:
        picked += session.selected_runs([compared])
    return [run for run in picked if _is_same_data(run.corpus, current.corpus)]


def retrain(config: RunConfig) -> bool:
    """With 'Train as I drag' on, train settings that were moved; the last finished curve stays.

    A run that something else began, such as a chapter, is left alone until a setting moves under
    it. Runs that a drag only passed through are dropped.

    Returns:
        Whether a run was begun.
    """
    mine = session.current()
    current = mine.trainer.snapshot()
    now = (config, mine.corpus, current and current.run_id)
    before = session.remember("settings_before", now)
    is_moved = before[:2] != now[:2] and before[2] == now[2]
    if not controls.drags() or not (is_moved or current is None):
        session.put("settings_before", now)
        return False
    if current is not None and current.final is not None:
        session.put("compared_run", current.run_id)
    dragged: list[int] = session.remember("dragged_runs", [])
    mine.start(config)
    kept = {session.remember("compared_run", None), *(run.run_id for run in _picked())}
    for run_id in set(dragged) - kept:
        mine.trainer.forget(run_id)
    started = mine.trainer.snapshot()
    assert started is not None
    session.put("settings_before", (*now[:2], started.run_id))
    session.put("dragged_runs", [*(d for d in dragged if d in kept), started.run_id])
    return True


def table() -> None:
    """All runs of the session; pick some to lay their curves over the chart."""
    runs = session.trainer().runs()
    if not runs:
        return
    st.markdown("**Runs** of this session. Pick some to lay their curves over the chart.")
    rows = pd.DataFrame([_row(run) for run in runs])
    if all(run.corpus.unit == "character" for run in runs):
        rows = rows.drop(columns="Perplexity")
    st.dataframe(
        rows,
        key=_TABLE,
        on_select="rerun",
        selection_mode="multi-row",
        hide_index=True,
        width="stretch",
        column_config={
            "Steps": st.column_config.NumberColumn(format="localized"),
            "Rate": st.column_config.NumberColumn(format="%.4g"),
            **{
                loss: st.column_config.NumberColumn(format="%.4f")
                for loss in ("Training", "Validation", "All")
            },
            "Perplexity": st.column_config.NumberColumn(
                format="localized", help="e to the power of the validation loss, of words."
            ),
            "Seconds": st.column_config.NumberColumn(format="%.1f"),
        },
    )
    picked = _picked()
    current = session.snapshot()
    if current and not all(_is_same_data(run.corpus, current.corpus) for run in picked):
        st.caption(
            f"Only runs on {current.corpus.name} are laid over this one's chart: losses on other "
            "data can't be compared."
        )
    if picked:
        _actions(picked)


def picked() -> list[RunRecord]:
    """The runs that are picked in the table."""
    return _picked()


def _actions(picked: list[RunRecord]) -> None:
    current = session.snapshot()
    past = [run.run_id for run in picked if current is None or run.run_id != current.run_id]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(picked) == 1:
            run = picked[0]
            st.text_input(
                "Name of the run",
                value=run.title,
                max_chars=40,
                key=f"name:{run.run_id}",
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


def _row(run: RunRecord) -> dict[str, Any]:
    model, training = run.config.model, run.config.training
    return {
        "Run": run.title,
        "State": run.state.value,
        "Training": run.training_loss,
        "Validation": run.validation_loss,
        "Perplexity": _perplexity(run),
        "All": run.final.all if run.final else None,
        "Steps": run.step,
        "Rate": training.lr_schedule.base_lr,
        "T": model.block_size,
        "D": model.n_embd,
        "H": model.n_hidden,
        "B": training.batch_size,
        "Weights": model.init,
        "Learns from": training.train_on,
        "Seed": str(model.seed),
        "Engine": training.engine,
        "Seconds": run.seconds,
        "Data": run.corpus.name,
    }


def _perplexity(run: RunRecord) -> float | None:
    """Of the validation part, where the run is of words."""
    loss = run.validation_loss
    if run.corpus.unit == "character" or loss is None or not loss < 100:  # nan too
        return None
    return round(math.exp(loss), 1)


def _is_same_data(one: Corpus, other: Corpus) -> bool:
    """Whether their losses can be compared; a text that was read twice is the same."""
    return one is other or (
        (one.name, len(one), one.vocabulary.itos) == (other.name, len(other), other.vocabulary.itos)
    )


def _picked() -> list[RunRecord]:
    state = session.remember_selection(_TABLE)
    runs = session.trainer().runs()
    return [runs[row] for row in state if row < len(runs)]


def _rename(run_id: int) -> None:
    name = str(session.remember(f"name:{run_id}", "")).strip()
    if name:
        session.trainer().rename(run_id, name)


def _compare(run_id: int, config: RunConfig) -> None:
    controls.load(config)
    session.put("compared_run", run_id)


def _delete(run_ids: list[int]) -> None:
    for run_id in run_ids:
        session.trainer().forget(run_id)
        names.forget(run_id)
    session.pick_rows(_TABLE, [])  # the rows that were picked hold other runs now
