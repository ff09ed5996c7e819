"""The chapter 'Forward by hand' as a page."""

from __future__ import annotations

import pytest

from core.lesson.forward import STAGES
from core.text import Corpus
from tests.pages.conftest import Visitor

PAGE = "lesson/forward/page.py"


def test_the_first_example_stands_there(visitor: Visitor) -> None:
    visitor.open(PAGE)
    assert "They sum to 1.0000. The right letter, e, got 0.0000000000015 %" in visitor.text


def test_another_example_moves_pictures_and_code(visitor: Visitor) -> None:
    visitor.open(PAGE)
    visitor.select_slider(key="forward.row").set_value(4)
    visitor.draw()
    assert "The right letter, ., got" in visitor.text
    assert "row = 4\n" in visitor.code[1].value


def test_each_stage_is_drawn_large(visitor: Visitor) -> None:
    visitor.open(PAGE)
    for stage, said in {
        "embedding": "`emb[0]` has the shape (3, 2)",
        "hidden": "Beyond ±0.97, and so saturated: 51 of 100.",
        "logits": "scores, not probabilities",
        "counts": "All above 0, with a sum of",
    }.items():
        visitor.segmented_control(key="forward.stage").set_value(stage)
        visitor.draw()
        assert said in visitor.text


def test_a_link_brings_example_and_stage() -> None:
    link = {"forward.row": "13: ..a → v", "forward.stage": "embedding"}
    other = Visitor(link).open(PAGE)
    assert "`emb[13]` has the shape (3, 2)" in other.text
    other.close()


def test_a_link_to_no_example_starts_at_the_first() -> None:
    other = Visitor({"forward.row": "99: zzz → z", "forward.stage": "nowhere"}).open(PAGE)
    assert "The right letter, e, got" in other.text
    other.close()


def test_the_weights_of_a_run_are_shown_when_they_fit(visitor: Visitor) -> None:
    visitor.open(PAGE)
    assert not visitor.toggle
    visitor.train(steps=60)
    visitor.toggle(key="forward.of_run").set_value(True)
    visitor.draw()
    assert "got 0.0000000000015 %" not in visitor.text
    visitor.app.session_state["setting:block_size"] = 4
    visitor.draw()
    assert not visitor.toggle


@pytest.mark.parametrize("size", [1, 16])
def test_other_settings_and_words_go_forward_too(visitor: Visitor, size: int) -> None:
    visitor.app.session_state["session"].corpus = Corpus.of_words("own", ("ab", "ba") * 10)
    for name in ("block_size", "n_embd", "n_hidden"):
        visitor.app.session_state[f"setting:{name}"] = size
    visitor.open(PAGE)
    visitor.select_slider(key="forward.row").set_value(14)
    for stage in STAGES:
        visitor.segmented_control(key="forward.stage").set_value(stage)
        visitor.draw()
        assert "row = 14\n" in visitor.code[1].value


def test_a_row_beyond_shorter_words_starts_anew(visitor: Visitor) -> None:
    visitor.open(PAGE)
    visitor.select_slider(key="forward.row").set_value(31)
    visitor.draw()
    visitor.app.session_state["session"].corpus = Corpus.of_words("own", ("ab", "ba") * 10)
    visitor.draw()
    assert "row = 31" not in visitor.code[1].value


def test_counts_beyond_float32_are_told(visitor: Visitor) -> None:
    visitor.app.session_state["setting:n_hidden"] = 1024
    visitor.app.session_state["setting:seed"] = 3
    visitor.open(PAGE)
    visitor.select_slider(key="forward.row").set_value(13)
    visitor.draw()
    assert "A count is too large for float32: it is inf, and inf / inf is nan." in visitor.text
