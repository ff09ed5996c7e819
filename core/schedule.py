"""The learning rate as a pure function of the step."""

from __future__ import annotations

import torch
from torch import Tensor

from core.config import StepDecay


def lr_at(schedule: StepDecay, step: int) -> float:
    """The rate of the update after `step` updates: base · factor^(decays at or before it)."""
    passed = sum(step >= decay for decay in schedule.decay_steps)
    return schedule.base_lr * schedule.factor**passed


def learning_rates(schedule: StepDecay, start: int, stop: int) -> Tensor:
    """The rates of the updates `start` to `stop` (left out), float32 (stop - start,)."""
    steps = torch.arange(start, stop)
    passed = torch.zeros(stop - start, dtype=torch.float64)
    for decay in schedule.decay_steps:
        passed += steps >= decay
    return (schedule.base_lr * schedule.factor**passed).to(torch.float32)


def with_lr_at(schedule: StepDecay, step: int, lr: float) -> StepDecay:
    """The schedule that has the rate `lr` at `step` and decays later as planned.

    Decays already passed are dropped, so that the new rate is the one that was asked for.

    Raises:
        ConfigError: if the rate is out of its range.
    """
    return StepDecay(
        base_lr=lr,
        decay_steps=tuple(decay for decay in schedule.decay_steps if decay > step),
        factor=schedule.factor,
    )
