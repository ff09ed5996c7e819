"""A question to the room: each member answers once, and counts are hidden until they're shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from core.errors import RoomError


@dataclass(frozen=True, slots=True)
class Question:
    """What the room is asked.

    Attributes:
        slug: of the chapter that it is from.
        text: plain.
        options: to choose from.
    """

    slug: str
    text: str
    options: tuple[str, ...]


@dataclass(slots=True)
class Guesses:
    """A question that is open, and what was answered.

    Attributes:
        number: of the question in its room, from 1.
        answers: place of the chosen option, by the member's number.
        is_shown: whether the counts may be seen; from then on nobody answers any more.
    """

    question: Question
    number: int
    answers: dict[int, int] = field(default_factory=dict)
    is_shown: bool = False

    def answer(self, member: int, option: int) -> None:
        """Take a member's answer; the first one stays.

        Raises:
            RoomError: if there is no such option, they have answered, or the answers are shown.
        """
        if self.is_shown:
            raise RoomError("The answers are shown, so nothing is counted any more.")
        if not 0 <= option < len(self.question.options):
            raise RoomError("There is no such answer.")
        if member in self.answers:
            raise RoomError("You’ve answered already.")
        self.answers[member] = option

    def counts(self) -> tuple[int, ...]:
        """How many chose each option.

        >>> guesses = Guesses(Question("loss", "Up or down?", ("Up", "Down")), 1)
        >>> guesses.answer(1, 0), guesses.answer(2, 1)
        (None, None)
        >>> guesses.counts()
        (1, 1)
        """
        counted = Counter(self.answers.values())
        return tuple(counted[option] for option in range(len(self.question.options)))
