"""What the page of a room shows: the code to join by, the wall, a run of it to look at."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from core.errors import RoomError
from core.room_codes import ALIKE, LETTERS
from core.rooms import Room, Seat
from core.rooms.board import HEADS, table
from pages import views
from pages.charts.palette import PALETTE
from pages.files.qr import qr_picture
from pages.live import component
from pages.rooms import joining
from pages.rooms.data import JoinData, WallData
from pages.rooms.hub import wall_of
from pages.rooms.joining import PAGE
from pages.settings.buttons import draw, pressed
from pages.visit import session, state
from pages.visit.workspace import is_this_machine
from pages.wording.escaping import cell, plain

PARTS = ("How to join", "The wall")
STAYS = (
    "Nothing of a room stays by itself: it’s in memory alone, and is over when its host ends it, "
    "after 12 hours, or with the server; nicknames and guesses go with it. The host may take the "
    "board. Everyone keeps their own runs as always."
)
SEEN = (
    "All in the room see your nickname, and your run’s curve, losses and one of its names; in a "
    "challenge also its steps, weights and seconds. Of data of your own they see the curve and the "
    "losses alone."
)


def show() -> None:
    """The page, for whoever comes to it."""
    seat = session.current().seat
    if seat is None:
        _outside()
        return
    if seat.is_host:
        part = st.segmented_control(
            "Part of the room",
            PARTS,
            required=True,
            key=state.ROOM_PART.key,
            persist_state="session",
            label_visibility="collapsed",
            default=None if state.ROOM_PART.peek() else PARTS[0],
        )
        if part != PARTS[1]:
            _how_to_join(seat)
            return
    if not _looked_at():
        _wall(seat)
    if not session.is_presenting():
        st.caption(f"{SEEN} {STAYS}")


def _outside() -> None:
    st.markdown(
        "One opens a room, the others join by its code: everyone trains on their own screen, and "
        "all see each other’s runs on one wall. No account is needed, and no name."
    )
    data: JoinData = {"shown": "", "letters": LETTERS, "alike": ALIKE}
    component.show("join", key="join", page=PAGE, data=data)
    draw("Open a room", key="room_open", type="primary")
    st.caption(STAYS)


def _how_to_join(seat: Seat) -> None:
    link, is_presenting = joining.link_of(seat.room), session.is_presenting()
    picture, words = st.columns([1, 1], vertical_alignment="center")
    with picture:
        st.html(
            f'<img class="nm-qr" src="{qr_picture(link)}" '
            f'alt="QR code of the link to room {seat.room.code}">'
        )
    with words:
        bare = link.partition("://")[2]
        st.html(
            f'<p class="nm-room-code">{seat.room.code}</p>'
            f'<p class="nm-room-link">{bare.partition("?")[0]}room</p>'
        )
        st.markdown("Scan the code, or open this address and type the letters.")
        if is_this_machine(urlsplit(link).netloc):
            st.warning(
                "This address leads to this machine alone. Open Namesmith by an address that the "
                "others can reach, and open the room there."
            )
        if not is_presenting:
            st.code(link, language=None, wrap_lines=True)
            _second_host(seat)
    if not is_presenting:
        st.caption(STAYS)


def _second_host(seat: Seat) -> None:
    with st.expander("A second browser as host"):
        st.markdown(
            "For a laptop beside the stage, or in case this browser goes. Open the link there: it "
            "works once, within ten minutes, and whoever has it is host. You stay one too."
        )
        if pressed("Make a link for a second host", key="room_hand_over"):
            try:
                state.tab().room_secret = seat.room.hand_over(seat.key, time.monotonic())
            except RoomError as error:
                st.error(plain(error))
        if secret := state.tab().room_secret:
            st.code(joining.link_of(seat.room, secret), language=None, wrap_lines=True)


def _wall(seat: Seat) -> None:
    data: WallData = {
        "shown": "1 open",
        "code": seat.room.code,
        "palette": PALETTE,
        "references": views.known_lines(),
    }
    component.show(
        "wall",
        key="wall",
        page=PAGE,
        token=seat.wall_token,
        data=data,
        on_change={state.WALL_LOOK.name: _look},
    )
    if seat.is_host and not session.is_presenting():
        st.download_button(
            "Download board .csv",
            lambda: board_csv(seat.room),
            "namesmith-room.csv",
            on_click="ignore",
            key="room_board",
        )


def board_csv(room: Room) -> str:
    """The board as it is now, in CSV, in which a nickname is never a formula."""
    if (wall := wall_of(room)) is not None:
        wall.look()
    rows = [[cell(it) if isinstance(it, str) else it for it in row] for row in table(room)]
    file = io.StringIO()
    pd.DataFrame(rows, columns=list(HEADS)).to_csv(file, index=False)
    return file.getvalue()


def _look() -> None:
    """Take the run of the tile that was pressed, as it is now, to be looked at."""
    mine, kept, tab = session.current(), state.WALL_LOOK.get(), state.tab()
    wall = wall_of(mine.seat.room) if mine.seat is not None else None
    number = kept.get("member") if isinstance(kept, Mapping) else None
    member = mine.seat.room.members.get(number) if mine.seat and type(number) is int else None
    record = wall.run_of(member.number) if wall is not None and member is not None else None
    tab.shared_of = None
    mine.look_at(record)
    tab.room_looked = member.nickname if record is not None and member is not None else ""


def _looked_at() -> bool:
    """Show the run that was picked from the wall, in its place; whether there is one."""
    guest, tab = session.current().guest, state.tab()
    shown = guest.trainer.snapshot() if guest is not None else None
    if guest is None or shown is None or not tab.room_looked:
        return False
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(tab.room_looked)}** at step {guest.record.step:,}, to look at")
        st.button("Back to the wall", key="room_close", on_click=_close)
    views.train(shown, [], trainer=guest.trainer, page=PAGE)
    return True


def _close() -> None:
    state.tab().room_looked = ""
    session.current().look_at(None)
