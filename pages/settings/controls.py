"""Widgets in, validated config out."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from core.config import RunConfig
from core.errors import ConfigError
from core.jobs import DRAG_STEPS
from core.presets import Preset
from core.runs import RunRecord, Speed
from core.settings import Seed, Setting, label_of, setting_of, settings_of
from pages.settings import data, folded, hidden, meant, share, sliders, widgets
from pages.visit import limits, session, state
from pages.wording.escaping import plain

# In this order the settings are shown: those that one tries first, and the others behind 'More'.
SEEN = ("base_lr", "steps", "n_hidden")
MORE = {
    "model": ("block_size", "n_embd", "init", "direct", "tied", "unigram_bias"),
    "training": (
        "batch_size", "decay", "decay_steps", "factor", "decrease", "optimiser",
        "weight_decay", "dropout", "embedding_dropout", "mix", "train_on", "seed", "engine",
    ),
}  # fmt: skip
TUTORIALS = ("block_size", "n_embd", "n_hidden", "init")  # of its network
LEARNING_RATE = setting_of(RunConfig, "base_lr")
MOST_PRESETS = 6  # that stand together
PACES: dict[str, Speed] = {
    "Watch": "watch",
    "Full speed": None,
    "2,000 a second": 2000.0,
    "100": 100.0,
    "10": 10.0,
    "1": 1.0,
}


def training_settings(offer_page: Callable[[RunRecord, str], None]) -> RunConfig | None:
    """Draw all settings in the sidebar; the config they make, or None where one is wrong.

    Args:
        offer_page: see `share.popover`.
    """
    left_out, is_dragged = hidden.names(), drags()
    if "settings" in left_out:
        return current_config()
    with st.sidebar:
        if "data" not in left_out:
            data.choose()
        if "presets" not in left_out:
            _presets()
        _draw_all(SEEN, left_out, is_dragged)
        for group, keys in MORE.items():
            name, there = f"more_{group}", [key for key in keys if key not in left_out]
            if there:
                label = f"More of the {group}"
                with folded.expander(label, key=name, beside=_changed(there)) as is_drawn:
                    _draw_all(there if is_drawn else (), left_out, is_dragged)
        config = current_config()
        if config is not None:
            sliders.offer(config)
            if "share" not in left_out:
                share.popover(lambda extras: link(config, extras), offer_page)
    return config


def model_settings(keys: Sequence[str] = (*TUTORIALS, "seed")) -> None:
    """Draw some settings in another place than the side bar of the Train page.

    A widget belongs to its place, so these are copies that hand on what they are moved to.

    Args:
        keys: of the settings; without any those of the tutorial's network and the seed.
    """
    for key in keys:
        setting = setting_of(RunConfig, key)
        copy = state.of_setting(setting, state.COPY)
        copy.put(_held(setting))
        widgets.draw(setting, copy, on_change=_take_copy, args=(setting,))
        _seed_button(setting)


def drag_toggle() -> None:
    """The switch that makes the settings train while they move."""
    st.toggle(
        "Train as I drag",
        key=state.DRAGS.key,
        persist_state="session",
        help=f"While a slider moves, the first {DRAG_STEPS:,} steps of each position are trained "
        "and drawn at once, the older curves faint. Let go, and the whole run starts. Other "
        "settings start the whole run when they change.",
    )


def drags() -> bool:
    """Whether a changed setting is to be trained at once."""
    return bool(state.DRAGS.get())


def current_config() -> RunConfig | None:
    """The config that the widgets make, on any page; says what is wrong where one is."""
    try:
        return _config_of_widgets()
    except ConfigError as error:
        label = label_of(RunConfig, error.field)
        st.error(f"{label}: {plain(error)}. Fix it, and Train is back.")
        return None


def held_config() -> RunConfig | None:
    """The same without a word: None where a widget is wrong."""
    with suppress(ConfigError):
        return _config_of_widgets()
    return None


def _config_of_widgets() -> RunConfig:
    held = [_held(setting) for setting in settings_of(RunConfig)]
    try:
        return _config_of(*held)
    except TypeError:  # something that has no hash, which only a forged message holds
        return _config_of.__wrapped__(*held)


@lru_cache(1000, typed=True)  # a run of a page asks for it four times
def _config_of(*held: Any) -> RunConfig:
    """The config of what the widgets of all settings hold, in the order of the table."""
    with_settings = zip(settings_of(RunConfig), held, strict=True)
    config = RunConfig.from_settings(
        {setting.key: setting.value(it) for setting, it in with_settings if it is not None}
    )
    limits.check(config)
    return config


def load(config: RunConfig) -> None:
    """Move all widgets to this config; only before they are drawn, as in a callback."""
    state.load(config)


def use_rate(lr: float) -> None:
    """Move the learning rate to this one; only before its slider is drawn, as in a callback."""
    state.put_settings({LEARNING_RATE.key: _three_digits(lr)})


def nearest_rate(lr: float) -> float | None:
    """What the learning rate is after `use_rate`; None where the setting cannot be that."""
    try:
        LEARNING_RATE.check(lr)
    except ConfigError:
        return None
    return _three_digits(lr)


def rate_of(exponent: float) -> float:
    """10^exponent to three digits, so that the rate shown is the rate used."""
    return _three_digits(10**exponent)


def read_link() -> None:
    """Take the settings that stand in the URL, once a session; say so where they are wrong."""
    mine = state.tab()
    if mine.link_read:
        return
    mine.link_read = True
    # A name with a dot belongs to a widget of a chapter.
    given = {name: text for name, text in st.query_params.to_dict().items() if "." not in name}
    given.pop("hide", None)
    given.pop("run", None)
    for name in state.ROOM_PARAMETERS:
        given.pop(name, None)
    go = given.pop("go", None)
    if go is not None:
        del st.query_params["go"]  # a reload is no second press
    if not given and go is None:
        return
    mine.link_error = data.use_from_link(given.pop("data")) if "data" in given else ""
    mine.link_goes = go == "1" and not mine.link_error
    if go is not None and go != "1":
        mine.link_error = mine.link_error or "The link’s ‘go’ isn’t 1, so nothing was started."
    try:
        if given or mine.meant is not None:
            config = RunConfig.from_link(given)
            if not meant.holds(config, session.corpus().unit):
                load(config)
    except ConfigError as error:
        mine.link_goes = False
        mine.link_error = (
            f"The link's settings were left out: {plain(error)}. The tutorial's are used."
        )


def is_told_to_go() -> bool:
    """Whether the link starts a run; so once, and only with all that it asks for."""
    mine = state.tab()
    is_told, mine.link_goes = mine.link_goes, False
    return is_told


def link(config: RunConfig, extras: Mapping[str, str] | None = None) -> str:
    """The page's URL with every setting that is not the tutorial's, and with its own widgets.

    Args:
        config: all settings.
        extras: what else it says, by name.
    """
    own = {name: text for name, text in st.query_params.to_dict().items() if "." in name}
    base = (st.context.url or "").split("?")[0]
    query = data.in_link(session.corpus()) | config.to_link() | own | dict(extras or {})
    return f"{base}?{urlencode(query)}" if query else base


def pace() -> None:
    """How fast the run may go; a change reaches a run that goes."""
    st.selectbox(
        "Pace",
        list(PACES),
        key=state.PACE.key,
        persist_state="session",
        on_change=lambda: session.trainer().set_pace(chosen_pace()),
        help="Watch: the whole run in about 12 seconds, half of them for its first few hundred "
        "steps, where most happens. The numbers are steps a second. No pace changes a result.",
    )


def chosen_pace() -> Speed:
    """The pace of the runs that are begun on the Train page."""
    return PACES[state.PACE.one_of(PACES)]


def _presets() -> None:
    presets = data.presets()
    first, *others = presets
    with st.popover("Presets", key="presets", width="stretch"):
        if len(presets) > MOST_PRESETS:
            _preset_buttons([first])
            st.caption(f"The paper's {others[0].name} to {others[-1].name}")
        with widgets.pairs("presets"):
            _preset_buttons(others if len(presets) > MOST_PRESETS else presets)


def _preset_buttons(presets: Sequence[Preset]) -> None:
    for preset in presets:
        st.button(
            preset.name, help=preset.help, on_click=_load_preset, args=(preset,), width="stretch"
        )


def _load_preset(preset: Preset) -> None:
    load(preset.config)
    session.choose_anew()


def _has_use(setting: Setting) -> bool:
    if setting.only_where is None:
        return True
    other, value = setting.only_where
    return bool(_held(setting_of(RunConfig, other)) == value)


def _changed(keys: Sequence[str]) -> str:
    """What stands beside the name of settings that few need: how many are not as they start."""
    changed = sum(
        _held(known) != state.of_setting(known).first
        for known in map(partial(setting_of, RunConfig), keys)
        if not isinstance(known.kind, Seed)
    )
    return f", {changed} changed" if changed else ""


def _draw_all(keys: Sequence[str], left_out: Container[str], is_dragged: bool) -> None:
    for setting in map(partial(setting_of, RunConfig), keys):
        if setting.key not in left_out and _has_use(setting):
            _draw(setting, is_dragged)


def _draw(setting: Setting, is_dragged: bool) -> None:
    if is_dragged and sliders.has_one(setting):
        sliders.draw(setting, _held(setting), _moved)
        return
    mine = state.of_setting(setting)
    widgets.draw(setting, mine, persist_state="session", on_change=_moved, args=(setting,))
    _seed_button(setting)


def _seed_button(setting: Setting) -> None:
    if isinstance(setting.kind, Seed):
        st.button("New seed", on_click=_new_seed, args=(setting,), width="stretch")


def _new_seed(setting: Setting) -> None:
    state.put_settings({setting.key: Seed.by_chance()})
    _moved(setting)


def _take_copy(setting: Setting) -> None:
    state.put_settings({setting.key: state.of_setting(setting, state.COPY).get()})
    _moved(setting)


def _moved(setting: Setting) -> None:
    """What a moved widget takes with it."""
    followers = (other for other in settings_of(RunConfig) if other.follows == setting.key)
    state.put_settings({follower.key: None for follower in followers})
    current = session.snapshot()
    if setting.is_live and current is not None and not current.has_ended and not drags():
        session.trainer().set_learning_rate(setting.value(_held(setting)))


def _held(setting: Setting) -> Any:
    """What the widget of a setting holds; None where it follows another."""
    return state.of_setting(setting).get()


def _three_digits(lr: float) -> float:
    return float(f"{lr:.3g}")


def changed_for_the_next(config: RunConfig, other: RunConfig) -> list[Setting]:
    """The settings of `config` that differ from `other`, but for those that a run takes at once."""
    new, old = config.to_settings(), other.to_settings()
    return [
        setting
        for setting in settings_of(RunConfig)
        if not setting.is_live and new.get(setting.key) != old.get(setting.key)
    ]
