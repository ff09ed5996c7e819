"""A link to a kept run: its owner makes it, and takes it back."""

from __future__ import annotations

import streamlit as st

from core.errors import StoreError
from pages.settings.buttons import pressed
from pages.visit import saving
from pages.wording.escaping import plain

PARAMETER = "run"  # in a link


def offer(mine: str, key: str) -> None:
    """Draw what makes a link to a kept run, or the link and what takes it back."""
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
            st.code(link(row.share), language=None, wrap_lines=True)
            if pressed("Stop sharing", key=f"unshare_run:{key}", help="The link opens no more."):
                store.stop_sharing(mine, key)
                st.rerun()
    except StoreError as error:
        st.error(f"The run can’t be shared now. {plain(error)}")


def link(token: str) -> str:
    """The URL that opens a run."""
    base = (st.context.url or "").split("?")[0]
    return f"{base.removesuffix('runs')}?{PARAMETER}={token}"
