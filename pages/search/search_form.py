"""What to search: ranges of settings and how, widgets in, a validated search out."""

from __future__ import annotations

import streamlit as st

from core.config import LENGTH, RunConfig
from core.errors import ConfigError
from core.search import FIRST, Range, SearchConfig
from core.settings import setting_of
from core.sweep import choices, has_use, swept_settings
from pages.jobs import axis_choice, job_page
from pages.settings import widgets
from pages.visit import limits, session, state

GROUP = state.SEARCH
HOW, N_RUNS, OBJECTIVE, N_STEPS, SECONDS, N_SEEDS, IS_PRUNED = (
    setting_of(SearchConfig, name)
    for name in ("how", "n_runs", "objective", "n_steps", "seconds", "n_seeds", "is_pruned")
)


def settings(run: RunConfig) -> SearchConfig | None:
    """Draw the search's fields in the sidebar; what they make, or None where something is wrong."""
    with st.sidebar:
        st.markdown("**Search**")
        ranges = _ranges(run)
        how = widgets.ask(HOW, GROUP, width="stretch")
        n_runs = widgets.ask(N_RUNS, GROUP)
        objective = widgets.ask(OBJECTIVE, GROUP)
        steps_are_searched = LENGTH in {each.key for each in ranges or ()}
        n_steps, seconds = N_STEPS.default, SECONDS.default
        if objective == "seconds":
            seconds = widgets.ask(SECONDS, GROUP)
        elif not steps_are_searched:
            n_steps = widgets.ask(N_STEPS, GROUP)
        n_seeds = widgets.ask(N_SEEDS, GROUP)
        is_pruned = widgets.ask(IS_PRUNED, GROUP)
        st.caption(
            "All other settings are those of the Train page. Only the training and validation "
            f"{session.corpus().document}s are used; the test set isn’t touched."
        )
    if ranges is None:
        return None
    try:
        config = SearchConfig(
            run=run,
            ranges=ranges,
            how=how,
            n_runs=n_runs,
            objective=objective,
            n_steps=n_steps,
            seconds=seconds,
            n_seeds=n_seeds,
            is_pruned=is_pruned,
        )
        limits.check_search(config)
    except ConfigError as error:
        job_page.refuse(SearchConfig, error)
        return None
    return config


def _ranges(run: RunConfig) -> tuple[Range, ...] | None:
    offered = [setting.key for setting in swept_settings() if has_use(setting, run)]
    labels = {key: setting_of(RunConfig, key).label for key in offered}
    picked = st.multiselect(
        "Settings to search",
        offered,
        default=[key for key in FIRST if key in offered],
        format_func=labels.__getitem__,
        key="searched",
        persist_state="session",
    )
    ranges, is_wrong = [], False
    for key in picked:
        try:
            ranges.append(_range(key))
        except ConfigError as error:
            job_page.refuse(SearchConfig, error)
            is_wrong = True
    if not picked:
        st.error("Pick at least one setting to search.")
    return tuple(ranges) if ranges and not is_wrong else None


def _range(key: str) -> Range:
    """Draw what a setting may be.

    Raises:
        ConfigError: if that leaves nothing to choose from.
    """
    setting = setting_of(RunConfig, key)
    if choices(setting):
        return Range(key=key, options=axis_choice.picked_options(setting, f"search_options:{key}"))
    low, high = axis_choice.value_range(setting, f"{axis_choice.SEARCH_RANGE}{key}")
    return Range(key=key, low=low, high=high)
