"""The learning rate at each step, as the tutorial meant it."""

from __future__ import annotations

import pytest
import torch

from core.config import StepDecay
from core.errors import ConfigError
from core.learning import decaying, lr_at, with_lr_at

SCHEDULES = [
    StepDecay(),
    StepDecay(base_lr=0.3, decay_steps=()),
    StepDecay(base_lr=10.0, decay_steps=(1, 2, 29_999), factor=0.37),
    StepDecay(base_lr=1e-4, decay_steps=(19_990,), factor=1.0),
]


@pytest.mark.parametrize(
    ("step", "lr"),
    [(0, 0.1), (19_999, 0.1), (20_000, 0.01), (27_999, 0.01), (28_000, 0.001), (10**6, 0.001)],
)
def test_the_tutorials_rates_by_hand(step: int, lr: float) -> None:
    assert lr_at(decaying(StepDecay()), step) == pytest.approx(lr, rel=1e-12)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(("start", "stop"), [(0, 3), (19_980, 20_020), (29_990, 30_010), (5, 5)])
def test_rates_of_many_steps_are_those_of_each(schedule: StepDecay, start: int, stop: int) -> None:
    def one(step: int) -> float:
        return schedule.base_lr * schedule.factor ** sum(step >= d for d in schedule.decay_steps)

    rates = decaying(schedule)(start, stop)
    assert rates.dtype == torch.float64
    one_by_one = torch.tensor([one(step) for step in range(start, stop)])
    assert torch.equal(rates.float(), one_by_one)


def test_a_new_rate_holds_at_once_and_decays_as_planned() -> None:
    changed = with_lr_at(StepDecay(), 24_000, 0.05)
    rate = decaying(changed)
    assert lr_at(rate, 24_000) == 0.05
    assert lr_at(rate, 27_999) == 0.05
    assert lr_at(rate, 28_000) == pytest.approx(0.005)
    assert changed.decay_steps == (28_000,)


def test_a_new_rate_at_the_very_step_of_a_decay_is_not_decayed() -> None:
    assert lr_at(decaying(with_lr_at(StepDecay(), 20_000, 0.5)), 20_000) == 0.5


def test_a_new_rate_before_all_decays_keeps_them_all() -> None:
    assert with_lr_at(StepDecay(), 0, 0.2) == StepDecay(base_lr=0.2)


def test_a_new_rate_out_of_range_is_refused_by_name() -> None:
    with pytest.raises(ConfigError) as refusal:
        with_lr_at(StepDecay(), 0, 11.0)
    assert refusal.value.field == "base_lr"
