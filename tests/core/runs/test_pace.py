"""A pace, counted by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from core.runs.pace import SHORTEST_WAIT, WATCH_SECONDS, Pace, Speed


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


def test_who_was_held_up_catches_up_a_quarter_of_a_second_and_no_more() -> None:
    pace = Pace(100.0)
    pace.allowance(0.0, 0)
    assert pace.allowance(10.0, 1) == (26, 0.0)
    n_steps, seconds = pace.allowance(10.0, 27)
    assert n_steps == 0
    assert seconds == pytest.approx(0.02)
    assert pace.allowance(10.02, 27) == (1, 0.0)


@pytest.mark.parametrize("speed", [1000.0, "watch"])
def test_who_cannot_keep_up_never_waits(speed: Speed) -> None:
    pace, now, step = Pace(speed, 30_000), 0.0, 2_000
    pace.allowance(now, step)
    for _ in range(1000):
        step, now = step + 1, now + 0.01  # where a thousand and more are asked for in a second
        n_due, seconds = pace.allowance(now, step)
        assert n_due >= 1
        assert seconds == 0


def walk(pace: Pace, steps: int) -> list[tuple[float, int]]:
    """Time and step after each group of steps of a run that takes no time by itself."""
    now, step, seen = 0.0, 0, []
    while step < steps:
        n_due, seconds = pace.allowance(now, step)
        step, now = step + int(min(n_due, steps - step)), now + seconds
        seen.append((now, step))
    return seen


@pytest.mark.parametrize("steps", [100, 1_000, 30_000, 200_000])
def test_a_run_that_is_watched_takes_twelve_seconds_however_long(steps: int) -> None:
    end, _ = walk(Pace("watch", steps), steps)[-1]
    assert end == pytest.approx(WATCH_SECONDS, abs=0.1)


def test_each_doubling_takes_as_long_as_the_one_before_it_when_watched() -> None:
    seen = walk(Pace("watch", 30_000), 30_000)
    # Counted from step -16: it is at 32, 64, … when it was twice there as far.
    times = [next(now for now, step in seen if step + 16 >= 16 * 2**n) for n in range(1, 11)]
    between = [later - earlier for earlier, later in pairwise(times)]
    assert between == pytest.approx([12 * math.log(2) / math.log(1 + 30_000 / 16)] * 9, abs=0.08)


def test_ten_frames_a_second_of_a_watched_run_show_a_new_step_each() -> None:
    seen = walk(Pace("watch", 30_000), 30_000)
    shown = [max(s for now, s in seen if now <= frame / 10 + 1e-9) for frame in range(1, 121)]
    assert len(set(shown)) >= 110


def test_a_watched_run_that_rested_goes_on_at_the_speed_of_its_step() -> None:
    pace = Pace("watch", 30_000)
    pace.rest()
    assert pace.allowance(50.0, 5_000) == (1, 0.0)
    n_due, _ = pace.allowance(51.0, 5_000)
    assert n_due == 1 + int(5_016 * math.expm1(0.25 * math.log(1 + 30_000 / 16) / 12))


def test_a_run_of_any_length_is_watched_from_its_first_step() -> None:
    assert [step for _, step in walk(Pace("watch", 1), 1)] == [1]


@pytest.mark.parametrize("steps_per_second", [1.0, 10.0, 100.0, 2000.0])
def test_a_pace_is_kept_over_a_minute(steps_per_second: float) -> None:
    pace, now, step = Pace(steps_per_second), 0.0, 0
    while now < 60.0:
        n_due, seconds = pace.allowance(now, step)
        step += int(n_due)
        now += seconds
    assert step == pytest.approx(60 * steps_per_second, rel=0.02)


def test_a_watched_run_tells_its_time_by_the_pace_and_a_slow_one_by_its_speed() -> None:
    pace = Pace("watch", 30_000)
    assert pace.seconds_left(0, 30_000, steps_per_second=10.0) == pytest.approx(12.0)
    left = pace.seconds_left(2_984, 30_000, steps_per_second=1_900.0)
    assert left == pytest.approx(12.0 * math.log(30_016 / 3_000) / math.log(30_016 / 16))
    assert pace.seconds_left(2_984, 30_000, steps_per_second=50.0) is None
    assert Pace(100.0).seconds_left(0, 30_000, steps_per_second=100.0) is None
