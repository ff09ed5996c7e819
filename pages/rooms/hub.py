"""The rooms of this process, and what ties each to the pages of those who are in it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from weakref import ReferenceType, WeakSet, ref

from core.environment import ENVIRONMENT
from core.room_codes import prefixes
from core.rooms import Limits, Room, Rooms, Seat
from pages.live.stream import CHANNELS, Channel
from pages.rooms import challenges, commands
from pages.rooms.frames import RoomFrames
from pages.rooms.wall import Wall, WallFrames
from pages.visit.holdings import Session
from server import sessions

TICK_SECONDS = 1.0
LIMITS = Limits(rooms=60, an_address=3) if ENVIRONMENT.is_public else Limits()

ROOMS = Rooms(time.monotonic, LIMITS, prefixes(*ENVIRONMENT.replica))
_HUBS: dict[str, Hub] = {}  # by the rooms' codes, as long as they last


class Hub:
    """Tells the pages of a room's members what changes in it.

    A change reaches all of them by their sockets; a run of a page is asked for only where the page
    has to go where the host is, or is in the room no more.
    """

    def __init__(self, room: Room) -> None:
        self.room = room
        self.frames = RoomFrames()
        self.sessions: WeakSet[Session] = WeakSet()
        self.wall = Wall(room, self.sessions)
        self._channels: WeakSet[Channel[Room]] = WeakSet()
        self._n_moves = self._n_tested = 0
        room.on_change = self._changed

    def seat(self, mine: Session, key: str) -> Seat:
        """Have a visitor in the room."""
        seat = Seat(self.room, key)
        hear = partial(commands.hear, seat, partial(_draw_again, ref(mine)))
        room, wall = self.room, self.wall
        channel = Channel(lambda: room, self.frames, hear, is_by_event=True)
        shown: dict[str, Channel[Any]] = {
            seat.token: channel,
            seat.wall_token: Channel(wall.snapshot, wall.frames),
        }
        self._channels.add(channel)
        self.sessions.add(mine)
        mine.seat = seat
        mine.channels.update(shown)
        CHANNELS.update(shown)
        return seat

    def _changed(self) -> None:
        room = self.room
        drawn: list[str] = []
        moved: list[str] = []
        is_move, self._n_moves = room.n_moves > self._n_moves, room.n_moves
        for mine in list(self.sessions):
            seat = mine.seat
            if seat is None or seat.room is not room:
                self.sessions.discard(mine)
            elif room.is_over or not room.has(seat.key):
                stand_up(mine, _why_out(room, seat))
                drawn.append(mine.session_id)
            elif is_move and seat.is_behind:
                if seat.place == room.place:
                    seat.n_followed = room.n_moves
                else:
                    is_there = seat.place and room.place and seat.place.page == room.place.page
                    (drawn if is_there else moved).append(mine.session_id)
        for channel in list(self._channels):
            channel.nudge()
        self._test()
        if room.is_over:
            room.on_change = _nothing
            _HUBS.pop(room.code, None)
        sessions.draw_again(drawn)
        if room.place is not None:
            sessions.draw_again(moved, room.place.page)

    def _test(self) -> None:
        """Look at the test losses of a challenge that is over, in a thread of its own."""
        running = self.room.running
        if running is None or not running.is_over or running.number == self._n_tested:
            return
        self._n_tested = running.number
        runs = {member.number: mine for member, mine in self.wall.seats() if mine is not None}
        look = partial(challenges.look_at_tests, self.room, running, runs)
        threading.Thread(target=look, name="test losses", daemon=True).start()


def sit_down(mine: Session, room: Room, key: str) -> None:
    """Have a visitor in a room that knows this key, and in no other."""
    if mine.seat is not None:
        if mine.seat.room is room:
            return
        mine.seat.room.leave(mine.seat.key)
        stand_up(mine)
    hub = _HUBS.get(room.code)
    if hub is None:
        hub = _HUBS[room.code] = Hub(room)
    hub.seat(mine, key)


def stand_up(mine: Session, said: str = "") -> None:
    """Have a visitor in no room any more.

    Args:
        mine: of the visitor.
        said: to be read on the page.
    """
    seat, mine.seat = mine.seat, None
    if seat is not None:
        mine.room_said = said
        # The views stay for a moment: one that's refused would say so in the browser's console.
        mute = {
            token: Channel(lambda: None, WallFrames()) for token in (seat.token, seat.wall_token)
        }
        mine.channels.update(mute)
        if not mine.is_closed:
            CHANNELS.update(mute)


def wall_of(room: Room) -> Wall | None:
    """The wall of a room, with who sits in it."""
    hub = _HUBS.get(room.code)
    return None if hub is None else hub.wall


async def watch(tick: Callable[[], None] = ROOMS.tick) -> None:
    """End rooms and challenges when they're due, as long as the server's loop runs."""
    while True:
        await asyncio.sleep(TICK_SECONDS)
        look_at_challenges()
        tick()


def look_at_challenges() -> None:
    """See which runs have ended since, in each room where a challenge goes on."""
    for hub in list(_HUBS.values()):
        running = hub.room.running
        if running is not None and not running.is_over:
            hub.wall.snapshot()


def _draw_again(of: ReferenceType[Session]) -> None:
    mine = of()
    if mine is not None:
        sessions.draw_again([mine.session_id])


def _why_out(room: Room, seat: Seat) -> str:
    if room.is_over:
        return room.why_ended
    if room.was_removed(seat.key):
        return f"The host has removed you from room {room.code}."
    return f"You’ve left room {room.code}."


def _nothing() -> None:
    """Nobody is there to be told."""
