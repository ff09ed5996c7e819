"""Which settings a sweep goes over, and which of their values: widgets in, axes out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from core.config import RunConfig
from core.errors import ConfigError
from core.settings import Number, Setting, Whole, setting_of
from core.sweep import (
    MOST_VALUES,
    Axis,
    Edge,
    choices,
    has_use,
    spread,
    swept_settings,
    usual_range,
)
from pages.settings import widgets
from pages.visit import state

N_VALUES = Setting(
    kind=Whole(2, MOST_VALUES),
    label="Number of values",
    help="Evenly over the range, on the scale of the slider. Whole numbers are rounded.",
    widget="slider",
    key="n_values",
    default=7,
)
_NONE = "–"
GRID_RANGE, SEARCH_RANGE = "grid_range:", "search_range:"  # fronts of sliders' keys


def choose(label: str, key: str, run: RunConfig, *, first: str | None, taken: str = "") -> str:
    """Draw the choice of a setting.

    Args:
        label: of the widget.
        key: of the widget.
        run: the other settings; one that has no use beside them isn't offered.
        first: what it starts from; with None there may be none, and there is none at first.
        taken: key of a setting that is swept already.

    Returns:
        The setting's key, or an empty text.
    """
    offered = [
        setting.key
        for setting in swept_settings()
        if setting.key != taken and (has_use(setting, run) or _goes_with(setting, taken))
    ]
    options = offered if first is not None else [_NONE, *offered]
    labels = {_NONE: "None"} | {o: setting_of(RunConfig, o).label for o in offered}
    at_first = options.index(first) if first in options else 0
    chosen = st.selectbox(
        label,
        options,
        index=at_first,
        format_func=labels.__getitem__,
        key=key,
        persist_state="session",
    )
    return "" if chosen in (None, _NONE) else chosen


def axis(key: str, *, n_values: int) -> Axis | None:
    """Draw which values of a setting are tried; says what is wrong where they make no axis.

    Args:
        key: of the setting.
        n_values: how many to begin with.
    """
    setting = setting_of(RunConfig, key)
    if choices(setting):
        values = picked_options(setting, f"grid_options:{key}")
    else:
        values = _range(setting, n_values)
    try:
        return Axis(key=key, values=values)
    except ConfigError as error:
        st.error(f"{setting.label} {error.complaint}.")
        return None


def values_in_words(axis: Axis) -> str:
    """The values one after the other."""
    return ", ".join(axis.label(value) for value in axis.values)


def value_range(setting: Setting, key: str) -> tuple[Any, Any]:
    """Draw a slider with two ends for a setting that is a number; its bounds."""
    kind = setting.kind
    assert isinstance(kind, Number)
    key, low, high = state.first_range(key, usual_range(setting))
    more: dict[str, Any] = {"key": key, "persist_state": "session"}
    label = f"Range of {widgets.said(setting.label)}"
    if kind.stops:
        at_first = (_nearest(kind.stops, low), _nearest(kind.stops, high))
        held = st.select_slider(label, kind.stops, value=at_first, format_func=kind.label, **more)
    else:
        held = st.slider(
            label, *kind.bounds, value=(low, high), step=kind.step, format=kind.format, **more
        )
    return held[0], held[1]


def say_edges(edges: Iterable[Edge], front: str) -> None:
    """Say at which ends of its ranges the best lies, with a button that moves each further out.

    Args:
        edges: where it lies at one.
        front: of the keys of the ranges' sliders.
    """
    for edge in edges:
        name, label = widgets.said(edge.setting.label), edge.setting.kind.label
        end, more = ("upper", "higher") if edge.is_upper else ("lower", "lower")
        at = label(edge.high if edge.is_upper else edge.low)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            words = f"The lowest lies at the {end} end of **{name}**, near {at}: "
            if edge.wider is None:
                st.markdown(f"{words}that setting goes no {more}.")
                continue
            st.markdown(f"{words}there may be lower ones beyond.")
            low, high = edge.wider
            st.button(
                f"Widen to {label(low)} – {label(high)}",
                key=f"widen:{front}{edge.setting.key}",
                on_click=state.widen,
                args=(f"{front}{edge.setting.key}", low, high),
                help="Moves the range at the side; then run it again.",
            )


def _range(setting: Setting, n_values: int) -> tuple[Any, ...]:
    low, high = value_range(setting, f"{GRID_RANGE}{setting.key}")
    n = widgets.ask(N_VALUES, state.n_values_group(setting.key), value=n_values)
    return spread(setting, low, high, n)


def picked_options(setting: Setting, key: str) -> tuple[Any, ...]:
    """Draw the values of a setting that is no number; those that are picked."""
    options = choices(setting)
    words = {
        setting.kind.write(option): widgets.said(setting.kind.label(option)) for option in options
    }
    picked = st.pills(
        f"Values of {widgets.said(setting.label)}",
        list(words),
        selection_mode="multi",
        default=list(words),
        format_func=words.__getitem__,
        key=key,
        persist_state="session",
    )
    return tuple(option for option in options if setting.kind.write(option) in picked)


def _goes_with(setting: Setting, other: str) -> bool:
    return setting.only_where is not None and setting.only_where[0] == other


def _nearest(stops: Iterable[Any], value: Any) -> Any:
    return min(stops, key=lambda stop: abs(stop - value))
