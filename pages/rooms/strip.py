"""The room's line on every page of those who are in it, drawn by the browser from its stream."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import streamlit as st

from core.text import name_of
from pages.charts.references import Reference
from pages.live import component
from pages.rooms import challenges
from pages.rooms.asking import QUESTIONS
from pages.views import ShownData
from pages.visit import session, state
from pages.wording.escaping import plain

SHOW_SECONDS = 20.0  # in which a page may be drawn many times


class RoomData(ShownData):
    """For the room's line.

    Attributes:
        code: of the room.
        member: number of the member whose page it is; 0 for a host.
        follows: whether the page goes where the host is.
        here: path of the page.
        questions: that a host can ask, by the paths of their chapters; empty for others.
        data: built-in data that the visitor has in hand, as links have them; empty for their own.
        lines: losses to beat, by such data.
        ready: titles of challenges that a host can begin as they are; empty for others.
        to_choose: what such data are called, for a challenge of a host's own.
        times: minutes to choose from for it.
        answered: number of the question that the member has answered, and place of the option;
            empty where there is none.
    """

    code: str
    member: int
    follows: bool
    here: str
    questions: Mapping[str, str]
    data: str
    lines: Mapping[str, list[Reference]]
    ready: Sequence[str]
    to_choose: Mapping[str, str]
    times: Sequence[int]
    answered: Sequence[int]


def code() -> str | None:
    """The room's code; empty where one was in a room, None where one never was."""
    mine, tab = session.current(), state.tab()
    tab.room_known |= mine.seat is not None or bool(mine.room_said)
    if mine.seat is not None:
        return mine.seat.room.code
    return "" if tab.room_known else None


def draw(page: str) -> None:
    """Show the line, or what became of the room.

    Args:
        page: its path.
    """
    mine, now = session.current(), time.monotonic()
    seat, said = mine.seat, mine.room_said
    if said:
        if now <= state.tab().said_until.setdefault(said, now + SHOW_SECONDS):
            st.info(plain(said))
        else:
            mine.room_said = ""
    if seat is None:
        return
    member, guesses = seat.member, seat.room.guesses
    given = guesses.answers.get(member.number) if guesses and member else None
    data: RoomData = {
        "shown": "1 open",
        "code": seat.room.code,
        "member": 0 if member is None else member.number,
        "follows": seat.follows,
        "here": page,
        "questions": {slug: asked.text for slug, asked in QUESTIONS.items() if seat.is_host},
        "data": name_of(session.corpus()),
        "lines": challenges.lines(),
        "ready": challenges.READY_TITLES if seat.is_host else (),
        "to_choose": challenges.data_to_choose() if seat.is_host else {},
        "times": challenges.TIMES,
        "answered": [guesses.number, given] if guesses and given is not None else [],
    }
    component.show("room", key="room", page=page, token=seat.token, data=data)
