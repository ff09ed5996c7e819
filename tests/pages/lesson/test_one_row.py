"""The chapter one_row as a page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.text import Corpus
from pages.lesson.one_row import charts
from tests.pages.conftest import Visitor

PAGE = "lesson/one_row/page.py"


@pytest.fixture
def opened(visitor: Visitor) -> Visitor:
    return visitor.open(PAGE)


def picture(visitor: Visitor) -> dict[str, Any]:
    (chart,) = visitor.get("plotly_chart")
    spec: dict[str, Any] = json.loads(chart.proto.spec)
    return spec


def said(visitor: Visitor) -> str:
    return " / ".join(note["text"] for note in picture(visitor)["layout"]["annotations"])


def written_in_row(visitor: Visitor) -> list[str]:
    """The numbers in the cells of the row, from left to right."""
    low, high = charts._ROW
    found = [
        (x, text)
        for trace in picture(visitor)["data"]
        if trace["type"] == "scatter"
        for x, y, text in zip(trace["x"], trace["y"], trace["text"], strict=True)
        if low < y < high
    ]
    return [text for _, text in sorted(found)]


def test_the_view_shares_and_the_copies_do_not(opened: Visitor) -> None:
    assert "| emb | (32, 3, 2) | (6, 2, 1) |" in opened.text
    assert "| slices | (32, 6) | (6, 1) | its own, 768 bytes copied |" in opened.text
    assert "| view | (32, 6) | (6, 1) | shared, 0 bytes copied |" in opened.text
    assert "5,475,504 bytes" in opened.text  # 228,146 rows of 6 numbers of 4 bytes


def test_torchs_own_errors_are_shown(opened: Visitor) -> None:
    shown = [code.value for code in opened.code]
    assert "mat1 and mat2 shapes cannot be multiplied (96x2 and 6x100)" in shown
    assert any(text.startswith("view size is not compatible") for text in shown)


def test_another_example_is_drawn(opened: Visitor) -> None:
    assert "emb[2] of .em: (3, 2)" in said(opened)
    assert "numbers 6 to 23" in said(opened)
    opened.slider(key="one_row.row").set_value(31)
    opened.draw()
    assert "emb[31] of hia: (3, 2)" in said(opened)
    assert "numbers 174 to 191" in said(opened)


def test_each_way_is_drawn_as_it_works(opened: Visitor) -> None:
    assert "by_view reads this same memory" in said(opened)
    opened.segmented_control(key="one_row.way").set_value("slices")
    opened.draw()
    assert "emb[:, t, :]: (32, 2) each" in said(opened)
    assert "the memory of by_slices, a copy" in said(opened)
    assert any("print((by_slices @ W1 + b1).shape)" in code.value for code in opened.code)


@pytest.mark.parametrize(("way", "first"), [("view", "-1.57"), ("unbind", "1.57")])
def test_only_the_view_follows_a_change(visitor: Visitor, way: str, first: str) -> None:
    visitor.open(PAGE)
    visitor.segmented_control(key="one_row.way").set_value(way)
    visitor.toggle(key="one_row.changed").set_value(True)
    visitor.draw()
    assert written_in_row(visitor)[0] == first
    assert "Now emb[2, 0, 0] is -1.5674" in visitor.text
    assert "by_unbind[2, 0] 1.5674, by_view[2, 0] -1.5674" in visitor.text


def test_times_are_measured_again_when_asked(opened: Visitor) -> None:
    kept = opened.app.session_state["one_row.times"]
    first = kept[(32, 3, 2)]
    opened.draw()
    assert kept[(32, 3, 2)] is first
    opened.press("Measure again")
    assert kept[(32, 3, 2)] is not first


def test_the_url_is_taken(visitor: Visitor) -> None:
    other = Visitor({"one_row.way": "unbind", "one_row.row": "5", "one_row.changed": "true"})
    other.open(PAGE)
    assert "emb[5] of ...: (3, 2)" in said(other)
    assert "torch.unbind(emb, 1)[t]" in said(other)
    assert "Now emb[5, 0, 0]" in other.text
    other.close()


@pytest.mark.parametrize("way", ["slices", "unbind", "view"])
@pytest.mark.parametrize("size", [1, 16])
def test_other_settings_and_words_are_drawn_too(visitor: Visitor, way: str, size: int) -> None:
    visitor.app.session_state["session"].corpus = Corpus.of_words("own", ("ab", "<`", "$|") * 7)
    for name in ("block_size", "n_embd", "n_hidden"):
        visitor.app.session_state[f"setting:{name}"] = size
    visitor.open(PAGE)
    visitor.segmented_control(key="one_row.way").set_value(way)
    visitor.draw()
    assert f"| {way} | (15, {size * size}) |" in visitor.text
    assert ("it works, and gives (15, 1, 1)" in visitor.text) == (size == 1)
