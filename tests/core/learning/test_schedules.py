"""The learning rate at each step, as the tutorial meant it."""

from __future__ import annotations

import numpy as np
import pytest

from core.config import LrSchedule, RunConfig
from core.errors import ConfigError
from core.learning import lr_at, scheduled, with_lr_at

SCHEDULES = [
    LrSchedule(),
    LrSchedule(base_lr=0.3, decay_steps=()),
    LrSchedule(base_lr=10.0, decay_steps=(1, 2, 29_999), factor=0.37),
    LrSchedule(base_lr=1e-4, decay_steps=(19_990,), factor=1.0),
]


@pytest.mark.parametrize(
    ("step", "lr"),
    [(0, 0.1), (19_999, 0.1), (20_000, 0.01), (27_999, 0.01), (28_000, 0.001), (10**6, 0.001)],
)
def test_the_tutorials_rates_by_hand(step: int, lr: float) -> None:
    assert lr_at(scheduled(LrSchedule(), 30_000), step) == pytest.approx(lr, rel=1e-12)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(("start", "stop"), [(0, 3), (19_980, 20_020), (29_990, 30_010), (5, 5)])
def test_rates_of_many_steps_are_those_of_each(schedule: LrSchedule, start: int, stop: int) -> None:
    def one(step: int) -> float:
        return schedule.base_lr * schedule.factor ** sum(step >= d for d in schedule.decay_steps)

    rates = scheduled(schedule, 30_000)(start, stop)
    assert rates.dtype == np.float64
    assert rates.tolist() == [one(step) for step in range(start, stop)]


def test_a_straight_line_reaches_0_after_the_last_step() -> None:
    rates = scheduled(LrSchedule(base_lr=0.5, shape="linear"), 8)
    assert rates(0, 8).tolist() == [0.5 * (8 - step) / 8 for step in range(8)]
    assert lr_at(rates, 8) == 0


def test_the_papers_rate_is_halved_after_1_over_r_updates() -> None:
    rates = scheduled(LrSchedule(base_lr=0.8, shape="inverse", r=1e-3), 10_000)
    assert [lr_at(rates, step) for step in (0, 1_000, 3_000)] == pytest.approx([0.8, 0.4, 0.2])


def test_a_new_rate_holds_at_once_and_decays_as_planned() -> None:
    rate = with_lr_at(scheduled(LrSchedule(), 30_000), 24_000, 0.05)
    assert lr_at(rate, 24_000) == 0.05
    assert lr_at(rate, 27_999) == 0.05
    assert lr_at(rate, 28_000) == pytest.approx(0.005)


def test_a_new_rate_at_the_very_step_of_a_decay_is_not_decayed() -> None:
    assert lr_at(with_lr_at(scheduled(LrSchedule(), 30_000), 20_000, 0.5), 20_000) == 0.5


def test_a_new_rate_before_all_decays_keeps_them_all() -> None:
    changed = with_lr_at(scheduled(LrSchedule(), 30_000), 0, 0.2)
    planned = scheduled(LrSchedule(base_lr=0.2), 30_000)
    np.testing.assert_allclose(changed(0, 30_000), planned(0, 30_000))


def test_a_new_rate_falls_in_a_straight_line_from_where_it_was_set() -> None:
    changed = with_lr_at(scheduled(LrSchedule(base_lr=0.5, shape="linear"), 100), 50, 1.0)
    assert [lr_at(changed, step) for step in (50, 75, 100)] == pytest.approx([1.0, 0.5, 0.0])


def test_rates_of_steps_are_the_base_times_the_factor_for_each_decay_passed() -> None:
    decays = tuple(range(3, 99, 3))
    schedule = LrSchedule(base_lr=0.3, decay_steps=decays, factor=0.9)
    by_hand = [0.3 * 0.9 ** sum(decay <= step for decay in decays) for step in range(120)]
    assert scheduled(schedule, 120)(0, 120).tolist() == by_hand


def test_more_decays_than_anybody_needs_are_refused() -> None:
    LrSchedule(decay_steps=tuple(range(1, 33)))
    with pytest.raises(ConfigError, match="at most 32 steps"):
        LrSchedule(decay_steps=tuple(range(1, 34)))
    with pytest.raises(ConfigError, match="at most 32 steps"):
        RunConfig.from_link({"decay_steps": ",".join(map(str, range(1, 200_000)))})
