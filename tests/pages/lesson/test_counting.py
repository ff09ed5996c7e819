"""The chapter counting as a page."""

from __future__ import annotations

import json

import pytest

from core.text import Corpus
from tests.pages.conftest import Visitor

WORDS = ("anna", "hanna", "ana", "banana", "hana", "nan", "han", "bana", "ahna", "nabab")


@pytest.fixture
def small(visitor):
    """On the page, with a small list of words."""
    visitor.app.session_state["session"].corpus = Corpus.of_words("small", WORDS)
    return visitor.open("lesson/counting/page.py")


def code(visitor: Visitor) -> str:
    return visitor.app.code[1].value


def test_the_tutorials_names_are_counted(visitor) -> None:
    visitor.open("lesson/counting/page.py")
    assert "729 cells, 627 of them seen" in visitor.text
    assert "32,033 | 32,033" in visitor.text
    assert "Add-one counts do best at n = 4, Kneser–Ney at n = 6" in visitor.text


def test_more_context_leaves_more_cells_empty(small) -> None:
    assert "5² = 25 cells" in small.text
    small.slider(key="counting.n").set_value(4)
    small.draw()
    assert "5⁴ = 625 cells" in small.text
    assert "n = 4  #" in code(small)


def test_a_picked_character_has_its_row(small) -> None:
    assert "What follows 'a'" in small.text
    small.selectbox(key="counting.character").select("h")
    small.draw()
    assert "What follows 'h'" in small.text
    assert "seen['h' + character]" in code(small)


def test_new_names_are_drawn_with_the_next_seed(small) -> None:
    before = [line.value for line in small.markdown if line.value.startswith("It writes")]
    small.press("New names")
    assert small.number_input(key="counting.seed").value == 2
    after = [line.value for line in small.markdown if line.value.startswith("It writes")]
    assert after != before


def test_a_link_holds_what_was_moved(visitor) -> None:
    visitor.app.session_state["session"].corpus = Corpus.of_words("small", WORDS)
    visitor.query_params["counting.n"] = "5"
    visitor.query_params["counting.character"] = "z"  # none of these words has it
    visitor.open("lesson/counting/page.py")
    assert visitor.slider(key="counting.n").value == 5
    assert visitor.selectbox(key="counting.character").value == "a"


def test_many_characters_and_a_long_context_fit(visitor) -> None:
    characters = "".join(chr(0x4E00 + i) for i in range(199)) + "a"
    words = tuple(characters[i : i + 10] for i in range(0, 200, 10))
    visitor.app.session_state["session"].corpus = Corpus.of_words("many", words)
    visitor.app.session_state["setting:block_size"] = 16
    visitor.open("lesson/counting/page.py")
    assert "· 10³⁹ cells" in visitor.text


def test_another_boundary_stands_below_the_bars_and_rows_keep_apart(visitor) -> None:
    words = [f"{a}. {b}" for a in "ABCDEFGHIJKLMNOPQRST" for b in "abcdefghijklmnopqrst"]
    visitor.app.session_state["session"].corpus = Corpus.of_words("dots", words)
    visitor.open("lesson/counting/page.py")
    figures = [json.loads(chart.proto.spec)["layout"] for chart in visitor.app.get("plotly_chart")]
    titles = [figure["xaxis"]["title"]["text"] for figure in figures if "title" in figure["xaxis"]]
    assert "next character ( ¶ ends the name)" in titles
    assert len(figures[0]["yaxis"]["ticktext"]) <= 30
