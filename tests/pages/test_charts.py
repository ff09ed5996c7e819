"""The charts as Plotly gets them."""

from __future__ import annotations

import numpy as np
import pytest

from core.text import Vocabulary
from pages.charts import chart_kit, next_token, run_charts, search_charts
from pages.charts.palette import MARK


def test_the_character_that_came_is_marked_by_colour_pattern_and_figure():
    (bars,) = chart_kit.next_token(Vocabulary((".", "a", "b")), [0.25, 0.7, 0.05], 2).data
    assert list(bars.y) == [0.25, 0.7, 0.05]
    assert [color == MARK for color in bars.marker.color] == [False, False, True]
    assert [bool(shape) for shape in bars.marker.pattern.shape] == [False, False, True]
    assert list(bars.text) == ["", "", "5.0%"]


def test_probabilities_that_are_not_finite_are_drawn_as_none():
    (bars,) = chart_kit.next_token(Vocabulary((".", "a")), [float("nan"), float("nan")], 0).data
    assert list(bars.y) == [0, 0]


def test_of_many_words_the_most_probable_and_the_chosen_one_have_bars_that_add_up_to_1():
    words = Vocabulary(("¶", *(f"w{number:03d}" for number in range(199))), "word")
    shares = np.random.default_rng(1).dirichlet(np.full(200, 0.1))
    last = int(shares.argmin())
    (bars,) = next_token.most_probable(words, shares, last).data
    best = np.argsort(-shares)[:20]
    names = [*(words.itos[i] for i in best), words.itos[last], "the other 179"]
    assert list(bars.customdata) == names
    assert sum(bars.x) == pytest.approx(1)
    assert [bool(shape) for shape in bars.marker.pattern.shape] == [*[False] * 20, True, False]
    (bars,) = next_token.most_probable(words, shares, int(best[2])).data
    assert len(bars.x) == 21
    assert [color == MARK for color in bars.marker.color].index(True) == 2


def test_words_whose_probabilities_are_not_finite_are_drawn_as_none():
    words = Vocabulary(("¶", *map(str, range(99))), "word")
    (bars,) = next_token.most_probable(words, np.full(100, np.nan), 99).data
    assert set(bars.x) == {0}


def test_two_models_stand_side_by_side():
    figure = next_token.compared(["a", "b"], {"One": [0.5, 0.1], "Two": [0.3, 0.2]})
    assert [(bars.name, list(bars.x)) for bars in figure.data] == [
        ("One", [0.5, 0.1]),
        ("Two", [0.3, 0.2]),
    ]


def test_what_is_worse_than_guessing_gets_no_room():
    spans = [(1.0, 1.5, 2.0), (2.0, 2.5, 3.0), (8.0, 9.0, 10.0)]  # lowest, mean, highest
    assert chart_kit.loss_ends(spans, even=3.0, least=0.01) == pytest.approx((0.84, 3.24))
    assert chart_kit.loss_ends(spans[2:], even=3.0, least=0.01) == pytest.approx((7.84, 10.24))
    assert chart_kit.loss_ends([(2.0, 2.0, 2.0)], 3.0, least=0.5) == pytest.approx((1.96, 2.06))


def brightness(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_low_losses_are_bright_in_runs_and_in_searches():
    losses = run_charts.Axis("Loss", [2.1, 2.5])
    (lines,) = run_charts.parallel([run_charts.Axis("H", [8.0, 16.0])], losses).data
    scale = [colour for _, colour in lines.line.colorscale]
    assert lines.line.reversescale
    assert brightness(scale[-1]) > brightness(scale[0])
    of_search = [brightness(colour) for colour in search_charts.COLOURS]
    assert of_search == sorted(of_search, reverse=True)


def test_many_labels_below_a_chart_stand_in_two_rows_and_very_many_are_thinned() -> None:
    letters = [chr(65 + i) for i in range(53)]
    few, many = (chart_kit.below(letters[:n], 60)["ticktext"] for n in (27, 53))
    assert few == letters[:27]
    assert many[:4] == ["A", "<br>B", "C", "<br>D"]
    assert [text.removeprefix("<br>") for text in many] == letters
    thinned = chart_kit.below([str(i) for i in range(240)], 60)
    assert thinned["tickvals"] == list(range(0, 240, 4))
    assert thinned["ticktext"][:2] == ["0", "<br>4"]
