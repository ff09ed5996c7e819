"""The run that a link opens: somebody else's, to look at and to copy, but not to change."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace

import pandas as pd
import streamlit as st

from core.config import RunConfig
from core.errors import StoreError
from core.runs import RunRecord
from core.runs.store import RESULTS, StoredRun
from pages import results, run_columns, views
from pages.charts import chart_kit, run_charts
from pages.settings import controls
from pages.settings.buttons import pressed
from pages.settings.share import PARAMETER
from pages.train import asking
from pages.visit import limits, saving, session, state
from pages.wording.escaping import plain

_LOOKS_LIKE = re.compile(r"[A-Za-z0-9_-]{43}")


def read_link() -> None:
    """Take the run that the URL asks for, once a session."""
    mine = state.tab()
    if mine.shared_token is None:
        mine.shared_token = st.query_params.get(PARAMETER, "")


def is_asked_for() -> bool:
    """Whether a run of a link is to be seen on Train, in place of one's own."""
    return bool(state.tab().shared_token)


def show() -> None:
    """The run that the link opens, to look at; or why it doesn't."""
    token = state.tab().shared_token or ""
    try:
        found = saving.shared(token) if _LOOKS_LIKE.fullmatch(token) else None
    except StoreError as error:
        st.error(f"The run of this link can’t be read now. {plain(error)}")
        found = None
    else:
        if found is None:
            session.current().look_at(None)
            st.warning(
                "**This link opens no run.** It may have been cut on its way, or whoever made it "
                "has stopped sharing or deleted the run. Ask for a new one."
            )
    if found is None:
        _way_out()
        return
    record, reason = _loaded(found)
    _head(found.row, record)
    if record is None:
        _without_weights(found, reason)
    else:
        _with_weights()
    _settings(found.row)


def _loaded(found: saving.SharedRun) -> tuple[RunRecord | None, str]:
    """The run, read again only where it has changed; or why it can't be looked into."""
    of = (found.row.key, found.row.saved_at)
    guest = session.current().guest
    if guest is not None and state.tab().shared_of == of:
        return replace(guest.record, name=found.row.name), ""
    try:
        record = found.load()
    except StoreError as error:
        session.current().look_at(None)
        return None, str(error)
    state.tab().shared_of = of
    session.current().look_at(record)
    return record, ""


def _head(row: StoredRun, record: RunRecord | None) -> None:
    config = saving.config_of(row)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(row.title)}**, shared with you")
        st.button(
            "Use these settings",
            key="shared_use",
            type="primary",
            on_click=_use,
            args=(config,),
            disabled=config is None,
            help="Go to your own Train page with the settings of this run.",
        )
        if pressed(
            "Copy to my runs",
            key="shared_copy",
            disabled=record is None,
            help="Have it among your own runs, weights and all.",
        ):
            _copy(record)
        _way_out()
    if copied := state.tab().shared_copied:
        st.success(copied)
    if row.note:
        st.markdown(f"> {plain(row.note)}")
    if row.tags:
        st.caption("Tags: " + ", ".join(map(plain, row.tags)))


def _use(config: RunConfig | None) -> None:
    if config is not None:
        controls.load(config)
        _leave()


def _leave() -> None:
    state.tab().shared_token = ""
    session.current().look_at(None)
    st.query_params.pop(PARAMETER, None)


def _way_out() -> None:
    st.button("Back to my own runs", key="shared_leave", on_click=_leave)


def _copy(record: RunRecord | None) -> None:
    if record is None:
        return
    trainer = session.trainer()
    # A key of its own: it is another run from now on.
    run_id = trainer.bring_back(replace(record, key=uuid.uuid4().hex))
    limits.keep_within(trainer)
    state.tab().shared_copied = f"It’s among your own runs now, as run {run_id}."
    st.rerun()


def _with_weights() -> None:
    guest = session.current().guest
    shown = guest.trainer.snapshot() if guest is not None else None
    if guest is None or shown is None:
        return
    results.say(shown, None)
    offered = asking.question(shown, guest.frames)
    views.train(shown, [], trainer=guest.trainer, offered=offered)


def _without_weights(found: saving.SharedRun, reason: str) -> None:
    st.info(f"Its curve and settings are all there is to see. {plain(reason)}")
    store, row = saving.writer().store(), found.row
    try:
        curves = store.curves(found.workspace, [row.key])
        seen = store.evaluations(found.workspace, [row.key])
    except StoreError as error:
        st.error(f"The curve can’t be read. {plain(error)}")
        return
    if row.key in curves:
        st.plotly_chart(
            run_charts.overlay({row.title: curves[row.key]}, {row.title: seen.get(row.key, [])}),
            key="shared_curve",
            width="stretch",
            config=chart_kit.CONFIG,
            alt=f"Training and validation loss of {row.title} by step",
        )


def _settings(row: StoredRun) -> None:
    columns = ["data", *run_columns.settings()]
    with st.expander("Its settings and results"):
        losses = [name for name in RESULTS if name.endswith("_loss")]
        names = [name for name in losses if row.value(name) is not None] + columns
        st.dataframe(
            pd.DataFrame(
                {"Value": [run_columns.words(row, name) for name in names]},
                index=pd.Index([run_columns.label(name) for name in names], name=""),
            ),
            width="stretch",
            height="content",
        )
