"""The sweep of any one or two settings: a curve or a heat map, each point several real runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.config import LENGTH, RunConfig
from core.errors import ConfigError
from core.runs import State
from core.settings import setting_of
from core.sweep import LEAST_SEEDS, GridConfig, GridSnapshot, GridSweeper
from core.text import Corpus
from pages import views
from pages.charts import grid_charts
from pages.jobs import axis_choice, job_page
from pages.settings import controls, widgets
from pages.sweeps import beside, grid_point
from pages.visit import limits, session, state
from pages.wording import luck
from pages.wording.numbers import counted

GROUP = state.GRID
N_STEPS, N_SEEDS = setting_of(GridConfig, "n_steps"), setting_of(GridConfig, "n_seeds")
_SHOWN = "grid_shown"


def show() -> None:
    """Its settings at the side, its buttons, the picture, and the point that is looked at."""
    run = controls.current_config()
    config = None if run is None else _settings(run)
    sweeper, corpus = session.current().grid, session.corpus()
    newest = sweeper.snapshot()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        job_page.run_and_stop(
            "sweep",
            sweeper,
            None if config is None else partial(_begin, sweeper, config, corpus),
            key="grid",
            help_="Train all the points.",
            stays="What’s done so far stays.",
        )
        if config is not None:
            st.caption(_asked(config))
    if newest is None:
        _welcome()
        return
    job_page.say_failed(newest)
    shown = [newest] if newest.is_running else _chosen_sweeps(sweeper.sweeps())
    chosen = grid_point.chosen(shown)
    views.grid(newest, shown, chosen)
    if not newest.is_running:
        for sweep in shown:
            st.markdown(_verdict(sweep))
        for other in shown[1:]:
            st.markdown(beside.compared(shown[0], other))
        if any(sweep.config.n_seeds >= LEAST_SEEDS for sweep in shown):
            st.caption(luck.ABOUT_INTERVALS)
        best = shown[0].comparison.best
        if best is not None:
            edges = shown[0].config.edges(shown[0].results[best].point.values)
            axis_choice.say_edges(edges, axis_choice.GRID_RANGE)
        _complaints(shown)
        grid_point.show(shown)


def _begin(sweeper: GridSweeper, config: GridConfig, corpus: Corpus) -> None:
    """Start a sweep, of which the best point is looked at once it's there."""
    state.GRID_POINT.put(None)
    sweeper.start(config, corpus)


def _settings(run: RunConfig) -> GridConfig | None:
    """Draw the sweep's fields in the sidebar; what they make, or None where something is wrong."""
    with st.sidebar:
        st.markdown("**Sweep**")
        first = axis_choice.choose("Setting", "grid_first", run, first="n_hidden")
        one = axis_choice.axis(first, n_values=7)
        second = axis_choice.choose(
            "Second setting, for a heat map", "grid_second", run, first=None, taken=first
        )
        two = axis_choice.axis(second, n_values=5) if second else None
        is_of_steps = LENGTH in (first, second)
        n_steps = N_STEPS.default if is_of_steps else widgets.ask(N_STEPS, GROUP)
        n_seeds = widgets.ask(N_SEEDS, GROUP)
        st.caption(
            "All other settings are those of the Train page. Loss: over the validation "
            f"{session.corpus().document}s at the end of each run; the test set isn’t touched."
        )
    if one is None or (second and two is None):
        return None
    axes = (one,) if two is None else (one, two)
    try:
        config = GridConfig(run=run, axes=axes, n_steps=n_steps, n_seeds=n_seeds)
        limits.check_grid(config)
    except ConfigError as error:
        job_page.refuse(GridConfig, error)
        return None
    return config


def _asked(config: GridConfig) -> str:
    """What a press of the button trains."""
    values = "; ".join(
        f"{axis.setting.label} {axis_choice.values_in_words(axis)}" for axis in config.axes
    )
    n_out = sum(point.config is None for point in config.points)
    left_out = f", {n_out} points don’t work and are left out" if n_out else ""
    return f"{values}: {counted(config.n_runs, 'run')}{left_out}."


def _welcome() -> None:
    with st.container(border=True):
        st.subheader("What does a setting do?")
        st.markdown(
            "Pick a setting at the side, a range and a number of seeds, and press **Run sweep**: "
            "each point is a real run, with its own weights and batches for each seed. One "
            "setting gives a curve, two give a heat map. The bars show how far seeds alone move "
            "the loss; the sentence below says which differences are more than luck."
        )
        st.markdown("Click a point to see its runs, and open one on Train.")


def _chosen_sweeps(sweeps: Sequence[GridSnapshot]) -> list[GridSnapshot]:
    """Draw the list of sweeps where there are several; those to be seen, the newest unless told."""
    newest = sweeps[-1]
    if len(sweeps) == 1:
        return [newest]
    earlier = [sweep for sweep in sweeps[:-1] if _can_overlay(newest, sweep)]
    by_id = {sweep.job_id: sweep for sweep in reversed(sweeps)}
    picked = st.multiselect(
        "Sweeps",
        list(by_id),
        default=[newest.job_id, *(sweep.job_id for sweep in earlier[-1:])],
        format_func=lambda sweep_id: _said(by_id[sweep_id]),
        key=f"{_SHOWN}:{newest.job_id}",
        help="Sweeps of one and the same setting, on the same data, can lie over each other.",
    )
    first, *others = [by_id[sweep_id] for sweep_id in picked] or [newest]
    together = [first, *(other for other in others if _can_overlay(first, other))]
    if len(together) <= len(others):
        st.caption("Only sweeps of the same single setting on the same data are overlaid.")
    return together


def _can_overlay(one: GridSnapshot, other: GridSnapshot) -> bool:
    axes = [tuple(axis.key for axis in sweep.config.axes) for sweep in (one, other)]
    return axes[0] == axes[1] and len(axes[0]) == 1 and one.corpus is other.corpus


def _said(sweep: GridSnapshot) -> str:
    """What tells a sweep from others."""
    config = sweep.config
    steps = "" if LENGTH in {axis.key for axis in config.axes} else f", {config.n_steps:,} steps"
    stopped = "" if sweep.state is State.FINISHED else f", {sweep.state.value}"
    return f"{sweep.title}, seeds: {config.n_seeds}{steps}{stopped}"


def _verdict(sweep: GridSnapshot) -> str:
    """What the points say, and no more than that."""
    found = sweep.comparison
    if found.best is None:
        return f"**{sweep.title}**: no point has a loss for all of its seeds yet."

    def name(place: int) -> str:
        return f"**{grid_charts.place(sweep, sweep.results[place])}**"

    best = grid_charts.answer(sweep.results[found.best])
    words = f"**{sweep.title}**: lowest at {name(found.best)}, {best}."
    lost = sum(result.n_diverged > 0 for result in sweep.results)
    are = "1 point diverged" if lost == 1 else f"{lost} points diverged"
    left_out = f" {are} with a seed and can’t be compared." if lost else ""
    return f"{words} {luck.told_apart(found, 'point', name)}{left_out}"


def _complaints(shown: Sequence[GridSnapshot]) -> None:
    """Why points were left out, each reason once."""
    points = (result.point for sweep in shown for result in sweep.results)
    for said, n in Counter(point.complaint for point in points if point.complaint).items():
        st.caption(f"✕ {n} {'point' if n == 1 else 'points'} left out: {widgets.said(said)}.")
