"""The learning rate as a pure function of the step."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.config import LrSchedule, Shape

Rates = NDArray[np.float64]
# Rates of the updates `start` to `stop` (left out), (stop - start,). By numpy, as a turn of
# training asks for a few of them.
Schedule = Callable[[int, int], Rates]


def scheduled(config: LrSchedule, n_steps: int) -> Schedule:
    """The rates of a run of `n_steps` updates.

    In steps: base · factor^(decays at or before the step). Linear: base · (1 - step/n_steps).
    Inverse: base / (1 + r · step), as Bengio et al. (2003), section 3.2.

    >>> scheduled(LrSchedule(base_lr=1.0, decay_steps=(2,), factor=0.5), 4)(0, 4).tolist()
    [1.0, 1.0, 0.5, 0.5]
    >>> scheduled(LrSchedule(base_lr=1.0, shape="linear"), 4)(0, 4).tolist()
    [1.0, 0.75, 0.5, 0.25]
    """
    decays = config.decay_steps

    def in_steps(start: int, stop: int) -> Rates:
        rates = np.empty(stop - start)
        while start < stop:
            passed = bisect_right(decays, start)
            end = min(stop, decays[passed]) if passed < len(decays) else stop
            rates[len(rates) - (stop - start) :] = config.base_lr * config.factor**passed
            start = end
        return rates

    def linear(start: int, stop: int) -> Rates:
        return config.base_lr * (1 - np.arange(start, stop, dtype=np.float64) / n_steps)

    def inverse(start: int, stop: int) -> Rates:
        return config.base_lr / (1 + config.r * np.arange(start, stop, dtype=np.float64))

    schedules: dict[Shape, Schedule] = {"steps": in_steps, "linear": linear, "inverse": inverse}
    return schedules[config.shape]


def listed(rates: Rates) -> Schedule:
    """The rates of a list, float64 (K,), one for each update.

    >>> listed(np.array([0.1, 0.2, 0.3]))(1, 3).tolist()
    [0.2, 0.3]
    """
    return lambda start, stop: rates[start:stop]


def lr_at(schedule: Schedule, step: int) -> float:
    """The rate of the update after `step` updates.

    >>> tutorials = scheduled(LrSchedule(), 30_000)
    >>> [round(lr_at(tutorials, step), 4) for step in (19_999, 20_000, 28_000)]
    [0.1, 0.01, 0.001]
    """
    return float(schedule(step, step + 1)[0])


def with_lr_at(schedule: Schedule, step: int, lr: float) -> Schedule:
    """The planned schedule, but with the rate `lr` at `step`, from where it falls as planned.

    Of several changes the last one alone says what comes after it.

    >>> lower = with_lr_at(scheduled(LrSchedule(), 30_000), step=25_000, lr=0.05)
    >>> [round(lr_at(lower, step), 4) for step in (25_000, 27_999, 28_000)]
    [0.05, 0.05, 0.005]
    """
    planned = lr_at(schedule, step)
    return lambda start, stop: lr * (schedule(start, stop) / planned)
