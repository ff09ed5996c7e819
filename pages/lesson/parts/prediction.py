"""A prediction to make before the answer is shown, and what there is to say of it."""

from __future__ import annotations

import streamlit as st

from core.lesson.chapter import Prediction
from core.lesson.practice import PRACTICE
from pages.visit.state import SHOW_AT_ONCE, linked, of_chapter, tab

SHOW_ME = "Just show me"


def ask(prediction: Prediction, slug: str) -> bool:
    """Draw the question and, once there is a guess, whether it was right and why.

    Args:
        prediction: to ask for.
        slug: of its chapter.

    Returns:
        Whether the answer may be shown.
    """
    if SHOW_AT_ONCE.get():
        return True
    guesses = tab().guesses  # hold also while the question is not drawn
    with st.container(border=True, key=f"prediction-{slug}"):
        guess = st.radio(
            f":material/psychology_alt: **Before you look.** {prediction.question}",
            [*prediction.options, SHOW_ME],
            index=None,
            key=of_chapter(slug, "prediction").key,
            persist_state="session",
            on_change=_show,
            args=(slug,),
        )
        if guess is not None:
            guesses[slug] = guess
            st.markdown(prediction.verdict(guess))
    return bool(guesses.get(slug))


def _show(slug: str) -> None:
    """Move the chapter's widgets to where the answer is seen."""
    for key, value in PRACTICE[slug].shows.items():
        linked(key).put(value)
