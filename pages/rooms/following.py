"""Follow me: where the host is, and how the others get there."""

from __future__ import annotations

import streamlit as st

from core.rooms import Place
from core.text import name_of
from pages.rooms.joining import PAGE
from pages.settings import controls, data
from pages.visit import session, state


def page_after(here: str) -> str:
    """Path of the page to be on: the host's, for one who has to follow and isn't there."""
    seat = session.current().seat
    place = seat.room.place if seat is not None and seat.is_behind else None
    return here if place is None else place.page


def arrive(here: str) -> bool:
    """Have the host's data, settings and stage of the chapter, once this is the host's page.

    Before anything of the page is drawn. No run ends or begins by it.

    Returns:
        Whether it was so: then all who follow are drawn at this moment.
    """
    seat = session.current().seat
    if seat is None or not seat.is_behind:
        return False
    n_moves, place = seat.room.n_moves, seat.room.place
    if place is None or place.page != here:
        return False
    seat.n_followed = n_moves
    if seat.place is not None and seat.place.page != here:
        st.query_params.clear()  # of the page before; a reload would take them for a link's
    if place.data and place.data != name_of(session.corpus()):
        data.use_from_link(place.data)
    if place.config is not None and place.config != controls.held_config():
        controls.load(place.config)
        state.tab().settings_before = None  # 'Train as I drag' trains what oneself has moved
    if place.data == name_of(session.corpus()):
        state.put_of_chapter(place.held)
    if place.is_revealed:
        state.tab().guesses.setdefault(here, "")
    return True


def note(here: str, *, is_whole: bool) -> None:
    """Note where a page is, for those who follow if it's the host's; the room's is no place.

    Args:
        here: path of the page.
        is_whole: whether all of it is drawn; before, only the host's place is of use to anyone.
    """
    seat = session.current().seat
    if seat is None or here == PAGE or not (is_whole or seat.is_host):
        return
    seat.place = Place(
        page=here,
        data=name_of(session.corpus()),
        config=controls.held_config(),
        held=state.held_of_chapter(here),
        is_revealed=here in state.tab().guesses,
    )
    if seat.is_host:
        seat.room.move(seat.key, seat.place)
