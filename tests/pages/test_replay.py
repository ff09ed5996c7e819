"""What the replay gets: every moment's points, on axes that stand still."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import numpy as np
import pytest

from core.text import kind_of
from pages.parts.live.replay import Moments, ReplayData, axis_titles, replay_data, rows_on_map

CHARACTERS = [".", "a", "b", "e", "t", "-"]
STEPS = [0, 10, 20]


def moving(n_embd: int = 2) -> list[tuple[int, np.ndarray]]:
    """Points that draw near the origin, so that the first moment is the widest."""
    start = np.random.default_rng(3).normal(size=(len(CHARACTERS), 2)).astype(np.float32)
    if n_embd == 1:
        start[:, 1] = 0
    return [(step, start / np.float32(1 + step)) for step in STEPS]


def described(history: Moments | None = None, n_embd: int = 2, **more: Any) -> ReplayData:
    kinds = [kind_of(character) for character in CHARACTERS]
    titles = axis_titles(n_embd, (0.6, 0.2))
    known: dict[str, Any] = {"n_embd": n_embd, "kinds": kinds, "chosen": 1, "titles": titles}
    settings = known | more
    return replay_data(history or moving(n_embd), CHARACTERS, **settings)


def unpacked(data: ReplayData) -> np.ndarray:
    """Points as the browser reads them, float32 (M, V, 2)."""
    flat = np.frombuffer(b64decode(data["points"]), dtype="<f4")
    return flat.reshape(len(data["steps"]), len(data["tokens"]), 2)


def test_every_moment_arrives_to_the_last_bit():
    data = described()
    assert data["steps"] == STEPS
    np.testing.assert_array_equal(unpacked(data), [points for _, points in moving()])


def test_a_full_history_of_the_tutorials_characters_takes_less_than_40_kilobytes():
    points = np.full((27, 2), -1.2345678, dtype=np.float32)
    history = [(step, points) for step in range(128)]
    characters = list(".abcdefghijklmnopqrstuvwxyz")
    data = replay_data(history, characters, n_embd=2, titles=axis_titles(2, (1, 0)), chosen=1)
    assert len(json.dumps(data)) < 40_000


@pytest.mark.parametrize("n_embd", [1, 2, 5])
def test_the_whole_holds_every_point_and_the_close_up_those_of_the_last_moment(n_embd):
    data = described(n_embd=n_embd)
    both = ((data["whole"], moving(n_embd)), (data["close"], moving(n_embd)[-1:]))
    for ranges, shown in both:
        for part, (low, high) in enumerate(ranges):
            values = np.concatenate([points[:, part] for _, points in shown])
            assert low < values.min()
            assert high > values.max()
    (low, high), (close_low, close_high) = data["whole"][0], data["close"][0]
    assert close_high - close_low < (high - low) / 10  # the points end at a 21st of their start


def test_above_two_dimensions_the_axes_say_how_much_they_explain():
    assert axis_titles(5, (0.61, 0.052)) == [
        "1st principal component (61% of the variance)",
        "2nd principal component (5.2% of the variance)",
    ]


def test_one_dimension_is_a_line_without_a_second_axis():
    data = described(n_embd=1)
    assert data["titles"] == ["1st number", ""]
    assert data["whole"][1] == data["close"][1] == [-1, 1]


def test_each_character_has_a_kind():
    data = described(chosen=1, neighbours=[3, 2])
    assert data["token_kinds"] == ["boundary", "vowel", "consonant", "vowel", "consonant", "other"]
    assert (data["chosen"], data["neighbours"]) == (1, [3, 2])


def test_points_that_are_not_finite_leave_the_axes_to_the_others():
    history = moving()
    history[-1][1][2] = np.nan
    data = described(history)
    assert np.isfinite([data["whole"], data["close"]]).all()
    assert np.isnan(unpacked(data)[-1, 2]).all()
    json.dumps(data, allow_nan=False)


def test_a_map_of_many_holds_the_first_and_what_is_marked():
    assert rows_on_map(5, [2]) == [0, 1, 2, 3, 4]
    rows = rows_on_map(20_000, [7, 15_000, 15_000])
    assert rows[:3] == [0, 1, 2]
    assert (len(rows), rows[-1]) == (2_001, 15_000)
