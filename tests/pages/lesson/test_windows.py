"""The chapter windows as a page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.text import Corpus
from tests.pages.conftest import Visitor

PAGE = "lesson/windows/page.py"


@pytest.fixture
def opened(visitor: Visitor) -> Visitor:
    return visitor.open(PAGE)


def window(visitor: Visitor) -> str:
    (text,) = visitor.app.text
    return text.value


def figures(visitor: Visitor) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in visitor.get("plotly_chart")]


def written(figure: dict[str, Any]) -> list[str]:
    """All texts in the cells of a figure, trace by trace."""
    return [text for trace in figure["data"] for text in trace.get("text", [])]


def test_the_tutorials_sizes_are_counted(opened: Visitor) -> None:
    assert "| first 5 | 32 | (32, 3) | (32,) |" in opened.text
    assert "| all 32,033 | 228,146 | (228146, 3) | (228146,) |" in opened.text
    assert "X is torch.int64" in opened.text


def test_the_window_walks_along_the_name(opened: Visitor) -> None:
    assert window(opened) == ".em → m is [0, 5, 13] → 13 in indices."
    opened.slider(key="windows.row").set_value(4)
    opened.draw()
    assert window(opened) == "mma → . is [13, 13, 1] → 0 in indices."
    padded, table = figures(opened)
    assert padded["layout"]["annotations"][0]["text"] == "context X[4]"
    assert written(table)[-1] == "<b>.</b> 0"  # the last entry of Y


def test_the_table_is_filled_up_to_the_window(opened: Visitor) -> None:
    def n_filled() -> int:
        return len(written(figures(opened)[1]))

    assert n_filled() == 3 * 4
    opened.slider(key="windows.row").set_value(0)
    opened.draw()
    assert n_filled() == 4


def test_another_name_and_length_are_cut(opened: Visitor) -> None:
    opened.text_input(key="windows.name").set_value("ava")
    opened.slider(key="windows.T").set_value(2)
    opened.draw()
    assert window(opened) == "av → a is [1, 22] → 1 in indices."
    assert "(228146, 2)" in opened.text
    assert any("name = 'ava'" in code.value for code in opened.code)
    assert any(code.value.startswith("emma\n.. --> e") for code in opened.code)
    assert any("T = 2  #" in code.value for code in opened.code)


def test_a_wrong_name_is_told_and_the_last_good_one_stays(opened: Visitor) -> None:
    opened.text_input(key="windows.name").set_value("ava")
    opened.draw()
    opened.text_input(key="windows.name").set_value("zo7")
    opened.draw()
    (error,) = opened.errors
    assert error.startswith("'7' never occurs in the training names")
    assert error.endswith("The name shown is ava.")
    assert window(opened).startswith(".av → a")


def test_the_length_follows_the_settings(opened: Visitor) -> None:
    opened.slider(key="windows.T").set_value(7)
    opened.draw()
    opened.slider(key="copy:block_size").set_value(5)
    opened.draw()
    assert opened.slider(key="windows.T").value == 5
    assert "(32, 5)" in opened.text


def test_the_url_is_taken(visitor: Visitor) -> None:
    other = Visitor({"windows.name": "olivia", "windows.T": "2", "windows.row": "99"})
    other.open(PAGE)
    assert window(other) == "ol → i is [15, 12] → 9 in indices."
    other.close()


def test_own_words_and_the_longest_ones_are_cut(visitor: Visitor) -> None:
    words = ("<|>*`$ &", "x" * 64, "y") * 5
    visitor.app.session_state["session"].corpus = Corpus.of_words("own", words)
    visitor.app.session_state["setting:block_size"] = 16
    visitor.open(PAGE)
    assert '<span style="font-size:140%"><b>&lt;</b></span>' in written(figures(visitor)[0])
    visitor.text_input(key="windows.name").set_value("x" * 64)
    visitor.draw()
    visitor.slider(key="windows.row").set_value(64)
    visitor.slider(key="windows.T").set_value(1)
    visitor.draw()
    assert window(visitor) == "x → . is [8] → 0 in indices."


def test_words_that_know_the_last_name_no_more_show_their_first(opened: Visitor) -> None:
    opened.app.session_state["session"].corpus = Corpus.of_words("own", ("ab", "ba") * 10)
    opened.draw()
    assert opened.errors[0].endswith("The name shown is ab.")
