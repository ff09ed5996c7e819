"""How one comes into a room: by opening it, by its link, or by coming back."""

from __future__ import annotations

import time

import streamlit as st

from core.errors import RoomError
from core.rooms import Room
from pages.rooms.hub import ROOMS, sit_down
from pages.settings import buttons
from pages.visit import session, state
from pages.visit.holdings import Session
from pages.visit.state import ROOM_PARAMETERS

PAGE = "room"  # path of the room's own page
_ROOM, _HOST = ROOM_PARAMETERS


def arrive() -> None:
    """Do what the link asks for, once a page load; a browser that is in a room is in it again."""
    tab, mine = state.tab(), session.current()
    if not tab.room_read:
        tab.room_read = True
        if _ROOM in st.query_params:
            _join(mine, st.query_params[_ROOM], st.query_params.get(_HOST, ""))
            for name in ROOM_PARAMETERS:  # who has left isn't to be back by a reload
                st.query_params.pop(name, None)
        elif mine.seat is None and (room := ROOMS.of(key_of(mine))) is not None:
            sit_down(mine, room, key_of(mine))
    if buttons.was_pressed("room_open"):
        open_room()


def open_room() -> None:
    """Open a room whose host is this browser, and go to its page."""
    mine = session.current()
    try:
        if mine.seat is None:
            sit_down(mine, ROOMS.open(key_of(mine), address()), key_of(mine))
        state.tab().requested_page = PAGE
    except RoomError as error:
        mine.room_said = str(error)


def key_of(mine: Session) -> str:
    """What a room knows this browser by; without cookies it's this page load alone."""
    return mine.owner or f"page {mine.session_id}"


def address() -> str:
    """Where the visitor asks from."""
    return st.context.ip_address or ""


def link_of(room: Room, host: str = "") -> str:
    """The URL by which one joins; with a secret of its host, by which one becomes another one."""
    base = (st.context.url or "").split("?")[0].removesuffix(PAGE)
    return f"{base}?{_ROOM}={room.code}" + (f"&{_HOST}={host}" if host else "")


def _join(mine: Session, code: str, secret: str) -> None:
    key = key_of(mine)
    try:
        room = ROOMS.find(code, address())
        if secret:
            room.take_over(secret, key, time.monotonic())
        else:
            room.join(key, time.monotonic())
    except RoomError as error:
        mine.room_said = str(error)
    else:
        sit_down(mine, room, key)
