"""What comes after …: the question that network and trigram answer while the one learns."""

from __future__ import annotations

import streamlit as st

from core.errors import DatasetError
from core.runs import Snapshot
from core.text import Corpus
from pages.parts import session
from pages.parts.live.asked import Asked

_KEY = "asked_text"
# Beginnings that most English texts can answer; one that a text lacks a word of is left out.
_BEGINNINGS = ("he said that the", "in the middle of the", "it is not", "the")


def question(snapshot: Snapshot) -> None:
    """Draw the field in which the next question is picked or typed, and have it answered live."""
    corpus, frames = snapshot.corpus, session.current().frames
    if corpus.unit == "character":
        if frames.asked is not None:
            frames.ask(None)
        return
    offered = _offered(corpus)
    if frames.asked is None or frames.asked.corpus is not corpus:
        session.put(_KEY, offered[0])
    held = str(session.remember(_KEY, offered[0]))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            "What comes after",
            width="content",
            help="Pick a beginning or type your own. The network answers, and beside it the "
            "trigram, which only knows what it has counted after the last two words.",
        )
        text = st.selectbox(
            "What comes after",
            offered if held in offered else [held, *offered],
            key=_KEY,
            accept_new_options=True,
            persist_state="session",
            label_visibility="collapsed",
            width=420,
        )
    if frames.asked is not None and frames.asked.corpus is corpus and frames.asked.typed == text:
        return
    try:
        with st.spinner("Counting …"):
            frames.ask(Asked.of(corpus, str(text)))
    except DatasetError as error:
        st.error(str(error))


def _offered(corpus: Corpus) -> list[str]:
    """Questions that suit the text; at least its most frequent word."""
    known, tokens = corpus.vocabulary.stoi, corpus.vocabulary.tokens
    offered = [question.context for question in corpus.questions] or [
        text for text in _BEGINNINGS if all(token in known for token in tokens(text))
    ]
    return offered or [corpus.vocabulary.itos[int(corpus.counts[1:].argmax()) + 1]]
