"""A room as messages for the browser, made once for all who are in it; see `live/frames.py`."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Generic, Literal, TypedDict, TypeVar

from core.rooms import Entry, Room
from pages.live.frames import pack
from pages.live.stream import Versioned
from pages.rooms import challenges

VersionedT = TypeVar("VersionedT", bound=Versioned)


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


class EntryFrame(TypedDict):
    """A line of a challenge's board.

    Attributes:
        number: of the member.
        nickname: of the member, a text.
        loss: on validation, of the best run that counts, in nats per token.
        test_loss: null before it was looked at, or where the run is there no more.
        said: what the run took.
        is_tied: whether it can't be told apart from the first on the test part.
    """

    number: int
    nickname: str
    loss: float | None
    test_loss: float | None
    said: str
    is_tied: bool


class ChallengeFrame(TypedDict):
    """A challenge that goes on, or went last.

    Attributes:
        number: of the challenge in the room.
        title: in a few words.
        rules: what counts, in a sentence.
        data: built-in data, as links have them.
        data_label: what they're called.
        ends_at: when nothing counts any more, in ms since 1970 by the server's clock.
        is_over: whether nothing counts any more.
        board: of those who have a run that counts, the best first.
        refused: by the member's number, why their last run doesn't count.
        luck: what the test losses say of the first, in a sentence.
    """

    number: int
    title: str
    rules: str
    data: str
    data_label: str
    ends_at: float
    is_over: bool
    board: Sequence[EntryFrame]
    refused: Mapping[str, str]
    luck: str


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
        challenge: null where there is none.
    """

    kind: Literal["room-frame"]
    id: int
    state: Literal["open"]
    version: int
    members: Sequence[MemberFrame]
    leads: bool
    question: QuestionFrame | None
    challenge: ChallengeFrame | None


class MadeOnce(ABC, Generic[VersionedT]):
    """Makes the messages of one thing that changes, each frame once for all who look."""

    def __init__(self) -> None:
        self._made: tuple[int, bytes] = (0, b"")

    def id_of(self, shown: VersionedT) -> int:
        """Always the same."""
        del shown
        return 1

    def version_of(self, shown: VersionedT) -> int:
        """Rises with each change."""
        return shown.version

    @abstractmethod
    def describe(self, shown: VersionedT) -> bytes:
        """What stays the same of it."""

    def make(self, shown: VersionedT) -> bytes:
        """All that changes of it, as it is now."""
        version, made = self._made
        if version != shown.version:
            version = shown.version
            made = pack(self.frame(shown, version))
            self._made = version, made
        return made

    @abstractmethod
    def frame(self, shown: VersionedT, version: int) -> Mapping[str, Any]:
        """The frame of this version, or of a later one."""


class RoomFrames(MadeOnce[Room]):
    """Makes the messages of one room."""

    def describe(self, shown: Room) -> bytes:
        """The room's `RoomDescription`."""
        description: RoomDescription = {"kind": "room-description", "id": 1, "code": shown.code}
        return pack(description)

    def frame(self, shown: Room, version: int) -> RoomFrame:
        """The room's `RoomFrame` as it is now."""
        members = list(shown.members.values())
        return {
            "kind": "room-frame",
            "id": 1,
            "state": "open",
            "version": version,
            "members": [{"number": each.number, "nickname": each.nickname} for each in members],
            "leads": shown.leads,
            "question": _question(shown),
            "challenge": _challenge(shown),
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


def _challenge(room: Room) -> ChallengeFrame | None:
    running = room.running
    if running is None:
        return None
    tried = running.challenge
    seconds = running.ends_at - time.monotonic()
    return {
        "number": running.number,
        "title": tried.title,
        "rules": challenges.rules(tried),
        "data": tried.data,
        "data_label": challenges.NAMED[tried.data].label,
        "ends_at": 1000 * (time.time() + seconds),
        "is_over": running.is_over,
        "board": [_entry(each, running.tied) for each in challenges.entries(room)],
        "refused": {str(member): why for member, why in running.said.items() if why},
        "luck": challenges.luck(running),
    }


def _entry(entry: Entry, tied: Sequence[int]) -> EntryFrame:
    run = entry.run
    took = f"{run.n_parameters:,} weights, {run.step:,} steps, {run.seconds:.0f} s" if run else ""
    return {
        "number": entry.number,
        "nickname": entry.nickname,
        "loss": run.val_loss if run else None,
        "test_loss": entry.test_loss,
        "said": took,
        "is_tied": entry.number in tied,
    }
