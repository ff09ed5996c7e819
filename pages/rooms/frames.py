"""A room as messages for the browser, made once for all who are in it; see `live/frames.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict

from core.rooms import Room
from pages.live.frames import pack


class RoomDescription(TypedDict):
    """What stays the same of a room.

    Attributes:
        kind: of message.
        id: of the room in its stream, always 1.
        code: by which it's found.
    """

    kind: Literal["room-description"]
    id: int
    code: str


class MemberFrame(TypedDict):
    """One who joined."""

    number: int
    nickname: str


class QuestionFrame(TypedDict):
    """What the room is asked.

    Attributes:
        number: of the question in the room.
        slug: of the chapter that it is from, the path of its page.
        text: plain.
        options: to choose from.
        n_answers: how many have answered.
        counts: how many chose each option; null until the host shows them.
    """

    number: int
    slug: str
    text: str
    options: Sequence[str]
    n_answers: int
    counts: Sequence[int] | None


class RoomFrame(TypedDict):
    """What changes in a room, all of it.

    Attributes:
        kind: of message.
        id: that of its description.
        state: always 'open', as a room that's over has no stream.
        version: rises with each frame.
        members: by arrival.
        leads: whether those who follow have to be where the host is.
        question: null where none is asked.
    """

    kind: Literal["room-frame"]
    id: int
    state: Literal["open"]
    version: int
    members: Sequence[MemberFrame]
    leads: bool
    question: QuestionFrame | None


class RoomFrames:
    """Makes the messages of one room."""

    def __init__(self) -> None:
        self._made: tuple[int, bytes] = (0, b"")

    def id_of(self, room: Room) -> int:
        """Always the same."""
        del room
        return 1

    def version_of(self, room: Room) -> int:
        """Rises with each change."""
        return room.version

    def describe(self, room: Room) -> bytes:
        """The room's `RoomDescription`."""
        description: RoomDescription = {"kind": "room-description", "id": 1, "code": room.code}
        return pack(description)

    def make(self, room: Room) -> bytes:
        """The room's `RoomFrame` as it is now."""
        version, made = self._made
        if version != room.version:
            version = room.version
            made = pack(_frame(room, version))
            self._made = version, made
        return made


def _frame(room: Room, version: int) -> RoomFrame:
    members = list(room.members.values())
    return {
        "kind": "room-frame",
        "id": 1,
        "state": "open",
        "version": version,
        "members": [{"number": each.number, "nickname": each.nickname} for each in members],
        "leads": room.leads,
        "question": _question(room),
    }


def _question(room: Room) -> QuestionFrame | None:
    guesses = room.guesses
    if guesses is None:
        return None
    return {
        "number": guesses.number,
        "slug": guesses.question.slug,
        "text": guesses.question.text,
        "options": guesses.question.options,
        "n_answers": len(guesses.answers),
        "counts": guesses.counts() if guesses.is_shown else None,
    }
