"""The widget of any setting, by what is known of it in core."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.settings import LONGEST_TEXT, Number, OneOf, Setting, Switch
from pages.visit import session, state
from pages.visit.state import Held
from pages.wording.glossary import TERMS


def ask(setting: Setting, group: str, **more: Any) -> Any:
    """Draw a setting's widget, kept for the session under group and key; the value it holds.

    Args:
        setting: to be drawn.
        group: of the settings, the front of its name in the session.
        more: what else its widget takes.
    """
    return setting.value(
        draw(setting, state.of_setting(setting, group), persist_state="session", **more)
    )


def draw(setting: Setting, mine: Held[Any], **more: Any) -> Any:
    """Draw the widget of a setting; what it holds.

    Args:
        setting: to be drawn.
        mine: the widget's value, from what it starts.
        more: what else its widget takes; a `value` is where it starts from instead.
    """
    held = more["value"] if "value" in more else mine.get()
    if held is None and not setting.follows:
        held = mine.first  # nothing was picked, which only a forged message says
    label = said(setting.label)
    arguments = {"key": mine.key, "help": explained(setting) or None} | more
    if isinstance(setting.kind, OneOf):
        words = {value: said(text) for value, text in setting.kind.choices(held).items()}
        return st.segmented_control(
            label, list(words), format_func=words.__getitem__, required=True, **arguments
        )
    if isinstance(setting.kind, Number) and setting.kind.stops and setting.widget == "slider":
        stops = setting.kind.stops_with(held)
        return st.select_slider(label, stops, format_func=setting.kind.label, **arguments)
    if isinstance(setting.kind, Number):
        number: Any = st.slider if setting.widget == "slider" else st.number_input
        low, high = setting.kind.bounds
        step, format_ = setting.kind.step, setting.kind.format
        return number(label, low, high, step=step, format=format_, **arguments)
    if isinstance(setting.kind, Switch):
        return st.toggle(label, **arguments)
    return st.text_input(
        label, max_chars=LONGEST_TEXT, placeholder=setting.placeholder or None, **arguments
    )


def pairs(name: str) -> Any:
    """A container whose elements stand two in a line, one where there is little room.

    Columns look the same, but a line of them is three messages of its own in each run of a page.

    Args:
        name: of it within the page.
    """
    return st.container(key=f"nm-pairs-{name}")


def explained(setting: Setting) -> str:
    """The help with the term's symbol and shape, as shown on hover."""
    where = TERMS[setting.term].where if setting.term else ""
    return said(setting.help) + (f" ({where})" if where else "")


def said(text: str) -> str:
    """A setting's text with what a token and a document of the visitor's corpus are called."""
    return text.format_map(session.corpus().vocabulary.wording)
