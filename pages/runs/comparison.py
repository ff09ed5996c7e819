"""Kept runs beside each other: curves, what differs, settings against results, the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import pandas as pd
import streamlit as st

from core.errors import StoreError
from core.learning import LossCurve, paired_difference, plus_minus
from core.runs.store import RESULTS, Query, StoredRun
from pages import run_columns
from pages.charts import chart_kit, run_charts
from pages.charts.run_charts import Axis
from pages.results import documents
from pages.run_columns import label
from pages.runs import seeds
from pages.settings import controls
from pages.visit import saving
from pages.wording import luck
from pages.wording.escaping import plain
from pages.wording.numbers import counted

MOST_PLOTTED = 5_000
MOST_AXES = 6
MOST_CURVES = 12


def compare(mine: str, asked: Query, picked: Sequence[StoredRun]) -> None:
    """Draw the view that is chosen."""
    views: dict[str, Callable[[], None]] = {
        "Curves": lambda: _curves(mine, picked),
        "Seeds": lambda: _seeds(mine, asked),
        "What differs": lambda: _differences(mine, picked),
        "Settings and results": lambda: _scatter(mine, asked),
        "All at once": lambda: _parallel(mine, asked),
        "Best per data set": lambda: _best(mine),
    }
    chosen = st.segmented_control(
        "View",
        list(views),
        default="Curves",
        required=True,
        key="kept_view",
        persist_state="session",
        label_visibility="collapsed",
    )
    views[chosen or "Curves"]()


def _curves(mine: str, picked: Sequence[StoredRun]) -> None:
    if not picked:
        st.caption("Pick runs in the table, and their curves are laid over each other here.")
        return
    shown = picked[:MOST_CURVES]
    found = saving.writer().store().curves(mine, [run.key for run in shown])
    seen = saving.writer().store().evaluations(mine, [run.key for run in shown])
    evaluations = {}
    of_data: dict[tuple[str | None, str], dict[str, LossCurve]] = {}
    for run, title in zip(shown, _titles(shown), strict=True):
        if run.key in found:
            of_data.setdefault((run.corpus, run.data), {})[title] = found[run.key]
            evaluations[title] = seen.get(run.key, [])
    with st.container(horizontal=True, gap="medium"):
        is_log = st.toggle("log loss", value=True, key="kept_log", persist_state="session")
        are_steps_log = st.toggle(
            "log steps", value=True, key="kept_log_steps", persist_state="session"
        )
    # A chart for each data set: losses on different data mean nothing on one axis.
    for number, ((_, data), curves) in enumerate(of_data.items()):
        if len(of_data) > 1:
            st.markdown(f"**{plain(data)}**")
        st.plotly_chart(
            run_charts.overlay(curves, evaluations, is_log=is_log, are_steps_log=are_steps_log),
            key=f"kept_curves:{number}",
            width="stretch",
            config=chart_kit.CONFIG,
            alt=f"Training and validation losses of {', '.join(curves)} by step",
        )
    if len(picked) > MOST_CURVES:
        st.caption(f"The first {MOST_CURVES} of {len(picked)} picked runs are drawn.")


def _seeds(mine: str, asked: Query) -> None:
    runs, n_all = _plotted(mine, asked)
    seeds.show(mine, runs)
    _say_how_many(len(runs), n_all)


def _differences(mine: str, picked: Sequence[StoredRun]) -> None:
    if len(picked) < 2:
        st.caption("Pick two runs or more to see what differs between them.")
        return
    columns = run_columns.differing(picked)
    results = [key for key in RESULTS if any(run.value(key) is not None for run in picked)]
    is_other_data = len({(run.corpus, run.data) for run in picked}) > 1
    alike = [key for key in run_columns.OF_THE_LOSSES if key not in columns]
    names = ["data"] * is_other_data + columns + alike + results
    table = pd.DataFrame(
        {
            title: [run_columns.words(run, name) for name in names]
            for run, title in zip(picked, _titles(picked), strict=True)
        },
        index=pd.Index([label(name) for name in names], name=""),
    )
    st.markdown(_said(mine, picked, columns, is_other_data))
    st.dataframe(table, width="stretch", height="content")


def _said(
    mine: str, picked: Sequence[StoredRun], columns: Sequence[str], is_other_data: bool
) -> str:
    n_settings = len(run_columns.settings())
    if not columns:
        said = f"All {n_settings} settings are the same"
    else:
        names = ", ".join(f"**{_in_a_sentence(label(name))}**" for name in columns[:5])
        more = f" and {len(columns) - 5} more" if len(columns) > 5 else ""
        verb = "differs" if len(columns) == 1 else "differ"
        said = f"Of {n_settings} settings, {len(columns)} {verb}: {names}{more}"
    if is_other_data:
        return f"{said}. They learned from different data, so their losses can’t be compared."
    known = [run for run in picked if run.validation_loss is not None]
    if len(known) < 2:
        return f"{said}."
    best = min(known, key=lambda run: run.validation_loss or 0.0)
    worst = max(known, key=lambda run: run.validation_loss or 0.0)
    n_pairs = len(known) * (len(known) - 1) // 2
    return (
        f"{said}. Validation loss is lowest for **{plain(best.title)}**, "
        f"{best.validation_loss:.4f}, and {_gap(mine, worst, best, n_pairs)} One seed each says "
        "little: on the names, another seed alone can move the tutorial’s run by 0.01."
    )


def _gap(mine: str, worst: StoredRun, best: StoredRun, n_pairs: int) -> str:
    """How much higher one run is, with the error from the losses of both on the same documents."""
    high, low, lengths = None, None, None
    with suppress(StoreError, KeyError):  # their words or weights may be gone
        records = saving.writer().store().load_some(mine, [worst.key, best.key])
        high, low = (records[run.key].document_losses for run in (worst, best))
        lengths = records[best.key].corpus.lengths("val")
    title, value = plain(worst.title), (worst.validation_loss or 0) - (best.validation_loss or 0)
    if high is None or low is None or lengths is None:
        return (
            f"{value:.4f} higher for **{title}**. The error of that isn’t known, as not all losses "
            "of single names or texts are kept."
        )
    found = paired_difference(high, low, lengths)
    how = "more than luck" if found.is_clear(n_pairs) else "which luck may explain"
    gap = plus_minus(value, found.half_width(n_pairs))
    said = f"{gap} higher for **{title}**, on the same {documents(records[best.key].corpus)}"
    return f"{said}: {how}. {luck.PLUS_MINUS}"


def _in_a_sentence(text: str) -> str:
    return text[:1].lower() + text[1:]


def _scatter(mine: str, asked: Query) -> None:
    runs, n_all = _plotted(mine, asked)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        x = st.selectbox(
            "Setting",
            list(run_columns.settings()),
            index=list(run_columns.settings()).index("n_hidden"),
            format_func=label,
            key="kept_x",
            persist_state="session",
            width=220,
        )
        y = st.selectbox(
            "Result", RESULTS, format_func=label, key="kept_y", persist_state="session", width=220
        )
    st.plotly_chart(
        run_charts.scatter(
            _axis(runs, x), _axis(runs, y), [run.title for run in runs], [run.data for run in runs]
        ),
        key="kept_scatter",
        width="stretch",
        config=chart_kit.CONFIG,
        alt=f"{label(y)} of {len(runs)} runs by {label(x)}",
    )
    _say_how_many(len(runs), n_all)


def _parallel(mine: str, asked: Query) -> None:
    runs, n_all = _plotted(mine, asked)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        y = st.selectbox(
            "Result",
            RESULTS,
            format_func=label,
            key="kept_parallel_y",
            persist_state="session",
            width=220,
        )
        chosen = st.multiselect(
            "Settings",
            list(run_columns.settings()),
            format_func=label,
            key="kept_axes",
            persist_state="session",
            placeholder="those that differ",
        )
    columns = chosen or [key for key in run_columns.differing(runs) if not run_columns.is_seed(key)]
    columns = columns[:MOST_AXES] or ["n_hidden"]
    known = [run for run in runs if run.value(y) is not None]
    if not known:
        st.caption("None of these runs has this result.")
        return
    st.plotly_chart(
        run_charts.parallel([_axis(known, key) for key in columns], _axis(known, y)),
        key="kept_parallel",
        width="stretch",
        config=chart_kit.CONFIG,
        alt=f"{len(known)} runs by {', '.join(map(label, columns))} and {label(y)}",
    )
    if len({(run.corpus, run.data) for run in known}) > 1:
        st.caption("Losses on different data can’t be compared: choose one under Filter.")
    st.caption(
        "Bright lines have the lowest. Drag along an axis to keep the runs of that part; drag its "
        "name to move it."
    )
    _say_how_many(len(known), n_all)


def _best(mine: str) -> None:
    runs = saving.writer().store().best(mine)
    if not runs:
        st.caption("No run that learned from the training set only has finished yet.")
        return
    st.caption(
        "The lowest validation loss of each data set, among finished runs that learned from the "
        "training set only."
    )
    for run in runs:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", border=True):
            st.markdown(
                f"**{run.data}**: {run.title}, validation loss **{run.validation_loss:.4f}** "
                f"after {run.step:,} steps, {_origin(run)}"
            )
            config = saving.config_of(run)
            if config is not None:
                st.button(
                    "Load its settings",
                    key=f"kept_best:{run.key}",
                    on_click=controls.load,
                    args=(config,),
                )


def _origin(run: StoredRun) -> str:
    """What a loss depends on beside the settings: seed and training set."""
    return ", ".join(
        f"{_in_a_sentence(label(key))} {run_columns.words(run, key)}"
        for key in reversed(run_columns.OF_THE_LOSSES)
    )


def _plotted(mine: str, asked: Query) -> tuple[list[StoredRun], int]:
    return saving.writer().store().page(mine, asked, 0, MOST_PLOTTED)


def _say_how_many(n_shown: int, n_all: int) -> None:
    if n_shown < n_all:
        st.caption(f"{n_shown:,} of {counted(n_all, 'run')} shown.")
    else:
        st.caption(f"All {counted(n_all, 'run')} shown.")


def _axis(runs: Sequence[StoredRun], column: str) -> Axis:
    values = [run_columns.plotted(run, column) for run in runs]
    return Axis(label(column), values, run_columns.is_log(column, values))


def _titles(runs: Sequence[StoredRun]) -> list[str]:
    """Names of runs, each another one."""
    titles = [run.title for run in runs]
    return [
        title if titles.count(title) == 1 else f"{title} ({run.number})"
        for title, run in zip(titles, runs, strict=True)
    ]
