"""Runs: all that were kept, to find, to compare and to go on with."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import StoreError
from core.runs.store import OWN, StoredRun, limits_of
from pages.files import bring_back, download
from pages.runs import comparison, saved_table
from pages.settings import controls, share
from pages.settings.buttons import pressed
from pages.visit import forgetting, limits, saving, session
from pages.visit.holdings import SESSIONS

LOOK_SECONDS = 2.0  # between two looks whether what was forgotten is overwritten


def main() -> None:
    """Draw the page, or say why there is nothing to draw."""
    mine = session.current().workspace
    if mine is None:
        st.info(
            "Your browser keeps no cookies for this page, so runs last only as long as this tab. "
            "Allow them and load the page again, and runs are kept."
        )
        return
    saving.writer().flush(0.5)  # what ended a moment ago
    if saving.writer().has_traces(mine):
        _traces(mine)
    try:
        _draw(mine)
    except StoreError as error:
        st.error(f"The kept runs can’t be read now. {error}")


@st.fragment(run_every=LOOK_SECONDS)
def _traces(mine: str) -> None:
    """Say that what was forgotten isn't overwritten, until it is."""
    if not saving.writer().has_traces(mine):
        st.rerun()
    st.warning(
        "**Your runs and words are deleted, but their traces aren’t overwritten yet.** Another "
        "program is reading the file they were in, and until it’s done, they stay in the file’s "
        "log (`-wal`). The server tries again until it can; then this message goes."
    )


def _draw(mine: str) -> None:
    asked = saved_table.query(saved_table.Choices(*saving.writer().store().choices(mine)))
    saved_table.table(mine, asked)
    picked = saved_table.picked(mine)
    if picked:
        _actions(mine, picked)
    bring_back.offer()
    comparison.compare(mine, asked, picked)
    _where(mine)


def _actions(mine: str, picked: Sequence[StoredRun]) -> None:
    alive = saving.keys_of(other.trainer for other in SESSIONS)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{len(picked)} picked**", width="content")
        if len(picked) == 1:
            (run,) = picked
            _open(mine, run, is_elsewhere=saving.is_under_way(run, alive))
            config = saving.config_of(run)
            st.button(
                "Load its settings",
                on_click=controls.load,
                args=(config,),
                disabled=config is None,
                help="Move all sliders of Train to this run's values.",
            )
            with st.popover("Share", icon=":material/share:"):
                share.offer_run(mine, run.key)
        download.kept_runs(picked)
        if pressed("Pick none", key="kept_unpick"):
            saved_table.unpick()
            st.rerun()
        going = [run.key for run in picked if run.key not in alive]
        if pressed(
            f"Delete {len(going)}" if len(picked) > 1 else "Delete",
            key="kept_delete",
            disabled=not going,
            help="Delete the picked runs and their weights. A run that a tab has in hand stays.",
        ):
            forgetting.forget(mine, going)
            saving.writer().forget(mine, going)
            saving.writer().flush(2.0)
            saved_table.unpick(going)
            st.rerun()


def _open(mine: str, run: StoredRun, *, is_elsewhere: bool) -> None:
    """A button that makes it the current run, where that can be."""
    is_over = run.state in {"finished", "failed"}
    reason = "Another tab has this run in hand." if is_elsewhere else ""
    label = "Open on Train" if is_over or not run.has_state else "Go on with it"
    help_ = (
        "Make it the current run: sample from it, look into it."
        if is_over
        else f"It was saved at step {run.step:,} and goes on from there, as if never cut off."
    )
    if pressed(label, key="kept_open", disabled=bool(reason), help=reason or help_):
        try:
            record = saving.take_up(session.trainer(), mine, run)
        except StoreError as error:
            st.error(str(error))
            return
        limits.keep_within(session.trainer())
        session.current().corpus = record.corpus
        controls.load(record.config)
        st.switch_page("train/page.py")


def _where(mine: str) -> None:
    """Where runs are kept, how much of them, and how to be rid of them."""
    writer, room = saving.writer(), limits_of(mine)
    with st.expander("Where runs are kept, and how to forget them"):
        if mine != OWN:
            st.markdown(
                "This server keeps your runs for this browser alone: a cookie that no script can "
                "read opens them, and nobody else sees them. Words of your own aren’t kept, nor "
                "are the weights that learned from them; such a run keeps its settings and losses."
            )
        else:
            st.markdown(
                f"Your runs are in `{saving.shown_place()}`: settings, losses, curve and weights, "
                "and the words that they learned from where these are your own."
            )
        st.markdown(
            f"There is room for {room.n_runs:,} runs of {room.n_bytes / 1e6:,.0f} MB. Beyond "
            "it the oldest go, those without a name, a note or a star first."
        )
        if writer.n_dropped:
            st.markdown(f"{writer.n_dropped:,} runs went so since the server was started.")
        sure = st.checkbox("Yes, forget all my runs and words", key="kept_sure")
        if pressed("Forget everything", key="kept_forget", disabled=not sure):
            forgetting.forget_everything(session.current())
            session.drop_everything()
            st.rerun()


main()
