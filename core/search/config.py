"""What a search tries: ranges of settings, how many runs, how long, and what counts as good."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from core.config import LENGTH, RunConfig
from core.settings import (
    ConfigError,
    Number,
    OneOf,
    Real,
    Setting,
    Switch,
    Whole,
    check_all,
    setting,
    setting_of,
)
from core.sweep import (
    MOST_SEEDS,
    MOST_VALUES,
    choices,
    has_use,
    spread,
    swept_settings,
    usual_range,
)

How = Literal["tpe", "random", "grid"]
Objective = Literal["steps", "seconds"]

MOST_RANGES = 8
MOST_STEPS = 50_000_000  # of all runs together
FIRST = ("base_lr", "n_hidden", "n_embd", "init")  # that are searched unless others are picked


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """A setting and what it may be: from `low` to `high`, or one of `options`.

    Raises:
        ConfigError: if the setting cannot be searched, or there is nothing to choose from.
    """

    key: str
    low: Any = None
    high: Any = None
    options: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if self.key not in {known.key for known in swept_settings()}:
            raise ConfigError(self.key, "a setting that can be searched", self.key)
        for value in self.options or (self.low, self.high):
            self.setting.check(value)
        if choices(self.setting) and len(self.options) < 2:
            raise ConfigError(self.key, "2 options or more", len(self.options))
        if not self.options and not self.low < self.high:
            raise ConfigError(self.key, f"a range that ends above {self.low:g}", self.high)

    @property
    def setting(self) -> Setting:
        """All that is known of it."""
        return setting_of(RunConfig, self.key)

    @property
    def is_logarithmic(self) -> bool:
        """Whether it is searched evenly in its logarithm."""
        kind = self.setting.kind
        return isinstance(kind, Number) and bool(kind.stops) and self.low > 0

    @property
    def is_whole(self) -> bool:
        """Whether all its values are whole numbers."""
        return isinstance(self.setting.kind, Whole)

    def values(self, n: int) -> tuple[Any, ...]:
        """So many values of it, evenly spread, or all options."""
        return self.options or spread(self.setting, self.low, self.high, n)

    def label(self, value: Any) -> str:
        """A value as a visitor reads it."""
        return self.setting.kind.label(value)


def usual(key: str) -> Range:
    """What a setting may be unless one says otherwise: around where it starts, or any option.

    >>> usual("base_lr").low, usual("init").options
    (0.013, ('normal', 'scaled', 'small'))
    """
    known = setting_of(RunConfig, key)
    if choices(known):
        return Range(key=key, options=tuple(choices(known)))
    low, high = usual_range(known)
    return Range(key=key, low=low, high=high)


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchConfig:
    """A search; the defaults are 40 runs of 3,000 steps.

    Raises:
        ConfigError: if a value is out of its range, or it would be too much; `.field` names it.
    """

    run: RunConfig  # all other settings
    ranges: tuple[Range, ...]
    how: How = setting(
        "tpe",
        OneOf({"tpe": "TPE", "random": "Random", "grid": "Grid"}),
        label="How to search",
        help="TPE looks where good runs have been so far (tree-structured Parzen estimators, "
        "Bergstra et al. 2011). Random tries anywhere in the ranges. Grid tries evenly spread "
        "values of each setting with all of the others.",
    )
    n_runs: int = setting(
        40,
        Whole(2, 500),
        widget="number",
        label="Number of runs",
        help="How many combinations of settings are tried. A grid may have fewer.",
    )
    objective: Objective = setting(
        "steps",
        OneOf({"steps": "Steps", "seconds": "Seconds"}),
        label="Validation loss after",
        help="After steps, a larger network may win though each of its steps takes longer. After "
        "seconds of training, what is quick gets further.",
    )
    n_steps: int = setting(
        3000,
        Whole(1, 1_000_000, is_logarithmic=True),
        label="Steps of each run",
        unit="steps",
    )
    seconds: float = setting(
        0.2,
        Real(0.05, 60.0, step=0.05, format="%g"),
        widget="number",
        label="Seconds of each run",
        help="Of training on one core. How far a run gets in them depends on this machine and on "
        "what else it does, so these losses can’t be repeated to the last digit.",
    )
    n_seeds: int = setting(
        1,
        Whole(1, MOST_SEEDS),
        label="Seeds",
        help="Each combination is trained with this many seeds, and their mean counts. The lowest "
        "of many single runs is lucky as well as good; three seeds or more tell which.",
    )
    is_pruned: bool = setting(
        True,
        Switch(),
        label="Stop hopeless runs early",
        help="A run whose loss at an eighth, a quarter or half of its way is above the median of "
        "the others there is ended.",
    )
    seed: int = 0  # of the search itself

    def __post_init__(self) -> None:
        check_all(self)
        if not 1 <= len(self.ranges) <= MOST_RANGES:
            raise ConfigError("ranges", f"1 to {MOST_RANGES} settings", len(self.ranges))
        keys = [each.key for each in self.ranges]
        if len(set(keys)) < len(keys):
            raise ConfigError("ranges", "different settings", keys[0])
        if not self.is_timed and self.n_runs * self.n_seeds * self.n_steps > MOST_STEPS:
            most = MOST_STEPS // (self.n_runs * self.n_seeds)
            raise ConfigError("n_steps", f"at most {most:,} for this many runs", self.n_steps)
        for each in self.ranges:
            needs = each.setting.only_where
            if needs and needs[0] not in keys and not has_use(each.setting, self.run):
                known = setting_of(RunConfig, needs[0])
                wanted = f"searched with {known.label} at “{known.kind.label(needs[1])}”"
                raise ConfigError(each.key, wanted, "something else")

    @property
    def is_timed(self) -> bool:
        """Whether time says when a run is over, and not its steps."""
        return self.objective == "seconds"

    @property
    def most_seconds(self) -> float:
        """Of one run's training; inf where its steps decide."""
        return self.seconds if self.is_timed else math.inf

    def config_of(self, values: dict[str, Any], number: int = 0) -> RunConfig:
        """The run with these values, and with the number-th seed after the visitor's own.

        Raises:
            ConfigError: if they do not go together.
        """
        settings = self.run.to_settings()
        if LENGTH not in values:
            settings[LENGTH] = 1_000_000 if self.is_timed else self.n_steps
        seeds = {"seed": self.run.model.seed, "batch_seed": self.run.training.seed}
        settings |= {key: (seed + number) % 2**32 for key, seed in seeds.items()}
        return RunConfig.from_settings(settings | values)

    @property
    def grid(self) -> tuple[tuple[Any, ...], ...]:
        """Of a search by grid, the values of each setting: as many as make at most so many runs."""
        n = 2
        while n < MOST_VALUES and _size(self.ranges, n + 1) <= self.n_runs:
            n += 1
        return tuple(each.values(n) for each in self.ranges)


def _size(ranges: tuple[Range, ...], n: int) -> int:
    return math.prod(len(each.values(n)) for each in ranges)
