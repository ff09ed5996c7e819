"""A prediction to make before the answer is shown, and what there is to say of it."""

from __future__ import annotations

import streamlit as st

from core.lesson.practice import Prediction
from pages.visit import session

SHOW_ME = "Just show me"
AT_ONCE = "show_at_once"  # the visitor's wish, on the contents' page


def ask(prediction: Prediction, slug: str) -> bool:
    """Draw the question and, once there is a guess, whether it was right and why.

    Args:
        prediction: to ask for.
        slug: of its chapter.

    Returns:
        Whether the answer may be shown.
    """
    if session.remember(AT_ONCE, False):
        return True
    kept = f"guess:{slug}"  # holds also while the question is not drawn
    with st.container(border=True, key=f"prediction-{slug}"):
        guess = st.radio(
            f":material/psychology_alt: **Before you look.** {prediction.question}",
            [*prediction.options, SHOW_ME],
            index=None,
            key=f"{slug}.prediction",
            persist_state="session",
            on_change=_show,
            args=(prediction,),
        )
        if guess is not None:
            session.put(kept, guess)
            st.markdown(prediction.verdict(guess))
    return bool(session.remember(kept, ""))


def _show(prediction: Prediction) -> None:
    """Move the chapter's widgets to where the answer is seen."""
    for key, value in prediction.shows.items():
        session.put(key, value)
