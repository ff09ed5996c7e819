"""What comes after …: the question that network and trigram answer while the one learns."""

from __future__ import annotations

import streamlit as st

from core.errors import DatasetError
from core.runs import Snapshot
from pages.parts import session
from pages.parts.live.asked import Asked

_KEY = "asked_text"


def question(snapshot: Snapshot) -> None:
    """Draw the field in which the next question is picked or typed, and have it answered live."""
    corpus, frames = snapshot.corpus, session.current().frames
    if corpus.unit == "character":
        frames.ask(None) if frames.asked else None
        return
    offered = [known.context for known in corpus.questions]
    if frames.asked is None or frames.asked.corpus is not corpus:
        session.put(_KEY, offered[0] if offered else "the")
    held = str(session.remember(_KEY, "the"))
    text = st.selectbox(
        "What comes after …",
        offered if held in offered else [held, *offered],
        key=_KEY,
        accept_new_options=True,
        persist_state="session",
        help="Pick a beginning or type your own. The network answers, and beside it the trigram, "
        "which only knows what it has counted after the last two words.",
    )
    if frames.asked is not None and frames.asked.corpus is corpus and frames.asked.typed == text:
        return
    try:
        with st.spinner("Counting …"):
            frames.ask(Asked.of(corpus, str(text)))
    except DatasetError as error:
        st.error(str(error))
