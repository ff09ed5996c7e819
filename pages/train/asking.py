"""What comes after …: the question that network and data answer while the one learns."""

from __future__ import annotations

import streamlit as st

from core.errors import DatasetError
from core.runs import Snapshot
from pages.live.frames import RunFrames
from pages.live.question import Asked, offered_questions
from pages.visit import session
from pages.wording.escaping import plain


def question(snapshot: Snapshot, frames: RunFrames | None = None) -> list[str]:
    """See to it that a question is asked of the run's text, which is typed in the live view.

    Args:
        snapshot: of the run that answers.
        frames: which bring the answer; the session's own if none are given.

    Returns:
        Questions that suit the text.
    """
    corpus, frames = snapshot.corpus, frames or session.current().frames
    offered = corpus.memo.get(offered_questions, (), lambda: offered_questions(corpus), most=1)
    if frames.asked is None or frames.asked.corpus is not corpus:
        try:
            with st.spinner("Counting …"):
                frames.ask(Asked.of(corpus, offered[0]))
        except DatasetError as error:
            st.error(plain(error))
    return offered
