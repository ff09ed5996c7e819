"""What a visitor brought goes with the visitor: nothing of it stays in the server's memory."""

from __future__ import annotations

import gc
import weakref

import pytest

from core.lesson.contents import CHAPTERS
from core.text import Corpus
from tests.pages.conftest import WORDS, Visitor, short

PAGES = ["embeddings.py", "sample.py", "learning_rate.py", "lesson/contents.py"]


def uploaded(visitor: Visitor) -> Corpus:
    visitor.app.file_uploader[0].set_value(("mine.txt", WORDS, "text/plain"))
    visitor.draw()
    visitor.press("Use this list")
    corpus: Corpus = visitor.session_state["session"].corpus
    assert corpus.name == "mine.txt"
    return corpus


@pytest.mark.parametrize("pages", [PAGES, [f"lesson/{c.slug}/page.py" for c in CHAPTERS]])
def test_an_uploaded_list_is_gone_when_its_session_is(pages: list[str]) -> None:
    visitor = Visitor()
    kept = weakref.ref(uploaded(visitor))
    corpus = kept()
    assert corpus is not None
    visitor.train(corpus, steps=20)
    visitor.trainer.start(short(steps=10), corpus)  # so that there is a past run too
    visitor.wait_for(visitor.snapshot.state.FINISHED)
    del corpus
    for page in pages:
        visitor.open(page)
    visitor.close()
    assert kept() is not None
    del visitor
    gc.collect()
    assert kept() is None, gc.get_referrers(kept())
