"""The chapters' questions, as a room is asked them."""

from __future__ import annotations

from core.lesson.contents import CHAPTERS
from core.rooms import Question, Seat

QUESTIONS = {
    chapter.slug: Question(
        chapter.slug,
        chapter.prediction.question.replace("**", ""),
        chapter.prediction.options,
    )
    for chapter in CHAPTERS
    if chapter.prediction is not None
}


def shown_guess(seat: Seat | None, slug: str) -> str | None:
    """What a member guessed of a chapter whose answers the room sees; empty without a guess.

    Args:
        seat: of the visitor.
        slug: of the chapter.

    Returns:
        The option's words; None while the room hasn't been shown this chapter's answers.
    """
    guesses = seat.room.guesses if seat is not None else None
    if seat is None or guesses is None or not guesses.is_shown or guesses.question.slug != slug:
        return None
    member = seat.member
    option = guesses.answers.get(member.number) if member is not None else None
    return "" if option is None else guesses.question.options[option]
