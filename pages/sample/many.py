"""Thousands of names or sentences at once, written in the background and taken as a file."""

from __future__ import annotations

import streamlit as st

from core.jobs import Writing, WritingSnapshot
from core.models import sifting
from core.models.sampling import MAX_COUNT
from core.runs import State
from core.text import DOCUMENTS, readable
from pages.jobs import job_page
from pages.sample import names
from pages.settings.buttons import pressed
from pages.visit import session
from pages.visit.sampled import Sampled
from pages.wording.escaping import plain
from pages.wording.numbers import counted

LOOK_SECONDS = 0.5


def section(sampled: Sampled) -> None:
    """How many, a button that begins, how far it is, and then the file.

    Args:
        sampled: whose model and settings write.
    """
    writing, document = session.current().writing, sampled.snapshot.corpus.document
    now = writing.snapshot()
    with st.expander(f"Many {document}s as a file", expanded=now is not None):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            count = st.number_input(
                f"How many {document}s",
                1,
                MAX_COUNT,
                MAX_COUNT,
                key="many_count",
                persist_state="session",
                width=180,
            )
            is_greedy = sampled.how.is_greedy
            if pressed(
                "Write them",
                key="write_many",
                disabled=is_greedy or (now is not None and now.is_running),
                help=f"Greedy has one {document} only."
                if is_greedy
                else "In the background, with the settings at the side: the same seed gives the "
                "same file.",
            ):
                _start(writing, sampled, count)
        if now is not None and now.is_running:
            _wait(writing)
        elif now is not None:
            _offer(now)


def _start(writing: Writing, sampled: Sampled, count: int) -> None:
    run, writer, how = sampled.snapshot, sampled.writer, sampled.how
    learned = run.config.training.train_on
    writing.start(
        sifting.writing(writer.model, run.corpus, how, learned, count, is_long=True),
        count,
        run.corpus.unit,
        seed=how.seed,
        about=writer.about or f"Written by {run.title} at step {run.step:,}.",
        runs=writer.runs,
    )
    st.rerun()


@st.fragment(run_every=LOOK_SECONDS)
def _wait(writing: Writing) -> None:
    """How far it is, until it has ended."""
    now = writing.snapshot()
    if now is None or not now.is_running:
        st.rerun()
    document = DOCUMENTS[now.unit]
    said = f"{now.n_done:,} of {counted(now.n_runs, document)}"
    if now.sifted.n_left_out:
        said += f", {now.sifted.n_tried:,} written"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.progress(now.n_done / now.n_runs, said, width=300)
        st.button("Stop", key="stop_many", on_click=writing.stop)


def _offer(ended: WritingSnapshot) -> None:
    """What came of it, and the file."""
    job_page.say_failed(ended)
    sifted, document = ended.sifted, DOCUMENTS[ended.unit]
    if ended.state is State.STOPPED:
        st.markdown(
            f"Stopped after {len(sifted.texts):,} of {counted(ended.n_runs, document)}. "
            f"{names.left_out(sifted, document)}"
        )
    elif ended.state is State.FINISHED:
        names.say_left_out(sifted, document)
    if not sifted.texts:
        return
    st.markdown(f"{plain(ended.about)} Seed {ended.seed}.")
    st.download_button(
        f"Download {counted(len(sifted.texts), document)}",
        lambda: as_text(ended),
        f"{document}s-seed-{ended.seed}.txt",
        "text/plain",
        on_click="ignore",
        key="download_many",
    )


def as_text(written: WritingSnapshot) -> bytes:
    """One name or sentence a line, in UTF-8."""
    return "".join(f"{readable(text, written.unit)}\n" for text in written.sifted.texts).encode()
