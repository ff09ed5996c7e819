"""The chapter backward as a page."""

from __future__ import annotations

import pytest

from core.text import Corpus
from tests.pages.conftest import Visitor

PAGE = "lesson/backward/page.py"


def code(visitor: Visitor) -> str:
    return visitor.app.code[1].value


def choose(visitor: Visitor, key: str, value: object) -> Visitor:
    visitor.segmented_control(key=key).set_value(value)
    return visitor.draw()


def test_a_number_of_a_tensor_is_found_in_three_ways(visitor: Visitor) -> None:
    choose(visitor.open(PAGE), "backward.what", "Gradient")
    assert "Gradient of C[0, 0]" in visitor.text
    assert visitor.text.count("`-0.058580") == 3  # the seventh digit is rounding
    choose(visitor, "backward.tensor", "W1")
    visitor.number_input(key="backward.W1_column").set_value(9)
    visitor.draw()
    assert "Gradient of W1[0, 9]" in visitor.text
    assert "trial[1][0, 9] += e" in code(visitor)
    before = visitor.text
    choose(visitor, "backward.found", "difference")
    assert visitor.text != before


def test_a_step_moves_numbers_and_the_loss(visitor: Visitor) -> None:
    visitor.open(PAGE)
    assert "falls from **17.7697** to **13.6564**. Of 54 numbers of C **24 move**" in visitor.text
    assert "No context holds cdfgjknqrtuwxyz" in visitor.text
    visitor.select_slider(key="backward.rate").set_value(10.0)
    visitor.draw()
    assert "rises from **17.7697**" in visitor.text
    assert "lr = 10\n" in code(visitor)


def test_gradients_that_are_not_cleared_add_up(visitor: Visitor) -> None:
    choose(visitor.open(PAGE), "backward.what", "Clearing")
    assert "| 2 | `6.328321` | 2 |" in visitor.text
    assert "After 200 steps at the rate 0.1: **0.2789**" in visitor.text
    visitor.number_input(key="backward.passes").set_value(3)
    visitor.select_slider(key="backward.steps").set_value(10)
    visitor.draw()
    assert "| 3 | `9.49248" in visitor.text
    assert "After 10 steps" in visitor.text


@pytest.mark.parametrize("view", ["Gradient", "Update", "Clearing"])
@pytest.mark.parametrize("size", [1, 60])
def test_other_settings_and_words(visitor: Visitor, view: str, size: int) -> None:
    visitor.app.session_state["session"].corpus = Corpus.of_words("own", ("a*b", "b`a", "ba") * 4)
    for name, value in (("block_size", 1 + size // 20), ("n_embd", size), ("n_hidden", 2 * size)):
        visitor.app.session_state[f"setting:{name}"] = value
    choose(visitor.open(PAGE), "backward.what", view)
    for tensor in ("C", "W1", "b1", "W2", "b2"):
        choose(visitor, "backward.tensor", tensor)
    assert not visitor.errors


def test_a_link_opens_the_chapter_as_it_stood() -> None:
    visitor = Visitor({"backward.what": "Update", "backward.tensor": "b2", "backward.rate": "1"})
    visitor.open(PAGE)
    assert "One step at the rate 1:" in visitor.text
    assert "Of 27 numbers of b2" in visitor.text
    visitor.close()


def test_a_wrong_value_in_the_link_is_left_out() -> None:
    visitor = Visitor(
        {"backward.what": "Nothing", "backward.C_row": "99", "backward.C_column": "x"}
    )
    choose(visitor.open(PAGE), "backward.what", "Gradient")
    assert "Gradient of C[0, 0]" in visitor.text
    visitor.close()
