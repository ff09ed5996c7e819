"""The chapter 'Generalising' as a page."""

from __future__ import annotations

from core.lesson.generalising import network
from core.text import small_language
from tests.pages.conftest import Visitor

PAGE = "lesson/generalising/page.py"


def test_both_answers_stand_beside_each_other(visitor: Visitor) -> None:
    visitor.open(PAGE)
    assert "**Trigram**: **11.4%** on the right kind" in visitor.text
    assert "**Network (As it is)**" in visitor.text
    assert "‘in a’ occurs **nowhere** in the language" in visitor.text
    assert len(visitor.get("plotly_chart")) == 3


def test_where_the_pair_was_seen_the_trigram_knows_too(visitor: Visitor) -> None:
    visitor.open(PAGE)
    question = small_language().questions[-3]
    visitor.selectbox(key="generalising.question").set_value(f"{question.context} …")
    visitor.draw()
    assert "**Trigram**: **70.2%** on the right kind" in visitor.text
    assert "follows ‘a’ anywhere" not in " ".join(caption.value for caption in visitor.caption)


def test_a_question_that_was_seen_is_marked_as_such(visitor: Visitor) -> None:
    visitor.open(PAGE)
    question = small_language().questions[-1]
    visitor.selectbox(key="generalising.question").set_value(f"{question.context} …")
    visitor.draw()
    assert "**nowhere**" not in visitor.text
    assert " times** in the language" in visitor.text
    assert '"the teacher tuned a"' in visitor.code[0].value


def test_each_change_is_trained_and_stands_in_the_table(visitor: Visitor) -> None:
    visitor.open(PAGE)
    for one in network.EXPERIMENTS:
        visitor.segmented_control(key="generalising.change").set_value(one.name)
        visitor.draw()
        assert one.about in visitor.text
        assert f"| {one.name} | **" in visitor.text
    assert "not run yet" not in visitor.text
    assert "learns_C=False" not in visitor.code[0].value
    visitor.segmented_control(key="generalising.change").set_value("C frozen")
    visitor.slider(key="generalising.seed").set_value(2)
    visitor.draw()
    assert "learns_C=False" in visitor.code[0].value
    assert "seed=2" in visitor.code[0].value


def test_a_link_holds_what_was_chosen() -> None:
    visitor = Visitor({"generalising.change": "D = 1"}).open(PAGE)
    assert "**Network (D = 1)**" in visitor.text
    visitor.close()
