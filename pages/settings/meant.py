"""The data that a link means and doesn't hold: said, asked for, and known again by its digest."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from core.config import RunConfig
from core.errors import DatasetError
from core.runs.codec.label import DataLabel
from core.text import AS_COUNTED, Corpus, Unit
from pages.visit import state
from pages.wording.escaping import plain


def read(text: str) -> DataLabel | None:
    """The data that a link means, if it's somebody's own."""
    try:
        return DataLabel.from_link(text)
    except DatasetError:
        return None


def ask_for(label: DataLabel) -> str:
    """Ask for it until it's given; what a link's opening says."""
    state.tab().meant = label
    return (
        f"The link is for data that it doesn’t hold: {_named(label)}. Give that file at the side, "
        "under Data; the link’s settings go with it."
    )


def holds(config: RunConfig, unit: Unit) -> bool:
    """Keep the link's settings for its data; whether they are of no use until it's there.

    Args:
        config: the link's settings.
        unit: of the data in use.
    """
    mine = state.tab()
    if mine.meant is None:
        return False
    mine.meant_config = config
    return mine.meant.unit != unit


def among(corpora: Iterable[Corpus], label: DataLabel) -> Corpus | None:
    """The data itself, where this visitor has it."""
    same_unit = (corpus for corpus in corpora if corpus.unit == label.unit)
    return next((each for each in same_unit if DataLabel.of(each).digest == label.digest), None)


def say() -> None:
    """Draw, where data is chosen, what the link asks for, or what became of that."""
    mine = state.tab()
    if mine.meant is not None:
        where = "Names" if mine.meant.unit == "character" else "Words, as your own text"
        st.info(f"The link is for {_named(mine.meant)}: give that file under {where}.")
        st.button("Go on without it", on_click=_go_on, width="stretch")
    elif mine.meant_said:
        st.caption(mine.meant_said)


def is_asked(unit: Unit) -> bool:
    """Whether the link asks for data of this unit."""
    label = state.tab().meant
    return label is not None and label.unit == unit


def is_counted() -> bool:
    """Whether the link asks for a list as often as its names were counted."""
    label = state.tab().meant
    return label is not None and label.name.endswith(AS_COUNTED)


def take(corpus: Corpus) -> RunConfig | None:
    """Note that data was given; the settings that waited for it."""
    mine = state.tab()
    label = mine.meant
    if label is None or corpus.unit != label.unit:
        mine.meant_said = ""
        return None
    given = DataLabel.of(corpus)
    if given.digest == label.digest:
        mine.meant_said = "This is the data that the link is for, with the link’s settings."
    else:
        amounts = given.amount, label.amount
        how = "others" if amounts[0] == amounts[1] else f"{amounts[0]} instead of {amounts[1]}"
        mine.meant_said = (
            f"This isn’t the data that the link is for: {how}. The link’s settings are used, and "
            "losses will differ."
        )
    mine.meant, mine.link_error = None, ""
    config, mine.meant_config = mine.meant_config, None
    return config


def _go_on() -> None:
    mine = state.tab()
    mine.meant, mine.meant_config, mine.link_error = None, None, ""


def _named(label: DataLabel) -> str:
    return f"**{plain(label.name)}** ({label.amount})"
