"""Share: the link of these settings, one that starts a run, one for a class, a frame, or a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import streamlit as st

from core.errors import StoreError
from core.runs import RunRecord
from core.text import is_built_in
from pages.settings import folded, hidden
from pages.settings.buttons import draw, pressed
from pages.settings.frame_code import frame
from pages.visit import saving, session
from pages.wording.escaping import plain

PARAMETER = "run"  # in a link
IN_FRAME = {"embed": "true"}  # Streamlit's own: no toolbar, no padding


def popover(
    link: Callable[[Mapping[str, str]], str], offer_page: Callable[[RunRecord, str], None]
) -> None:
    """Draw the button and what is behind it.

    Args:
        link: the page's URL with all settings, and with what is handed in besides.
        offer_page: draws what makes a page of a run that is over, in a place of this name.
    """
    with folded.popover("Share", key="share", icon=":material/share:", width="stretch") as is_drawn:
        if not is_drawn:
            return
        starts = st.checkbox(
            "Start training when opened",
            key="share_starts",
            persist_state="session",
            help="One run of these settings begins as soon as the page is there.",
        )
        is_frame = st.checkbox(
            "For a frame in another page",
            key="share_frame",
            persist_state="session",
            help="Without navigation and toolbar, to be put into a page of your own.",
        )
        known = hidden.choices()
        hides = st.multiselect(
            "Hide",
            list(known),
            format_func=known.__getitem__,
            key="share_hides",
            persist_state="session",
            placeholder="Nothing",
            help="Hidden from readers; values still apply.",
        )
        extras = {"go": "1"} if starts else {}
        names = dict.fromkeys([*(["navigation"] if is_frame else []), *hides])
        if names:
            extras["hide"] = ",".join(names)
        if is_frame:
            extras |= IN_FRAME
        url = link(extras)
        st.caption("Open this link, or send it: it holds all the settings above.")
        corpus = session.corpus()
        if not is_built_in(corpus):
            st.caption(
                f"It holds nothing of **{plain(corpus.name)}** but the name and a digest: whoever "
                "opens it is asked for that file."
            )
        st.code(url, language=None, wrap_lines=True)
        if is_frame:
            st.caption("In a page of your own:")
            st.code(frame(url), language="html", wrap_lines=True)
        _this_run(offer_page, is_frame=is_frame)
        _room()


def _this_run(offer_page: Callable[[RunRecord, str], None], *, is_frame: bool) -> None:
    """The run that is looked at as a link if it's kept, as a page if it's over, as a picture."""
    run, mine = session.snapshot(), session.current().workspace
    if run is None or run.is_running:
        return
    st.markdown(f"**{plain(run.title)}** itself, and not only its settings:")
    if mine is not None:
        offer_run(mine, run.key, is_frame=is_frame)
    if run.final is not None and not hidden.is_hidden("away"):
        offer_page(run, "share")
    # The browser listens to these links, and presses the button of that chart.
    st.markdown("As a picture, as it is now: [the curve](#save-loss), [the map](#save-embedding)")


def _room() -> None:
    st.markdown("**A room that learns together**: all join by a code, and you see their runs.")
    if session.current().seat is None:
        draw("Open a room", key="room_open", width="stretch")
    st.page_link("rooms/page.py", label="To the room, or join one", icon=":material/groups:")


def offer_run(mine: str, key: str, *, is_frame: bool = False) -> None:
    """Draw what makes a link to a kept run, or the link and what takes it back.

    Args:
        mine: the workspace.
        key: of the run.
        is_frame: whether the code of a frame is wanted too.
    """
    try:
        store = saving.writer().store()
        rows = store.rows(mine, [key])
        row = rows[0] if rows else None
        if row is None:
            st.caption("There’s no link to this run yet: it’s kept once it has taken some steps.")
        elif row.share is None:
            if pressed(
                "Make a link to this run",
                key=f"share_run:{key}",
                help="Whoever has the link sees the run: curve, map, what it writes, settings, "
                "name and note. Nobody can change it, and you can take the link back.",
            ):
                store.share(mine, key)
                st.rerun()
        else:
            st.caption("Whoever has this link sees the run, and can copy it:")
            link = run_link(row.share)
            st.code(link, language=None, wrap_lines=True)
            if is_frame:
                st.code(
                    frame(f"{link}&{urlencode({'hide': 'navigation', **IN_FRAME})}"),
                    language="html",
                    wrap_lines=True,
                )
            if pressed("Stop sharing", key=f"unshare_run:{key}", help="The link opens no more."):
                store.stop_sharing(mine, key)
                st.rerun()
    except StoreError as error:
        st.error(f"The run can’t be shared now. {plain(error)}")


def run_link(token: str) -> str:
    """The URL that opens a run."""
    base = (st.context.url or "").split("?")[0]
    return f"{base.removesuffix('runs')}?{PARAMETER}={token}"
