"""Asks for a prediction before a chapter shows its answer, and says whether it was right."""

from __future__ import annotations

import streamlit as st

from core.lesson.chapter import Chapter, Prediction
from pages.visit import lesson_progress, session
from pages.visit.state import SHOW_AT_ONCE, of_chapter, tab

SHOW_ME = "Just show me"


def ask(chapter: Chapter) -> bool:
    """Draw the chapter's question, if it has one, and once there is a guess, a verdict.

    On a stage the room guesses, and a key shows the answer. Who is in a room that has guessed has
    their guess of there.

    Returns:
        Whether the answer may be shown.
    """
    asked, slug = chapter.prediction, chapter.slug
    if asked is None or SHOW_AT_ONCE.get():
        return True
    guesses = tab().guesses  # hold also while the question is not drawn
    seat = session.current().seat
    in_room = seat.shown_guess(slug) if seat is not None else None
    if in_room is not None and slug not in guesses:
        guesses[slug] = in_room or SHOW_ME
        of_chapter(slug, "prediction").put(guesses[slug])
        _show(chapter)
    if session.is_presenting():
        if slug not in guesses:
            _ask_the_room(chapter, asked)
        return slug in guesses
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


def _ask_the_room(chapter: Chapter, asked: Prediction) -> None:
    options = "\n".join(f"- {option}" for option in asked.options)
    st.markdown(f"### {asked.question}\n\n{options}")
    st.button(
        "Show the answer",
        key=f"reveal:{chapter.slug}",
        shortcut="A",
        on_click=_reveal,
        args=(chapter,),
    )


def _reveal(chapter: Chapter) -> None:
    tab().guesses[chapter.slug] = SHOW_ME
    _show(chapter)


def _show(chapter: Chapter) -> None:
    """Move the chapter's widgets to where the answer is seen."""
    lesson_progress.look_away()
    for name, value in chapter.shows.items():
        of_chapter(chapter.slug, name).put(value)
