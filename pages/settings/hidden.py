"""What a link hides, for a class or a frame in another page: controls, parts, the navigation."""

from __future__ import annotations

import streamlit as st

from core.config import RunConfig
from core.settings import settings_of
from pages.visit import state
from pages.wording.escaping import plain

PARTS = {
    "navigation": "Navigation",
    "settings": "All settings",
    "data": "Choice of data",
    "presets": "Presets",
    "share": "Share",
    "pace": "Pace and ‘Train as I drag’",
    "asking": "The question to the network",
    "runs": "Table of runs",
    "away": "Download, bring back",
}
MOST_SAID = 5  # names that a refusal repeats


def choices() -> dict[str, str]:
    """All that can be hidden: its name in a link, and its words."""
    return PARTS | {known.key: known.label for known in settings_of(RunConfig)}


def read_link() -> None:
    """Take what the URL hides, once a session; before the navigation is drawn."""
    mine = state.tab()
    if mine.hidden is not None:
        return
    names = [name.strip() for name in st.query_params.get("hide", "").split(",") if name.strip()]
    known = choices()
    hidden = {name for name in names if name in known}
    if st.context.is_embedded:
        hidden.add("navigation")
    mine.hidden = frozenset(hidden)
    unknown = [f"‘{name[:40]}’" for name in names if name not in known]
    if unknown:
        said = ", ".join(map(plain, unknown[:MOST_SAID]))
        mine.hidden_said = f"The link hides what isn’t known here, so it’s left alone: {said}."


def say() -> None:
    """Say what the link couldn't hide."""
    if said := state.tab().hidden_said:
        st.warning(said)


def names() -> frozenset[str]:
    """The parts and settings that aren't to be shown."""
    return state.tab().hidden or frozenset()


def is_hidden(name: str) -> bool:
    """Whether this part or setting isn't to be shown."""
    return name in names()
