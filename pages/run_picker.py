"""Which run of the session a page looks at: the current one, or an earlier one."""

from __future__ import annotations

import streamlit as st

from core.errors import StoreError
from core.runs import RunRecord, Snapshot
from pages.visit import session
from pages.wording.escaping import plain

_CURRENT = 0  # runs are numbered from 1


def run_picker(current: Snapshot) -> RunRecord:
    """A choice among the session's runs; the current one, also of later runs, unless one is picked.

    Args:
        current: the run that is taken when nothing is chosen.
    """
    earlier = {run.run_id: run for run in session.trainer().runs() if run.run_id != current.run_id}

    names = {
        _CURRENT: f"{current.title} (current)",
        **{run_id: earlier[run_id].title for run_id in sorted(earlier, reverse=True)},
    }
    chosen = st.selectbox(
        "Run",
        list(names),
        format_func=names.__getitem__,
        key="looked_at_run",
        persist_state="session",
        label_visibility="collapsed",
        width=220,
    )
    if chosen not in earlier:
        return current
    try:
        return session.trainer().read(chosen) or current
    except StoreError as error:
        st.error(f"{plain(names[chosen])} can’t be looked at. {plain(error)}")
        st.stop()
