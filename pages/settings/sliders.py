"""The settings that one drags, as sliders of our own: Streamlit's tell only when let go."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypedDict

from core.config import RunConfig
from core.errors import ConfigError
from core.jobs import DRAG_STEPS, can_be_dragged
from core.settings import Number, Setting
from pages.live import component
from pages.live.dragging import DRAGGED
from pages.settings import widgets
from pages.visit import session, state


class SliderData(TypedDict):
    """For one slider.

    Attributes:
        setting: its key.
        label: over it.
        help: on hover.
        stops: the values that it can have, rising.
        words: of each of these.
        at: which of them it is.
        drag: URL of the websocket for positions, relative to the app's root.
        n_steps: of the run of each position.
    """

    setting: str
    label: str
    help: str
    stops: list[float]
    words: list[str]
    at: int
    drag: str
    n_steps: int


def has_one(setting: Setting) -> bool:
    """Whether this setting can be dragged with the visitor's corpus."""
    return setting.key in DRAGGED and can_be_dragged(session.corpus())


def draw(setting: Setting, held: Any, on_moved: Callable[[Setting], None]) -> None:
    """Draw the slider of a setting.

    Args:
        setting: of a number.
        held: its value now.
        on_moved: what to do with the setting after it was let go at another value.
    """
    kind = setting.kind
    assert isinstance(kind, Number)
    stops = kind.stops_with(held) or tuple(range(int(kind.low), int(kind.high) + 1))
    data: SliderData = {
        "setting": setting.key,
        "label": widgets.said(setting.label),
        "help": widgets.explained(setting),
        "stops": list(stops),
        "words": [kind.label(stop) for stop in stops],
        "at": stops.index(held),
        "drag": f"drag/{session.trainer().token}",
        "n_steps": DRAG_STEPS,
    }
    position = state.dragged_position(setting)
    # No widget of Streamlit's keeps it meanwhile.
    state.of_setting(setting).put(held)
    component.show(
        "slider",
        key=position.key,
        page="",
        data=data,
        on_change={position.name: partial(_let_go, setting, on_moved)},
    )


def offer(config: RunConfig) -> None:
    """From now on positions are changes of these settings."""
    mine = session.current()
    mine.drag.offer(config, mine.corpus)


def _let_go(setting: Setting, on_moved: Callable[[Setting], None]) -> None:
    position = state.dragged_position(setting).get()
    value = position.get("value") if isinstance(position, dict) else None
    try:
        setting.check(value)
    except ConfigError:
        return  # no slider of ours says that
    state.put_settings({setting.key: setting.held(value)})
    on_moved(setting)
