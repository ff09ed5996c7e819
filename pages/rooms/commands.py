"""What members and hosts send by their sockets: checked, bounded, and done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from core.errors import ConfigError, RoomError
from core.rooms import Seat
from pages.rooms import asking, challenges


def hear(seat: Seat, draw_again: Callable[[], None], text: str) -> None:
    """Do what a text asks for; nothing where it's none of these, too much, or not theirs to ask.

    Args:
        seat: of who sent it, whom the socket's own token names.
        draw_again: has their page drawn.
        text: JSON, an object whose `do` is one of `_COMMANDS`.
    """
    if not seat.room.may_say(seat.key, time.monotonic()):
        return
    try:
        said = json.loads(text)
        do = _COMMANDS[said["do"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return
    with suppress(ConfigError, RoomError, ValueError, TypeError, KeyError, OverflowError):
        do(seat, said)
        if (said["do"] == "follow" and seat.is_behind) or seat.sets_up:
            draw_again()


def _follow(seat: Seat, said: Mapping[str, Any]) -> None:
    seat.follows = said["on"] is True
    if seat.follows:
        seat.n_followed = 0


def _lead(seat: Seat, said: Mapping[str, Any]) -> None:
    seat.room.lead(seat.key, on=said["on"] is True)


def _name(seat: Seat, said: Mapping[str, Any]) -> None:
    seat.room.rename(seat.key, _whole(said["member"]), said["nickname"])


def _remove(seat: Seat, said: Mapping[str, Any]) -> None:
    seat.room.remove(seat.key, _whole(said["member"]))


def _ask(seat: Seat, said: Mapping[str, Any]) -> None:
    seat.room.ask(seat.key, asking.QUESTIONS[said["chapter"]])


def _answer(seat: Seat, said: Mapping[str, Any]) -> None:
    seat.room.answer(seat.key, _whole(said["question"]), _whole(said["option"]))


def _set_up(seat: Seat, said: Mapping[str, Any]) -> None:
    del said
    seat.sets_up = seat.room.running is not None


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(value)
    return value


_COMMANDS: dict[str, Callable[[Seat, Mapping[str, Any]], None]] = {
    "follow": _follow,
    "lead": _lead,
    "name": _name,
    "remove": _remove,
    "ask": _ask,
    "answer": _answer,
    "show": lambda seat, _: seat.room.show_answers(seat.key),
    "put away": lambda seat, _: seat.room.put_away(seat.key),
    "challenge": challenges.begin,
    "finish": lambda seat, _: seat.room.finish(seat.key),
    "clear away": lambda seat, _: seat.room.clear_away(seat.key),
    "set up": _set_up,
    "star": lambda seat, said: seat.room.star(seat.key, said["text"]),
    "leave": lambda seat, _: seat.room.leave(seat.key),
    "end": lambda seat, _: seat.end(),
}
