"""Widgets in, validated config out."""

from __future__ import annotations

import math
import random
from functools import cache
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from core.config import LIMITS, RunConfig
from core.errors import ConfigError, DatasetError
from core.presets import PRESETS
from core.text import Corpus, embedded_corpus, is_embedded, read_names
from pages.parts import session
from pages.parts.settings import SETTINGS, Setting

PACES = {"Full speed": None, "2,000 a second": 2000.0, "100": 100.0, "10": 10.0, "1": 1.0}


def training_settings() -> RunConfig | None:
    """Draw all settings in the sidebar; the config they make, or None where one is wrong."""
    with st.sidebar:
        _presets()
        with st.expander("Data", expanded=False):
            _data()
        for group in ("Model", "Training"):
            st.markdown(f"**{group}**")
            for setting in SETTINGS:
                if setting.group == group:
                    _widget(setting)
                    if setting.name == "seed":
                        _seed_button()
        st.toggle(
            "Train as I drag",
            key="drags",
            persist_state="session",
            help="Every change of a setting trains a new run at once, over the curve of the last "
            "one. Made for runs of about a second.",
        )
        config = current_config()
        if config is not None:
            with st.popover("Link to these settings", width="stretch"):
                st.caption("Open this link, or send it: it holds all the settings above.")
                st.code(link(config), language=None, wrap_lines=True)
    return config


def model_settings() -> None:
    """Draw the settings of the network and the seed alone, on another page than Train.

    A widget belongs to its page, so these are copies that hand on what they are moved to.
    """
    for setting in SETTINGS:
        if setting.group == "Model" or setting.name == "seed":
            key = f"copy:{setting.name}"
            session.put(key, session.setting(setting.name, _first_value(setting)))
            _draw(setting, {"key": key, "on_change": _take_copy, "args": (setting.name, key)})
    _seed_button()


def drags() -> bool:
    """Whether a changed setting is to be trained at once."""
    return bool(session.remember("drags", False))


def current_config() -> RunConfig | None:
    """The config that the widgets make, on any page; says what is wrong where one is."""
    try:
        return RunConfig.from_settings({setting.name: _value(setting) for setting in SETTINGS})
    except ConfigError as error:
        label = next((s.label for s in SETTINGS if s.name == error.field), error.field)
        st.error(f"{label}: {error}. Put it right and Train is there again.")
        return None


def load(config: RunConfig) -> None:
    """Move all widgets to this config; only before they are drawn, as in a callback."""
    session.put_settings(_widget_values(config))


def use_rate(lr: float) -> None:
    """Move the learning rate to this one; only before its slider is drawn, as in a callback."""
    session.put_settings({"base_lr": _exponent(lr)})


def nearest_rate(lr: float) -> float | None:
    """What the learning rate is after `use_rate`; None where the setting cannot be that."""
    low, high = LIMITS["base_lr"]
    return rate_of(_exponent(lr)) if low <= lr <= high else None


def read_link() -> None:
    """Take the settings that stand in the URL, once a session; say so where they are wrong."""
    if session.remember("link_read", False):
        return
    session.put("link_read", True)
    # A name with a dot belongs to a widget of a chapter.
    given = {name: text for name, text in st.query_params.to_dict().items() if "." not in name}
    if not given:
        return
    try:
        load(RunConfig.from_settings({name: _from_text(name, v) for name, v in given.items()}))
    except ConfigError as error:
        session.put(
            "link_error", f"The link's settings were left out: {error}. The tutorial's are used."
        )


def link(config: RunConfig) -> str:
    """The page's URL with every setting that is not the tutorial's, and with its own widgets."""
    default = RunConfig().to_settings()
    own = {name: text for name, text in st.query_params.to_dict().items() if "." in name}
    changed = {
        name: ",".join(map(str, value)) if isinstance(value, tuple) else value
        for name, value in config.to_settings().items()
        if value != default.get(name)
    }
    base = (st.context.url or "").split("?")[0]
    query = changed | own
    return f"{base}?{urlencode(query)}" if query else base


def pace() -> None:
    """How fast the run may go; a change reaches a run that goes."""
    st.selectbox(
        "Pace",
        list(PACES),
        key="pace",
        persist_state="session",
        on_change=lambda: session.trainer().set_pace(PACES[session.remember("pace", "Full speed")]),
        help="Steps a second. Slow down to watch single steps.",
        label_visibility="collapsed",
        width=150,
    )


def _presets() -> None:
    st.markdown("**Presets**")
    for left, right in zip(PRESETS[::2], PRESETS[1::2], strict=True):
        for column, preset in zip(st.columns(2), (left, right), strict=True):
            column.button(
                preset.name,
                help=preset.help,
                on_click=load,
                args=(preset.config,),
                width="stretch",
            )


def _widget(setting: Setting) -> None:
    session.setting(setting.name, _first_value(setting))
    common: dict[str, Any] = {
        "key": session.setting_key(setting.name),
        "persist_state": "session",
    }
    if setting.widget == "log":
        common["on_change"] = _change_rate
    _draw(setting, common)


def _draw(setting: Setting, common: dict[str, Any]) -> None:
    """The widget that fits the setting, with what all widgets take."""
    common = common | {"help": setting.explained}
    low, high = LIMITS.get(setting.name, (0, 0))
    if setting.widget == "slider":
        st.slider(setting.label, int(low), int(high), **common)
    elif setting.widget == "number":
        st.number_input(setting.label, int(low), int(high), step=setting.step, **common)
    elif setting.widget == "log":
        st.slider(
            f"{setting.label} {_value(setting):g} = 10 to the power",
            _exponent(low),
            _exponent(high),
            step=0.001,
            format="%.3f",
            **common,
        )
    elif setting.widget == "choice":
        st.segmented_control(
            setting.label,
            list(setting.choices),
            format_func=setting.choices.__getitem__,
            required=True,
            **common,
        )
    else:
        st.text_input(setting.label, placeholder="constant rate", **common)


def _take_copy(name: str, key: str) -> None:
    session.put_settings({name: session.remember(key, None)})


def _first_value(setting: Setting) -> Any:
    """What the setting's widget holds when nobody has moved it."""
    return _first_values()[setting.name]


@cache
def _first_values() -> dict[str, Any]:
    return _widget_values(RunConfig())


def _value(setting: Setting) -> Any:
    """The setting's value as the config wants it, from what its widget holds."""
    held = session.setting(setting.name, _first_value(setting))
    if setting.widget == "log":
        return rate_of(held)
    return _from_text(setting.name, held) if isinstance(held, str) else held


def rate_of(exponent: float) -> float:
    """10^exponent to three digits, so that the rate shown is the rate used."""
    return float(f"{10**exponent:.3g}")


def _exponent(rate: float) -> float:
    return round(math.log10(rate), 3)


def _widget_values(config: RunConfig) -> dict[str, Any]:
    """What each widget must hold to make this config."""
    values = config.to_settings()
    values["base_lr"] = _exponent(values["base_lr"])
    values["decay_steps"] = ", ".join(map(str, values["decay_steps"]))
    values["factor"] = f"{values['factor']:g}"
    return {setting.name: values[setting.name] for setting in SETTINGS}


def _from_text(name: str, text: str) -> Any:
    """A value as written in a link or a text field.

    Raises:
        ConfigError: if it cannot be read as what the setting is.
    """
    if name not in LIMITS:
        return text
    try:
        if name == "decay_steps":
            return tuple(int(part.replace("_", "")) for part in text.split(",") if part.strip())
        return float(text) if name in {"base_lr", "factor"} else int(text)
    except ValueError:
        kind = "steps with commas between them" if name == "decay_steps" else "a number"
        raise ConfigError(name, kind, text) from None


def _seed_button() -> None:
    st.button("New seed", on_click=_new_seed, width="stretch")


def _new_seed() -> None:
    # Any seed will do, as long as it is written down: it is what makes the run repeatable.
    session.put_settings({"seed": random.SystemRandom().randrange(1, 2**31)})


def _change_rate() -> None:
    current = session.snapshot()
    if current is not None and not current.has_ended and not drags():
        lr = rate_of(session.setting("base_lr", -1.0))
        session.trainer().set_learning_rate(lr)


def _data() -> None:
    words = session.corpus()
    st.markdown(f"**{words.name}**: {_describe(words)}")
    uploaded = st.file_uploader(
        "Your own list: one word a line, UTF-8",
        type=["txt", "csv"],
        key="upload",
        max_upload_size=2,
        help="10 words or more, at most 1 MB. Case, accents and apostrophes are kept.",
    )
    if uploaded is not None:
        try:
            file = read_names(uploaded.getvalue())
        except DatasetError as error:
            st.error(f"{uploaded.name} was not taken: {error}")
        else:
            found = Corpus.of_words(uploaded.name, tuple(file.words))
            dropped = f"{file.n_blank_lines} blank lines left out, {file.n_trimmed} trimmed."
            st.caption(f"{_describe(found)} {dropped}")
            st.code("\n".join(file.words[:8]), language=None)
            st.button("Use this list", on_click=_use, args=(found,), type="primary")
    if not is_embedded(words):
        st.button("Back to the embedded names", on_click=_use, args=(embedded_corpus(),))


def _describe(words: Corpus) -> str:
    return (
        f"{len(words.texts):,} words, {len(words.known):,} different, "
        f"{len(words.vocabulary)} characters with the boundary."
    )


def _use(words: Corpus) -> None:
    session.current().corpus = words


def settings_changed(config: RunConfig, other: RunConfig) -> dict[str, Any]:
    """The settings of `config` that differ from those of `other`, by their labels."""
    labels = {setting.name: setting.label for setting in SETTINGS}
    old = other.to_settings()
    return {
        labels.get(name, name): value
        for name, value in config.to_settings().items()
        if value != old.get(name)
    }
