"""The charts as Plotly gets them."""

from __future__ import annotations

from core.text import Vocabulary
from pages.parts import charts
from pages.parts.palette import MARK


def test_the_character_that_came_is_marked_by_colour_pattern_and_figure():
    (bars,) = charts.next_token(Vocabulary((".", "a", "b")), [0.25, 0.7, 0.05], 2).data
    assert list(bars.y) == [0.25, 0.7, 0.05]
    assert [color == MARK for color in bars.marker.color] == [False, False, True]
    assert [bool(shape) for shape in bars.marker.pattern.shape] == [False, False, True]
    assert list(bars.text) == ["", "", "5.0%"]


def test_probabilities_that_are_not_finite_are_drawn_as_none():
    (bars,) = charts.next_token(Vocabulary((".", "a")), [float("nan"), float("nan")], 0).data
    assert list(bars.y) == [0, 0]
