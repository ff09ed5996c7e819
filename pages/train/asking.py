"""What comes after …: the question that network and data answer while the one learns."""

from __future__ import annotations

import streamlit as st

from core.errors import DatasetError
from core.runs import Snapshot
from core.text import Corpus
from pages.live.frames import RunFrames
from pages.live.question import Asked
from pages.visit import session
from pages.wording.escaping import plain

# Beginnings that most English texts can answer; one that a text lacks a word of is left out.
_BEGINNINGS = ("he said that the", "in the middle of the", "it is not", "the")
# Contexts of names, as the examples have them, the first one such that a network that has learned
# the embedded names gets it right; those that a list lacks are left out.
_CONTEXTS = ("ann", "..m", "lyn", "emm", "...", "qu")


def question(snapshot: Snapshot, frames: RunFrames | None = None) -> list[str]:
    """See to it that a question is asked of the run's text, which is typed in the live view.

    Args:
        snapshot: of the run that answers.
        frames: which bring the answer; the session's own if none are given.

    Returns:
        Questions that suit the text.
    """
    corpus, frames = snapshot.corpus, frames or session.current().frames
    offered = corpus.memo.get(_offered, (), lambda: _offered(corpus), most=1)
    if frames.asked is None or frames.asked.corpus is not corpus:
        try:
            with st.spinner("Counting …"):
                frames.ask(Asked.of(corpus, offered[0]))
        except DatasetError as error:
            st.error(plain(error))
    return offered


def _offered(corpus: Corpus) -> list[str]:
    """Questions that suit the text; at least its most frequent word, or a name's beginning."""
    known, tokens = corpus.vocabulary.stoi, corpus.vocabulary.tokens
    if corpus.unit == "character":
        first = corpus.vocabulary.decode(corpus.ids[:3].tolist())
        started = [f"{3 * corpus.boundary}{text}" for text in corpus.texts_of("train")]
        return [
            context
            for context in _CONTEXTS
            if set(context) <= {corpus.boundary, *known}
            and any(context in text for text in started)
        ] or [first]
    offered = [question.context for question in corpus.questions] or [
        text for text in _BEGINNINGS if all(token in known for token in tokens(text))
    ]
    return offered or [corpus.vocabulary.itos[int(corpus.counts[1:].argmax()) + 1]]
