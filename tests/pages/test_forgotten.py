"""What a visitor brought goes with the visitor: nothing of it stays in the server's memory."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest
from streamlit.runtime import caching
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.lesson.contents import CHAPTERS
from core.runs import State
from core.runs.store import Query
from core.sweep import Axis, GridConfig, SweepConfig
from core.text import Corpus
from pages.visit import saving, session, workspace
from pages.visit.state import Tab
from tests.pages.conftest import TIMEOUT, WORDS, Cookies, Visitor, short

PAGES = ["embeddings/page.py", "sample/page.py", "sweeps/page.py", "lesson/contents.py"]


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
    assert [run.corpus is corpus for run in visitor.runs] == [True, True]
    hang_up(visitor)
    assert get_script_run_ctx() is None
    del corpus, visitor
    gc.collect()
    assert kept() is None


def press_forget(visitor: Visitor) -> None:
    visitor.open("runs/page.py")
    visitor.checkbox(key="kept_sure").check()
    visitor.draw().press("Forget everything")


def test_after_the_press_nothing_of_a_visitor_is_left() -> None:
    visitor = Visitor()
    corpus = uploaded(visitor)
    visitor.train(corpus, steps=20)
    mine = visitor.session_state["session"]
    run = short()
    mine.sweeper.start(run.model, run.training, corpus, SweepConfig(n_rates=3, n_steps=20))
    assert mine.sweeper.join(TIMEOUT)
    axis = Axis(key="n_hidden", values=(4, 6))
    mine.grid.start(GridConfig(run=run, axes=(axis,), n_steps=5, n_seeds=1), corpus)
    assert mine.grid.join(TIMEOUT)
    visitor.open("sample/page.py")
    visitor.open(f"lesson/{CHAPTERS[0].slug}/page.py")
    visitor.open("train/page.py").segmented_control(key="data_kind").set_value("Words")
    visitor.draw().selectbox(key="data_text").set_value("Your own text")
    visitor.draw().text_area(key="text_pasted").set_value("This is mine alone. " * 40)
    visitor.draw()
    assert mine.sampled is not None
    assert mine.offered
    # Runs, sweeps and samples refer to the corpus, so that it would stay with any of them.
    brought = [each for each in mine.offered.values() if isinstance(each, Corpus)]
    assert brought
    left = [weakref.ref(each) for each in (mine, corpus, *brought)]
    del brought
    press_forget(visitor)
    assert "There are no runs yet" in visitor.text
    del mine, corpus
    visitor.open("train/page.py")
    gc.collect()
    assert [each() for each in left] == [None] * len(left)
    visitor.close()


def test_after_the_press_a_page_holds_what_a_newcomers_does() -> None:
    newcomer, visitor = Visitor(state={"tab": Tab()}), Visitor({"hide": "share", "seed": "x"})
    visitor.train(uploaded(visitor), steps=20)
    visitor.open("sample/page.py")
    visitor.open(f"lesson/{CHAPTERS[0].slug}/page.py")
    visitor.tab.spelled, visitor.tab.saved_picked = ("emma", False), [visitor.snapshot.key]
    visitor.tab.guesses["windows"], visitor.tab.compared_run = "a guess", 1
    before = visitor.tab
    visitor.app.query_params.clear()
    press_forget(visitor)
    newcomer.open("runs/page.py")
    assert visitor.tab is not before
    assert visitor.tab == newcomer.tab
    held, of_newcomer = (
        set(each.app.session_state._state.filtered_state) for each in (visitor, newcomer)
    )
    assert held <= of_newcomer
    visitor.close()
    newcomer.close()


@pytest.mark.parametrize("are_separate", [True, False])
def test_it_forgets_nothing_of_anyone_else(
    are_separate: bool, cookies: Cookies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "are_separate", lambda _headers: are_separate)
    monkeypatch.setattr(workspace, "is_open", lambda: True)
    cookies.become("a" * 43)
    ann = Visitor()
    theirs = uploaded(ann)
    ann.start_endless()
    cookies.become("b" * 43)
    bea, other_tab = Visitor(), Visitor()
    bea.train(steps=20)
    other_tab.train(steps=20)
    press_forget(bea)
    assert ann.snapshot.state is State.RUNNING
    assert ann.session_state["session"].corpus is theirs
    before = ann.snapshot.step
    ann.trainer.wait_until(lambda run: run.step > before, TIMEOUT)
    # In a shared room she sees what others have, once it's saved.
    seen = set() if are_separate else {ann.snapshot.key}
    assert {run.key for run in bea.trainer.runs()} <= seen
    assert {run.key for run in other_tab.draw().trainer.runs()} <= seen
    ann.press("Pause")
    ann.wait_for(State.PAUSED)
    assert saving.writer().flush(TIMEOUT)
    mine = ann.session_state["session"].workspace
    rows, _ = saving.writer().store().page(mine, Query())
    assert [row.key for row in rows] == [ann.snapshot.key]
    for visitor in (ann, bea, other_tab):
        visitor.close()


def test_what_a_visitor_brought_and_made_counts_in_what_they_hold() -> None:
    visitor = Visitor()
    mine = visitor.session_state["session"]
    before = mine.n_bytes()
    mine.offered[bytes(1_000_000), "text"] = mine.corpus
    assert mine.n_bytes() - before >= 1_000_000
    mine.lesson_work["a chapter"] = np.zeros(1_000_000, np.uint8)
    assert mine.n_bytes() - before >= 2_000_000
    visitor.close()
