"""What comes after …: the question that network and trigram answer while the one learns."""

from __future__ import annotations

import unicodedata

import streamlit as st

from core.errors import DatasetError
from core.runs import Snapshot
from core.text import Corpus
from pages.live.frames import RunFrames
from pages.live.question import Asked
from pages.visit import session, state
from pages.wording.escaping import plain

# Beginnings that most English texts can answer; one that a text lacks a word of is left out.
_BEGINNINGS = ("he said that the", "in the middle of the", "it is not", "the")
# Contexts of names, as the examples have them; those of other lists are their own first ones.
_CONTEXTS = ("emm", "..m", "...", "ann", "lyn", "qu")
_HELP = {
    "character": "Pick the letters before or type your own; dots mark the start. The "
    "diagram shows what the network makes of them, and behind each bar what came next in the "
    "training {document}s.",
    "word": "Pick a beginning or type your own. The network answers, and beside it the trigram, "
    "which only knows what it has counted after the last two words.",
}


def question(snapshot: Snapshot, frames: RunFrames | None = None) -> None:
    """Draw the field in which the next question is picked or typed, and have it answered live.

    Args:
        snapshot: of the run that answers.
        frames: which bring the answer; the session's own if none are given.
    """
    corpus, frames = snapshot.corpus, frames or session.current().frames
    asked = state.ASKED[corpus.unit]
    offered = _offered(corpus)
    if frames.asked is None or frames.asked.corpus is not corpus:
        asked.put(offered[0])
    held = str(asked.start_from(offered[0]))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            "What comes after",
            width="content",
            help=_HELP[corpus.unit].format_map(corpus.vocabulary.wording),
        )
        text = st.selectbox(
            "What comes after",
            offered if held in offered else [held, *offered],
            key=asked.key,
            accept_new_options=True,
            persist_state="session",
            label_visibility="collapsed",
            width=420 if corpus.unit == "word" else 160,
        )
    text = unicodedata.normalize("NFC", str(text))  # as the texts are
    if frames.asked is not None and frames.asked.corpus is corpus and frames.asked.typed == text:
        return
    try:
        with st.spinner("Counting …"):
            frames.ask(Asked.of(corpus, text))
    except DatasetError as error:
        st.error(plain(error))


def _offered(corpus: Corpus) -> list[str]:
    """Questions that suit the text; at least its most frequent word, or a name's beginning."""
    known, tokens = corpus.vocabulary.stoi, corpus.vocabulary.tokens
    if corpus.unit == "character":
        boundary, first = corpus.boundary, corpus.vocabulary.decode(corpus.ids[:3].tolist())
        usual = [text for text in _CONTEXTS if set(text) <= {boundary, *known}]
        return list(dict.fromkeys(usual if "emm" in usual else [first, *usual]))
    offered = [question.context for question in corpus.questions] or [
        text for text in _BEGINNINGS if all(token in known for token in tokens(text))
    ]
    return offered or [corpus.vocabulary.itos[int(corpus.counts[1:].argmax()) + 1]]
