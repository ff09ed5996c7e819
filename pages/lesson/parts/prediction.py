"""Asks for a prediction before a chapter shows its answer, and says whether it was right."""

from __future__ import annotations

import streamlit as st

from core.lesson.chapter import Chapter
from pages.visit import session
from pages.visit.state import SHOW_AT_ONCE, of_chapter, tab

SHOW_ME = "Just show me"


def ask(chapter: Chapter) -> bool:
    """Draw the chapter's question, if it has one, and once there is a guess, a verdict.

    On a stage the figure needs the room, and the presenter asks.

    Returns:
        Whether the answer may be shown.
    """
    asked, slug = chapter.prediction, chapter.slug
    if asked is None or session.is_presenting() or SHOW_AT_ONCE.get():
        return True
    guesses = tab().guesses  # hold also while the question is not drawn
    with st.container(border=True, key=f"prediction-{slug}"):
        guess = st.radio(
            f":material/psychology_alt: **Before you look.** {asked.question}",
            [*asked.options, SHOW_ME],
            index=None,
            key=of_chapter(slug, "prediction").key,
            persist_state="session",
            on_change=_show,
            args=(chapter,),
        )
        if guess is not None:
            guesses[slug] = guess
            st.markdown(asked.verdict(guess))
    return slug in guesses


def _show(chapter: Chapter) -> None:
    """Move the chapter's widgets to where the answer is seen."""
    for name, value in chapter.shows.items():
        of_chapter(chapter.slug, name).put(value)
