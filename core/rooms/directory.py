"""All rooms of a process: opened, found by their codes, ended after a while."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.errors import RoomError
from core.room_codes import LETTERS, new_code, typed_code
from core.rooms.misses import Misses
from core.rooms.room import Room

HOURS = 12.0  # that a room lasts
UNKNOWN = (
    "There’s no room with this code. It may be over, as a room ends with its host’s word, after "
    f"{HOURS:.0f} hours, or with the server; or a letter is wrong."
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many rooms there may be: in all, and of one address."""

    rooms: int = 200
    an_address: int = 50


class Rooms:
    """The rooms that there are; in memory alone.

    Args:
        clock: that doesn't go back, in seconds.
        limits: on their number.
        fronts: one of which each code begins with.
        choose: one of several at random, so that nobody can guess it.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        limits: Limits | None = None,
        fronts: Sequence[str] = LETTERS,
        choose: Callable[[Sequence[str]], str] = secrets.choice,
    ) -> None:
        self._clock, self._limits = clock, limits or Limits()
        self._fronts, self._choose = fronts, choose
        self._rooms: dict[str, Room] = {}
        self._addresses: dict[str, str] = {}  # of who opened each, by its code
        self._misses = Misses()

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._rooms.values()))

    def __len__(self) -> int:
        return len(self._rooms)

    def open(self, key: str, address: str) -> Room:
        """Open one, whose host has this key.

        Raises:
            RoomError: if there are too many, here or from this address.
        """
        if len(self._rooms) >= self._limits.rooms:
            raise RoomError("This server has no place for another room now.")
        if [*self._addresses.values()].count(address) >= self._limits.an_address:
            raise RoomError(
                f"Your address has {self._limits.an_address} rooms open already: end one of them."
            )
        code = new_code(self._choose, self._rooms, self._fronts)
        room = Room(code, key, now=self._clock())
        self._rooms[code], self._addresses[code] = room, address
        return room

    def find(self, text: str, address: str) -> Room:
        """The room with the code that somebody typed or a link has.

        Raises:
            RoomError: if there is none, or this address has tried too many.
        """
        now = self._clock()
        self._misses.check(address, now)
        room = self._rooms.get(typed_code(text))
        if room is None or room.is_over:
            self._misses.note(address, now)
            raise RoomError(UNKNOWN)
        return room

    def of(self, key: str) -> Room | None:
        """The newest room that this key is in."""
        return next((room for room in [*self._rooms.values()][::-1] if room.has(key)), None)

    def tick(self) -> None:
        """End what is due, and forget rooms that are over."""
        now = self._clock()
        for code, room in list(self._rooms.items()):
            room.tick(now)
            if now - room.opened_at >= 3600 * HOURS:
                room.end(f"Room {code} is over: it was open for {HOURS:.0f} hours.")
            if room.is_over:
                del self._rooms[code], self._addresses[code]
