"""The chapter look_up as a page."""

from __future__ import annotations

import pytest

from core.text import Corpus
from tests.pages.conftest import Visitor

PAGE = "lesson/look_up/page.py"


def code(visitor: Visitor) -> str:
    return visitor.app.code[1].value


def test_a_picked_character_is_looked_up(visitor: Visitor) -> None:
    visitor.open(PAGE)
    assert "`C[5]` is `[-0.4713, 0.7868]`" in visitor.text
    visitor.selectbox(key="look_up.character").select("m")
    visitor.draw()
    assert "stoi['m']" in code(visitor)
    assert "`C[13]`" in visitor.text


def test_a_list_is_looked_up_and_a_wrong_one_told(visitor: Visitor) -> None:
    visitor.open(PAGE)
    visitor.segmented_control(key="look_up.what").set_value("A list")
    visitor.draw()
    assert "shape (5, 2)" in visitor.text
    visitor.text_input(key="look_up.list").set_value("1, 27")
    visitor.draw()
    assert visitor.errors == [
        "'27' is no index of this table: use whole numbers from 0 to 26, with commas between them."
    ]
    assert "shape (5, 2)" in visitor.text


def test_an_entry_of_the_matrix_is_looked_up(visitor: Visitor) -> None:
    visitor.open(PAGE)
    visitor.segmented_control(key="look_up.what").set_value("The matrix X")
    visitor.draw()
    assert "`X[13, 2]` is 1, the character 'a'" in visitor.text
    visitor.number_input(key="look_up.place").set_value(1)
    visitor.draw()
    assert "X[13, 1], emb[13, 1]" in code(visitor)


@pytest.mark.parametrize("way", ["One character", "A list", "The matrix X"])
def test_other_settings_and_words_are_looked_up_too(visitor: Visitor, way: str) -> None:
    visitor.app.session_state["session"].corpus = Corpus.of_words("own", ("ab", "ba") * 10)
    for name in ("block_size", "n_embd", "n_hidden"):
        visitor.app.session_state[f"setting:{name}"] = 1
    visitor.open(PAGE)
    visitor.segmented_control(key="look_up.what").set_value(way)
    visitor.draw()
    assert "(15, 1, 1)" in visitor.text  # five words of two characters and their ends
