"""A sweep of any one setting, or of any two: which runs it is made of, and what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.config import RunConfig
from core.jobs import TrialResult
from core.settings import ConfigError, Whole, check_all, label_of, setting, setting_of
from core.sweep.axes import Axis, Edge, edge_of, has_use

MOST_SEEDS = 30
MOST_RUNS = 600  # of one sweep
MOST_STEPS = 10_000_000  # of all its runs


@dataclass(frozen=True, kw_only=True, slots=True)
class GridConfig:
    """What a sweep of one or two settings tries.

    Raises:
        ConfigError: if a value is out of its range, or it would be too many runs or steps;
            `.field` names it.
    """

    run: RunConfig  # all other settings
    axes: tuple[Axis, ...]  # one or two; the second one changes fastest
    n_steps: int = setting(
        3000,
        Whole(1, 1_000_000, is_logarithmic=True),
        label="Steps of each run",
        unit="steps",
        help="How long each run trains. Longer runs tell more: what is best for few steps needn’t "
        "be for many.",
    )
    n_seeds: int = setting(
        3,
        Whole(1, MOST_SEEDS),
        label="Seeds",
        unit="seeds",
        help="Every point is trained once per seed, with its own weights and batches. Runs that "
        "differ only in the seed differ by luck. Three or more say how far luck goes, and so which "
        "points differ by more.",
    )

    def __post_init__(self) -> None:
        check_all(self)
        if not 1 <= len(self.axes) <= 2:
            raise ConfigError("axes", "one setting or two", len(self.axes))
        if len({axis.key for axis in self.axes}) < len(self.axes):
            raise ConfigError("axes", "two different settings", self.axes[0].key)
        for axis in self.axes:
            self._check_use(axis)
        if self.n_runs > MOST_RUNS:
            most = MOST_RUNS // len(self.points)
            raise ConfigError("n_seeds", f"at most {most} for this many points", self.n_seeds)
        n_steps = sum(p.config.training.steps for p in self.points if p.config is not None)
        if n_steps * self.n_seeds > MOST_STEPS:
            wanted = f"fewer: it would be {n_steps * self.n_seeds:,} steps in all, and the most is "
            raise ConfigError("n_steps", f"{wanted}{MOST_STEPS:,}", self.n_steps)

    @property
    def n_runs(self) -> int:
        """Of all points, those that cannot be left out."""
        return self.n_seeds * sum(point.config is not None for point in self.points)

    @property
    def title(self) -> str:
        """What is swept."""
        return " × ".join(axis.setting.label for axis in self.axes)

    @property
    def points(self) -> tuple[Point, ...]:
        """What is tried, in the order of the values; the second setting changes fastest."""
        places = product(*(axis.values for axis in self.axes))
        return tuple(_point(self, values) for values in places)

    def edges(self, best: Sequence[Any]) -> tuple[Edge, ...]:
        """Ends of the swept ranges at which the best point's values lie.

        Of settings with two values there are none, as both are ends.
        """
        found = (
            edge_of(axis.setting, min(axis.values), max(axis.values), value)
            for axis, value in zip(self.axes, best, strict=True)
            if axis.is_number and len(axis.values) > 2
        )
        return tuple(edge for edge in found if edge is not None)

    def _check_use(self, axis: Axis) -> None:
        others = [other.key for other in self.axes if other is not axis]
        if axis.setting.only_where is None or axis.setting.only_where[0] in others:
            return
        if not has_use(axis.setting, self.run):
            other, value = axis.setting.only_where
            known, now = setting_of(RunConfig, other), self.run.to_settings()[other]
            wanted = f"swept with {known.label} at “{known.kind.label(value)}”"
            raise ConfigError(axis.key, wanted, known.kind.label(now))


@dataclass(frozen=True, slots=True)
class Point:
    """One value of each swept setting.

    Attributes:
        values: one for each axis.
        config: the settings of its runs, with the visitor's seed; None if they do not go together.
        complaint: why not, in words.
    """

    values: tuple[Any, ...]
    config: RunConfig | None
    complaint: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PointResult:
    """What is known of a point: one answer per seed, None where there is none yet."""

    point: Point
    answers: tuple[TrialResult | None, ...]

    @property
    def losses(self) -> list[float]:
        """Of the seeds that have one, nats per token."""
        return [it.loss for it in self.answers if it is not None and not it.is_diverged]

    @property
    def n_diverged(self) -> int:
        """Seeds that came to no usable loss."""
        return sum(it is not None and it.is_diverged for it in self.answers)

    @property
    def n_done(self) -> int:
        """Seeds that have their answer."""
        return sum(it is not None for it in self.answers)

    @property
    def mean(self) -> float:
        """Of the losses; nan where there are none."""
        return math.fsum(self.losses) / len(self.losses) if self.losses else math.nan

    @property
    def low(self) -> float:
        """The lowest loss; nan where there are none."""
        return min(self.losses, default=math.nan)

    @property
    def high(self) -> float:
        """The highest loss; nan where there are none."""
        return max(self.losses, default=math.nan)


def loss_table(points: Sequence[Sequence[TrialResult | None]]) -> NDArray[np.float64]:
    """The losses of points with a run for each seed, (points, seeds); nan where there is none."""
    rows = [
        [math.nan if run is None or run.is_diverged else run.loss for run in runs]
        for runs in points
    ]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(points[0]) if rows else 0)


def _point(grid: GridConfig, values: tuple[Any, ...]) -> Point:
    swept = {axis.key: value for axis, value in zip(grid.axes, values, strict=True)}
    settings = grid.run.to_settings() | {"steps": grid.n_steps} | swept
    try:
        return Point(values, RunConfig.from_settings(settings))
    except ConfigError as error:
        return Point(values, None, f"{label_of(RunConfig, error.field)} {error.complaint}")
