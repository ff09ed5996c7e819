"""A room: its members, its host, where the host is, what is asked and what is tried."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock
from typing import Any

from core.config import RunConfig
from core.errors import RoomError
from core.rooms.allowance import Allowance
from core.rooms.challenge import Challenge, Judged, Running, tied_with_first
from core.rooms.figures import LONGEST_NAME, Figures
from core.rooms.guesses import Guesses, Question
from core.rooms.nicknames import nickname_of

MOST_MEMBERS = 200
MOST_HOSTS = 4
MESSAGES = (5.0, 30.0)  # a second and at once, of one member
HAND_OVER_SECONDS = 600.0  # that a second browser has to become host


@dataclass(slots=True)
class Member:
    """One who joined.

    Attributes:
        number: in the room, by arrival, from 1.
        nickname: that they gave, or the host; never empty.
        joined_at: on the room's clock.
        figures: of their run, as it was seen last.
        is_here: whether they had a page open then.
        starred: the best text by their run, as they think; empty before they chose one.
    """

    number: int
    nickname: str
    joined_at: float
    figures: Figures | None = None
    is_here: bool = True
    starred: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the host is, for those who follow.

    Attributes:
        page: path of the page.
        data: name of built-in data, as links have it; empty where the host has their own.
        config: all settings; None where one is wrong.
        held: values of a chapter's widgets, by their keys.
        is_revealed: whether the chapter's answer is seen.
    """

    page: str
    data: str = ""
    config: RunConfig | None = None
    held: Mapping[str, Any] = field(default_factory=dict)
    is_revealed: bool = False

    def completes(self, other: Place) -> bool:
        """Whether this is the same place, with the same values and perhaps more of them.

        >>> Place("loss", held={"loss.row": 3}).completes(Place("loss"))
        True
        """
        is_same = replace(other, held=self.held) == self
        return is_same and other.held.items() <= self.held.items()


class Room:
    """A room as plain data; safe to use from several threads.

    Who acts is known by a key that their browser alone has; the room keeps its hash. What only the
    host may do raises RoomError for all others.

    Attributes:
        code: by which it's found.
        version: rises with each change that pages show.
        on_change: is called after each of them, on the thread that made it.
        members: by their numbers.
        place, n_moves: where the host is, and a number that rises with each move; those who follow
            have to be there as long as `leads`.
        guesses: the question that is open, or was answered last.
        running: the challenge that goes, or went last.
        why_ended: a sentence once it's over; then nothing is in it any more.
    """

    def __init__(
        self,
        code: str,
        host: str,
        *,
        now: float,
        token: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        """Open one.

        Args:
            code: of its own.
            host: the key of who opens it.
            now: on a clock that doesn't go back, in seconds.
            token: makes a text that nobody can guess.
        """
        self.code = code
        self.opened_at = now
        self.version = 1
        self.on_change: Callable[[], None] = lambda: None
        self.members: dict[int, Member] = {}
        self.place: Place | None = None
        self.n_moves = 0
        self.leads = False
        self.guesses: Guesses | None = None
        self.running: Running | None = None
        self.why_ended = ""
        self._token = token
        self._hosts = {_hash(host)}
        self._numbers: dict[str, int] = {}  # of members, by the hashes of their keys
        self._removed: set[str] = set()
        self._hand_over: tuple[str, float] | None = None  # hash of the secret, until when
        self._allowances: dict[str, Allowance] = {}
        self._n_joined = self._n_questions = self._n_challenges = 0
        self._lock = RLock()

    # ------------------------------------------------------------------------------ Who is in it

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return bool(self.why_ended)

    def is_host(self, key: str) -> bool:
        """Whether this key is a host's."""
        return _hash(key) in self._hosts

    def member(self, key: str) -> Member | None:
        """The member with this key."""
        return self.members.get(self._numbers.get(_hash(key), 0))

    def has(self, key: str) -> bool:
        """Whether this key is a host's or a member's."""
        return self.is_host(key) or self.member(key) is not None

    def was_removed(self, key: str) -> bool:
        """Whether the host removed who has this key."""
        return _hash(key) in self._removed

    def join(self, key: str, now: float, nickname: object = "") -> Member | None:
        """Come in, or be in already; a host is in without being a member.

        Raises:
            RoomError: if it's full or over, or the host removed who has this key.
        """
        with self._lock:
            self._check_open()
            known = self.member(key)
            if known is not None or self.is_host(key):
                return known
            if _hash(key) in self._removed:
                raise RoomError("The host of this room has removed you from it.")
            if len(self.members) >= MOST_MEMBERS:
                raise RoomError(f"This room is full: it has {MOST_MEMBERS} members.")
            self._n_joined += 1
            member = Member(self._n_joined, nickname_of(nickname) or f"Guest {self._n_joined}", now)
            self.members[member.number] = member
            self._numbers[_hash(key)] = member.number
            self._changed()
            return member

    def leave(self, key: str) -> None:
        """Go; nothing of who goes stays."""
        with self._lock:
            member = self.member(key)
            if member is not None:
                self._drop(member.number)

    def rename(self, by: str, number: int, nickname: object) -> None:
        """Give a member another nickname; they may themselves, and the host.

        Raises:
            RoomError: if neither asks, or nothing can be seen of the nickname.
        """
        with self._lock:
            member, name = self.members.get(number), nickname_of(nickname)
            own = self.member(by)
            if own is None or own.number != number:
                self._check_host(by)
            if not name:
                raise RoomError("A nickname needs a letter or a digit.")
            if member is not None and member.nickname != name:
                member.nickname = name
                self._changed()

    def remove(self, by: str, number: int) -> None:
        """Have a member out, who can't come back with the same browser.

        Raises:
            RoomError: if no host asks.
        """
        with self._lock:
            self._check_host(by)
            if number in self.members:
                self._removed |= {key for key, mine in self._numbers.items() if mine == number}
                self._drop(number)

    def may_say(self, key: str, now: float) -> bool:
        """Whether who has this key may send something now; counts it."""
        with self._lock:
            if self.is_over or not self.has(key):
                return False
            return self._allowances.setdefault(_hash(key), Allowance(*MESSAGES)).take(now)

    # ------------------------------------------------------------------------------ Its host

    def hand_over(self, by: str, now: float) -> str:
        """A secret by which one other browser becomes host, once and for ten minutes.

        Raises:
            RoomError: if no host asks.
        """
        with self._lock:
            self._check_host(by)
            secret = self._token()
            self._hand_over = (_hash(secret), now + HAND_OVER_SECONDS)
            return secret

    def take_over(self, secret: str, key: str, now: float) -> None:
        """Become a host, by a secret of `hand_over`.

        Raises:
            RoomError: if it isn't that, was used or is too old, or there are hosts enough.
        """
        with self._lock:
            self._check_open()
            right, until = self._hand_over or ("", 0.0)
            if not hmac.compare_digest(right, _hash(secret)) or now > until:
                raise RoomError("This link for a second host was used already, or is too old.")
            if len(self._hosts) >= MOST_HOSTS:
                raise RoomError(f"This room has {MOST_HOSTS} hosts already.")
            self._hand_over = None
            member = self.member(key)
            self._hosts.add(_hash(key))
            if member is not None:
                self._drop(member.number)
            self._changed()

    def lead(self, by: str, *, on: bool) -> None:
        """Have those who follow be where the host is, from now on or no more.

        Raises:
            RoomError: if no host asks.
        """
        with self._lock:
            self._check_host(by)
            if self.leads != on:
                self.leads = on
                self.n_moves += on
                self._changed()

    def move(self, by: str, place: Place) -> None:
        """Note where the host is; it's no move where only more of the same page is known.

        Raises:
            RoomError: if no host asks.
        """
        with self._lock:
            self._check_host(by)
            before, self.place = self.place, place
            is_move = before is None or not place.completes(before)
            if self.leads and is_move:
                self.n_moves += 1
                self._changed()

    def end(self, why: str, by: str | None = None) -> None:
        """Have it over, and all in it gone.

        Args:
            why: a sentence for those who are in it.
            by: the key of who asks; None where the server does.

        Raises:
            RoomError: if somebody else than a host asks.
        """
        with self._lock:
            if by is not None:
                self._check_host(by)
            if self.is_over:
                return
            self.why_ended = why
            self.place = self.guesses = self.running = self._hand_over = None
            for held in (self.members, self._hosts, self._numbers, self._removed, self._allowances):
                held.clear()
            self._changed()

    # ------------------------------------------------------------------------------ What they do

    def note(self, number: int, figures: Figures | None, *, is_here: bool) -> None:
        """Note how a member's run is; pages that show the wall ask for it themselves."""
        with self._lock:
            member = self.members.get(number)
            if member is None:
                return
            member.is_here = is_here
            if figures is not None:
                member.figures = figures

    def try_run(self, number: int, run: Figures) -> None:
        """Take a member's run into account, for the challenge that goes on."""
        with self._lock:
            running = self.running
            if number in self.members and running is not None and running.take(number, run):
                self._changed()

    def star(self, key: str, text: object) -> None:
        """Note what a member thinks is the best that their run has written; the wall shows it."""
        with self._lock:
            member = self.member(key)
            if member is not None:
                member.starred = nickname_of(text, LONGEST_NAME)

    def ask(self, by: str, question: Question) -> None:
        """Ask the room something, in place of what was asked before.

        Raises:
            RoomError: if no host asks.
        """
        with self._lock:
            self._check_host(by)
            self._n_questions += 1
            self.guesses = Guesses(question, self._n_questions)
            self._changed()

    def answer(self, key: str, number: int, option: int) -> None:
        """Answer the question with this number, once.

        Raises:
            RoomError: if that isn't open, no member answers or one who has answered, or there is no
                such option.
        """
        with self._lock:
            member, guesses = self.member(key), self.guesses
            if member is None or guesses is None or guesses.number != number:
                raise RoomError("This question isn't open any more.")
            guesses.answer(member.number, option)
            self._changed()

    def show_answers(self, by: str) -> None:
        """Let all see how many chose what.

        Raises:
            RoomError: if no host asks.
        """
        with self._lock:
            self._check_host(by)
            if self.guesses is not None and not self.guesses.is_shown:
                self.guesses.is_shown = True
                self._changed()

    def put_away(self, by: str) -> None:
        """Have no question any more.

        Raises:
            RoomError: if no host asks.
        """
        with self._lock:
            self._check_host(by)
            if self.guesses is not None:
                self.guesses = None
                self._changed()

    def begin(self, by: str, challenge: Challenge, now: float, began: datetime) -> None:
        """Begin a challenge, in place of an earlier one.

        Args:
            by: the key of who asks.
            challenge: what is tried.
            now: on the room's clock.
            began: the same moment in UTC.

        Raises:
            RoomError: if no host asks.
        """
        with self._lock:
            self._check_host(by)
            self._n_challenges += 1
            ends_at = now + 60.0 * challenge.minutes
            self.running = Running(challenge, self._n_challenges, ends_at, began)
            self._changed()

    def finish(self, by: str | None = None) -> None:
        """Have the challenge over; by the clock where nobody asks.

        Raises:
            RoomError: if somebody else than a host asks.
        """
        with self._lock:
            if by is not None:
                self._check_host(by)
            if self.running is not None and not self.running.is_over:
                self.running.is_over = True
                self._changed()

    def note_tests(self, number: int, found: Mapping[int, Judged], *, is_all: bool) -> None:
        """Note test losses of the challenge with this number.

        Args:
            number: of the challenge in the room.
            found: what was looked at by now, by the member's number.
            is_all: whether no more will come.
        """
        with self._lock:
            running = self.running
            if running is None or running.number != number or not running.is_over:
                return
            known = {member: it for member, it in found.items() if member in running.best}
            running.tests = {member: tested.loss for member, tested in known.items()}
            if is_all:
                running.is_tested, running.tied = True, tied_with_first(known)
            self._changed()

    def clear_away(self, by: str) -> None:
        """Have no challenge any more.

        Raises:
            RoomError: if no host asks.
        """
        with self._lock:
            self._check_host(by)
            if self.running is not None:
                self.running = None
                self._changed()

    def tick(self, now: float) -> None:
        """End what is due."""
        running = self.running
        if running is not None and not running.is_over and now >= running.ends_at:
            self.finish()

    # ------------------------------------------------------------------------------ Inside

    def _drop(self, number: int) -> None:
        del self.members[number]
        self._numbers = {key: mine for key, mine in self._numbers.items() if mine != number}
        if self.guesses is not None:
            self.guesses.answers.pop(number, None)
        if self.running is not None:
            self.running.forget(number)
        self._changed()

    def _check_open(self) -> None:
        if self.is_over:
            raise RoomError(self.why_ended)

    def _check_host(self, key: str) -> None:
        self._check_open()
        if not self.is_host(key):
            raise RoomError("Only the host of the room can do that.")

    def _changed(self) -> None:
        self.version += 1
        self.on_change()


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
