"""The learning rate as a pure function of the step."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from core.config import StepDecay

# Rates of the updates `start` to `stop` (left out), float64 (stop - start,).
Schedule = Callable[[int, int], Tensor]


def decaying(config: StepDecay) -> Schedule:
    """Base · factor^(decays at or before the step).

    >>> decaying(StepDecay(base_lr=1.0, decay_steps=(2,), factor=0.5))(0, 4).tolist()
    [1.0, 1.0, 0.5, 0.5]
    """

    def rates(start: int, stop: int) -> Tensor:
        found = torch.full((stop - start,), config.base_lr, dtype=torch.float64)
        for passed, decay in enumerate(config.decay_steps, start=1):
            if decay < stop:
                found[max(0, decay - start) :] = config.base_lr * config.factor**passed
        return found

    return rates


def listed(rates: Tensor) -> Schedule:
    """The rates of a list, float64 (K,), one for each update.

    >>> listed(torch.tensor([0.1, 0.2, 0.3]))(1, 3)
    tensor([0.2000, 0.3000])
    """
    return lambda start, stop: rates[start:stop]


def lr_at(schedule: Schedule, step: int) -> float:
    """The rate of the update after `step` updates.

    >>> [round(lr_at(decaying(StepDecay()), step), 4) for step in (19_999, 20_000, 28_000)]
    [0.1, 0.01, 0.001]
    """
    return float(schedule(step, step + 1)[0])


def with_lr_at(schedule: StepDecay, step: int, lr: float) -> StepDecay:
    """The schedule that has the rate `lr` at `step` and decays later as planned.

    Decays already passed are dropped, so that the new rate is the one that was asked for.

    >>> lower = with_lr_at(StepDecay(decay_steps=(20_000, 28_000)), step=25_000, lr=0.05)
    >>> lower.base_lr, lower.decay_steps
    (0.05, (28000,))

    Raises:
        ConfigError: if the rate is out of its range.
    """
    return StepDecay(
        base_lr=lr,
        decay_steps=tuple(decay for decay in schedule.decay_steps if decay > step),
        factor=schedule.factor,
    )
