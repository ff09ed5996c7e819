"""A pace, counted by hand."""

from __future__ import annotations

import pytest

from core.runs.pace import SHORTEST_WAIT, Pace


def test_without_a_pace_every_step_is_due() -> None:
    assert Pace(None).allowance(5.0, 100) == (float("inf"), 0.0)


def test_the_first_step_is_due_at_once_and_the_next_a_second_later() -> None:
    pace = Pace(1.0)
    assert pace.allowance(10.0, 7) == (1, 0.0)
    assert pace.allowance(10.0, 8) == (0, 1.0)
    assert pace.allowance(10.25, 8) == (0, 0.75)
    assert pace.allowance(11.0, 8) == (1, 0.0)


def test_a_brisk_pace_is_kept_in_groups() -> None:
    pace = Pace(2000.0)
    assert pace.allowance(0.0, 0) == (1, 0.0)
    assert pace.allowance(0.0, 1) == (0, SHORTEST_WAIT)
    assert pace.allowance(SHORTEST_WAIT, 1) == (40, 0.0)


def test_a_rest_is_not_caught_up() -> None:
    pace = Pace(10.0)
    pace.allowance(0.0, 0)
    pace.rest()
    assert pace.allowance(100.0, 1) == (1, 0.0)


def test_who_cannot_keep_up_owes_nothing() -> None:
    pace = Pace(100.0)
    pace.allowance(0.0, 0)
    n_due, _ = pace.allowance(10.0, 1)
    assert n_due == 1000
    assert pace.allowance(10.0, 2) == (1, 0.0)


@pytest.mark.parametrize("steps_per_second", [1.0, 10.0, 100.0, 2000.0])
def test_a_pace_is_kept_over_a_minute(steps_per_second: float) -> None:
    pace, now, step = Pace(steps_per_second), 0.0, 0
    while now < 60.0:
        n_due, seconds = pace.allowance(now, step)
        step += int(n_due)
        now += seconds
    assert step == pytest.approx(60 * steps_per_second, rel=0.02)
