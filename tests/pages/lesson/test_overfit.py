"""The chapter overfit as a page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.config import RunConfig
from core.lesson import overfit
from core.lesson.tutorial import STEPS
from core.runs import State
from core.text import Corpus
from tests.pages.conftest import Visitor

PAGE = "lesson/overfit/page.py"


@pytest.fixture
def chapter() -> Iterator[Visitor]:
    visitor = Visitor({"overfit.steps": "10"}).open(PAGE)
    yield visitor
    visitor.close()


def test_the_tutorials_ten_losses_stand_beside_their_like(chapter: Visitor) -> None:
    (step,) = [step for step in STEPS if step.name == "ten_losses"]
    assert chapter.text.count(step.printed_text) == 2
    assert "After 10 steps the training loss is **3.9858**" in chapter.text


def test_more_steps_come_to_the_floor_and_write_the_five(chapter: Visitor) -> None:
    chapter.select_slider(key="overfit.steps").set_value(5000)
    chapter.draw()
    assert "After 5,000 steps the training loss is **0.2523**" in chapter.text
    assert "above the floor, 0.2515" in chapter.text
    assert "worse than guessing evenly (3.2958)" in chapter.text
    assert "**emma**" in chapter.text
    assert "[0.1] * 5_000" in chapter.code[1].value


def test_another_rate_is_another_run(chapter: Visitor) -> None:
    chapter.select_slider(key="overfit.rate").set_value(0.01)
    chapter.draw()
    assert "**3.9858**" not in chapter.text
    assert "[0.01] * 10" in chapter.code[1].value


def test_the_same_run_starts_on_the_train_page(chapter: Visitor) -> None:
    chapter.press("Run it on the Train page")
    ended = chapter.wait_for(State.FINISHED)
    assert ended.config == overfit.run_config(RunConfig(), 32, 10, 0.1)
    assert ended.curve.mean[-1] == pytest.approx(4.414663791656494, rel=1e-5)
    assert chapter.has_button("Train")


def test_a_started_run_is_not_replaced_by_training_as_one_drags(chapter: Visitor) -> None:
    chapter.app.session_state["drags"] = True
    chapter.press("Run it on the Train page")
    ended = chapter.wait_for(State.FINISHED)
    assert [run.config for run in chapter.trainer.runs()] == [ended.config]
    assert ended.config.training.train_on == "first_five"


def test_own_words_have_their_own_contexts(visitor: Visitor) -> None:
    words = ("a*b", "b`a", "ba", "a*a", "`") * 3
    visitor.app.session_state["session"].corpus = Corpus.of_words("own", words)
    for name in ("block_size", "n_embd", "n_hidden"):
        visitor.app.session_state[f"setting:{name}"] = 1
    visitor.open(PAGE)
    assert "5 of 17 examples have the context `.`, with 3 followers" in visitor.text
    visitor.selectbox(key="overfit.context").select("a")
    visitor.draw()
    assert "have the context `a`" in visitor.text


def test_words_without_an_ambiguous_context(visitor: Visitor) -> None:
    visitor.app.session_state["session"].corpus = Corpus.of_words("own", ("ab",) * 12)
    visitor.open(PAGE)
    assert "Every context has one follower only" in visitor.text
