"""A visitor's place in a room."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from core.rooms.room import Member, Place, Room


@dataclass(slots=True, eq=False)
class Seat:
    """What one page load holds of a room.

    Attributes:
        key: by which the room knows the browser.
        follows: whether it goes where the host is, as long as the host leads.
        n_followed: the host's move that it has followed last.
        place: where its page is.
        sets_up: whether its page is to have the data of the room's challenge.
        token, wall_token: unguessable names of the streams of the room and of its wall.
    """

    room: Room
    key: str
    follows: bool = True
    n_followed: int = 0
    place: Place | None = None
    sets_up: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    wall_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def is_host(self) -> bool:
        """Whether it's a host's."""
        return self.room.is_host(self.key)

    @property
    def member(self) -> Member | None:
        """The member whose it is; None for a host."""
        return self.room.member(self.key)

    def shown_guess(self, slug: str) -> str | None:
        """The words of what this member guessed of a chapter; empty without a guess.

        None where the room isn't asked this chapter's question, or the answers aren't shown.
        """
        guesses, member = self.room.guesses, self.member
        if guesses is None or not guesses.is_shown or guesses.question.slug != slug:
            return None
        option = guesses.answers.get(member.number) if member is not None else None
        return "" if option is None else guesses.question.options[option]

    def give_up(self) -> None:
        """Leave the room for good; it ends with its host."""
        if self.is_host:
            self.end()
        else:
            self.room.leave(self.key)

    def end(self) -> None:
        """Have the room over.

        Raises:
            RoomError: if it isn't a host's.
        """
        self.room.end(f"The host has ended room {self.room.code}.", self.key)

    @property
    def is_behind(self) -> bool:
        """Whether it has to go where the host is."""
        room = self.room
        is_led = room.leads and self.follows and not self.is_host
        return is_led and self.n_followed < room.n_moves
