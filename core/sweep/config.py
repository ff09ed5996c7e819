"""Which rates a learning-rate sweep tries, and how; every value is checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from core.config import EngineName, TrainingConfig
from core.errors import ConfigError
from core.sweep.curve import MAX_EXPONENT, MIN_EXPONENT, SweepKind

MAX_STEPS_IN_ALL = 10_000_000  # of all the runs of an independent sweep


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepConfig:
    """Which rates to try, and how; the defaults are the tutorial's ramp.

    Raises:
        ConfigError: if a value is out of its range; `.field` names it.
    """

    kind: SweepKind = "ramp"
    low_exponent: float = -3.0  # of the lowest rate, 10^-3
    high_exponent: float = 0.0  # of the highest
    n_rates: int = 1000  # evenly in the exponent; a ramp takes one step at each
    n_steps: int = 1000  # of each independent run; a ramp has no use for it
    batch_size: int = 32  # B, examples per step
    seed: int = 2147483647  # of the minibatches
    engine: EngineName = "fused"

    def __post_init__(self) -> None:
        if self.kind not in get_args(SweepKind):
            raise ConfigError("kind", f"one of {', '.join(get_args(SweepKind))}", self.kind)
        _check_exponent("low_exponent", self.low_exponent)
        _check_exponent("high_exponent", self.high_exponent)
        if self.low_exponent >= self.high_exponent:
            raise ConfigError("high_exponent", f"above {self.low_exponent:g}", self.high_exponent)
        _check_count("n_rates", self.n_rates, low=2, high=10_000)
        _check_count("n_steps", self.n_steps, low=1, high=100_000)
        if self.kind == "independent" and self.n_rates * self.n_steps > MAX_STEPS_IN_ALL:
            at_most = MAX_STEPS_IN_ALL // self.n_rates
            raise ConfigError("n_steps", f"at most {at_most:,} for so many rates", self.n_steps)
        self.training()  # checks the rest

    @property
    def exponents(self) -> NDArray[np.float64]:
        """Of the rates, from the lowest to the highest, float64 (n_rates,)."""
        return np.linspace(self.low_exponent, self.high_exponent, self.n_rates)

    @property
    def lrs(self) -> NDArray[np.float64]:
        """The rates, 10^exponent, float64 (n_rates,)."""
        return np.power(10.0, self.exponents)

    def training(self) -> TrainingConfig:
        """What each of its runs is, but for the rates."""
        return TrainingConfig(
            steps=self.n_rates if self.kind == "ramp" else self.n_steps,
            batch_size=self.batch_size,
            seed=self.seed,
            engine=self.engine,
        )


def _check_count(name: str, value: object, *, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ConfigError(name, f"a whole number from {low:,} to {high:,}", value)


def _check_exponent(name: str, value: object) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not MIN_EXPONENT <= value <= MAX_EXPONENT:  # type: ignore[operator]
        raise ConfigError(name, f"a number from {MIN_EXPONENT} to {MAX_EXPONENT}", value)


DEFAULTS: dict[SweepKind, SweepConfig] = {
    "ramp": SweepConfig(),
    "independent": SweepConfig(kind="independent", n_rates=29),
}
