"""The charts as Plotly gets them: frames, symbols and ranges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pages.parts import charts
from pages.parts.palette import MARK, PALETTE

CHARACTERS = [".", "a", "b", "e", "t", "-"]
STEPS = [0, 10, 20]


def moving(n_embd: int = 2) -> list[tuple[int, np.ndarray]]:
    """Points that draw near the origin, so that the first moment is the widest."""
    start = np.random.default_rng(3).normal(size=(len(CHARACTERS), 2)).astype(np.float32)
    if n_embd == 1:
        start[:, 1] = 0
    return [(step, start / (1 + step)) for step in STEPS]


def drawn(n_embd: int = 2, **more):
    return charts.embedding_map(moving(n_embd), CHARACTERS, n_embd=n_embd, **more)


def test_there_is_a_frame_for_each_moment_and_the_last_one_is_shown():
    figure = drawn()
    assert [frame.name for frame in figure.frames] == ["0", "10", "20"]
    (slider,) = figure.layout.sliders
    assert [step.label for step in slider.steps] == ["0", "10", "20"]
    assert slider.active == 2
    for trace, last in zip(figure.data, figure.frames[-1].data, strict=True):
        assert (trace.x, trace.y) == (last.x, last.y)


def test_each_step_of_the_slider_names_a_frame():
    figure = drawn()
    names = {frame.name for frame in figure.frames}
    (slider,) = figure.layout.sliders
    assert [step.args[0][0] for step in slider.steps] == [frame.name for frame in figure.frames]
    assert {step.args[0][0] for step in slider.steps} == names


def test_a_single_moment_has_nothing_to_replay():
    figure = charts.embedding_map(moving()[:1], CHARACTERS, n_embd=2)
    assert not figure.frames
    assert not figure.layout.sliders
    assert not figure.layout.updatemenus


def test_kinds_differ_in_symbol_and_in_colour():
    traces = drawn().data
    assert {trace.name for trace in traces} == {"vowels", "consonants", "boundary", "other"}
    assert len({trace.marker.symbol for trace in traces}) == 4
    assert len({trace.marker.color for trace in traces}) == 4
    by_name = {trace.name: trace for trace in traces}
    assert list(by_name["vowels"].text) == ["a", "e"]
    assert by_name["vowels"].marker.color == PALETTE["vowel"]


def test_the_symbols_are_those_of_the_live_map():
    script = Path(charts.__file__).parent / "live" / "assets" / "map_chart.js"
    source = script.read_text(encoding="utf-8")
    for kind, symbol in charts.SYMBOLS.items():
        assert f'{kind}: "{symbol}"' in source


@pytest.mark.parametrize("n_embd", [1, 2, 5])
def test_the_axes_hold_every_point_of_every_moment(n_embd):
    layout = drawn(n_embd).layout
    for part, axis in enumerate((layout.xaxis, layout.yaxis)):
        values = np.concatenate([points[:, part] for _, points in moving(n_embd)])
        assert axis.range[0] < values.min()
        assert axis.range[1] > values.max()


def test_above_two_dimensions_the_axes_say_how_much_they_explain():
    layout = drawn(5, explained=(0.61, 0.052)).layout
    assert layout.xaxis.title.text == "1st principal component (61% of the variance)"
    assert layout.yaxis.title.text == "2nd principal component (5.2% of the variance)"


def test_one_dimension_is_a_line_without_a_second_axis():
    layout = drawn(1).layout
    assert not layout.yaxis.title.text
    assert layout.yaxis.showticklabels is False


def test_every_frame_moves_every_trace_also_with_a_character_chosen():
    figure = drawn(chosen=1, neighbours=[3, 2])
    star = figure.data[0]
    for (_, points), frame in zip(moving(), figure.frames, strict=True):
        assert len(frame.data) == len(figure.data)
        for trace, part in zip(figure.data, frame.data, strict=True):
            assert len(trace.x) == len(part.x)
        np.testing.assert_allclose(frame.data[0].x, points[[1, 3, 1, 2, 1], 0], rtol=1e-3)
    assert len(star.x) == 5


def test_points_that_are_not_finite_are_left_out_and_the_rest_is_drawn():
    history = moving()
    history[-1][1][2] = np.nan
    figure = charts.embedding_map(history, CHARACTERS, n_embd=2)
    assert np.isfinite(figure.layout.xaxis.range).all()
    consonants = next(trace for trace in figure.data if trace.name == "consonants")
    assert consonants.x[0] is None


def test_the_character_that_came_is_marked_by_colour_pattern_and_figure():
    (bars,) = charts.next_character([".", "a", "b"], [0.25, 0.7, 0.05], 2).data
    assert list(bars.y) == [0.25, 0.7, 0.05]
    assert [color == MARK for color in bars.marker.color] == [False, False, True]
    assert [bool(shape) for shape in bars.marker.pattern.shape] == [False, False, True]
    assert list(bars.text) == ["", "", "5.0%"]


def test_probabilities_that_are_not_finite_are_drawn_as_none():
    (bars,) = charts.next_character([".", "a"], [float("nan"), float("nan")], 0).data
    assert list(bars.y) == [0, 0]
