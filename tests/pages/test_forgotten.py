"""What a visitor brought goes with the visitor: nothing of it stays in the server's memory."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from streamlit.runtime import caching
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.lesson.contents import CHAPTERS
from core.runs import State
from core.text import Corpus
from pages.parts import session
from tests.pages.conftest import TIMEOUT, WORDS, Visitor, short

PAGES = ["embeddings.py", "sample.py", "sweeps.py", "lesson/contents.py"]


def uploaded(visitor: Visitor) -> Corpus:
    visitor.file_uploader(key="upload").upload("mine.txt", WORDS)
    visitor.draw()
    visitor.press("Use this list")
    corpus: Corpus = visitor.session_state["session"].corpus
    assert corpus.name == "mine.txt"
    return corpus


def hang_up(visitor: Visitor) -> None:
    """What the server does when a session ends, with no grace for a lost connection."""
    mine = visitor.session_state["session"]
    caching.clear_session_resource_cache(mine.session_id)
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(TIMEOUT)
    assert mine.trainer.join(TIMEOUT)


@pytest.mark.parametrize("pages", [PAGES, [f"lesson/{c.slug}/page.py" for c in CHAPTERS]])
def test_an_uploaded_list_is_gone_when_its_session_is(
    pages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "GRACE_SECONDS", 0.0)
    visitor = Visitor()
    corpus = uploaded(visitor)
    kept = weakref.ref(corpus)
    visitor.train(corpus, steps=20)
    visitor.trainer.start(short(steps=10), corpus)  # so that there is a past run too
    visitor.wait_for(State.FINISHED)
    for page in pages:
        visitor.open(page)
    assert [run.corpus is corpus for run in visitor.trainer.runs()] == [True, True]
    hang_up(visitor)
    assert get_script_run_ctx() is None
    del corpus, visitor
    gc.collect()
    assert kept() is None
