"""Which rates a learning-rate sweep tries, and how; every value is checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.config import EngineName, OptimiserName, TrainingConfig
from core.settings import ConfigError, OneOf, Real, Setting, Whole, check_all, setting, settings_of
from core.sweep.curve import MAX_EXPONENT, MIN_EXPONENT, SweepKind

MAX_STEPS_IN_ALL = 10_000_000  # of all the runs of an independent sweep

# What a sweep has from the run that it's beside.
_SHARED = (
    "batch_size", "seed", "engine", "optimiser", "weight_decay", "dropout", "embedding_dropout"
)  # fmt: skip
_N_RATES = Whole(2, 10_000)
_EXPONENTS = Real(MIN_EXPONENT, MAX_EXPONENT, step=0.5, format="%g")
_EXPONENT_HELP = "The rate is 10 to this power: −3 is 0.001, 0 is 1."


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepConfig:
    """Which rates to try, and how; the defaults are the tutorial's ramp.

    Raises:
        ConfigError: if a value is out of its range; `.field` names it.
    """

    kind: SweepKind = setting(
        "ramp",
        OneOf({"ramp": "One run, rising rate (tutorial)", "independent": "A run for each rate"}),
        label="Kind of sweep",
    )
    low_exponent: float = setting(
        -3.0,
        _EXPONENTS,
        widget="number",
        label="Lowest exponent",
        help=_EXPONENT_HELP,
    )
    high_exponent: float = setting(
        0.0,
        _EXPONENTS,
        widget="number",
        label="Highest exponent",
        help=_EXPONENT_HELP,
    )
    n_rates: int = setting(
        1000,
        _N_RATES,
        widget="number",
        label="Number of rates",
        help="Evenly spread in the exponent.",
    )
    n_steps: int = setting(
        1000,
        Whole(1, 100_000, step=100),
        widget="number",
        label="Steps for each rate",
        unit="steps",
        help="Longer runs tell more: what is best for few steps is often too high for many.",
    )
    batch_size: int = 32  # B, examples per step
    seed: int = 2147483647  # of the minibatches
    engine: EngineName = "fused"
    optimiser: OptimiserName = "descent"
    weight_decay: float = 0.0
    dropout: float = 0.0
    embedding_dropout: float = 0.0

    @classmethod
    def beside(cls, training: TrainingConfig, **settings: Any) -> SweepConfig:
        """A sweep of a run's own batches, seed, engine and optimiser.

        Raises:
            ConfigError: if a value is out of its range; `.field` names it.
        """
        return cls(**{name: getattr(training, name) for name in _SHARED}, **settings)

    def between(self, low_exponent: float, high_exponent: float) -> SweepConfig | None:
        """The same sweep over another range, its rates as dense; None where they're too many."""
        ratio = (high_exponent - low_exponent) / (self.high_exponent - self.low_exponent)
        n_rates = round((self.n_rates - 1) * ratio) + 1
        try:
            return replace(
                self, n_rates=n_rates, low_exponent=low_exponent, high_exponent=high_exponent
            )
        except ConfigError:
            return None

    def __post_init__(self) -> None:
        check_all(self)
        if self.low_exponent >= self.high_exponent:
            raise ConfigError("high_exponent", f"above {self.low_exponent:g}", self.high_exponent)
        if self.kind == "independent" and self.n_rates * self.n_steps > MAX_STEPS_IN_ALL:
            at_most = MAX_STEPS_IN_ALL // self.n_rates
            raise ConfigError("n_steps", f"at most {at_most:,} for this many rates", self.n_steps)
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
            **{name: getattr(self, name) for name in _SHARED},
        )


def _asked() -> dict[SweepKind, tuple[Setting, ...]]:
    _, low, high, n_rates, n_steps = settings_of(SweepConfig)
    many = replace(
        n_rates,
        key="n_rates_ramp",
        kind=replace(_N_RATES, step=100),
        help=f"{n_rates.help} The rising rate takes one step at each.",
    )
    few = replace(n_rates, key="n_rates_independent", default=29)
    return {"ramp": (low, high, many), "independent": (low, high, few, n_steps)}


# What a visitor sets of each kind of sweep, in this order.
ASKED = _asked()

DEFAULTS: dict[SweepKind, SweepConfig] = {
    kind: SweepConfig(kind=kind, **{asked.name: asked.default for asked in settings})
    for kind, settings in ASKED.items()
}
