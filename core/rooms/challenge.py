"""A challenge: the same data and budget for all, a time, and one look at the test part."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, get_args

from core.errors import ConfigError
from core.rooms.figures import Figures

Budget = Literal["steps", "weights", "seconds"]
MOST_MINUTES = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What all in the room try; every value is checked when it is made.

    Attributes:
        title: in a few words.
        data: built-in data, as links have them.
        budget: what is bounded, of each run.
        most: of that: steps, numbers that it learns, or seconds of the engine.
        minutes: until nothing counts any more.
    """

    title: str
    data: str
    budget: Budget
    most: float
    minutes: float = 10.0

    def __post_init__(self) -> None:
        if self.budget not in get_args(Budget):
            raise ConfigError("budget", "steps, weights or seconds", self.budget)
        if not 0 < self.most <= 10_000_000:
            raise ConfigError("most", "above 0, at most 10,000,000", self.most)
        if not 0 < self.minutes <= MOST_MINUTES:
            raise ConfigError("minutes", f"above 0, at most {MOST_MINUTES:.0f}", self.minutes)

    def counts(self, run: Figures) -> bool:
        """Whether a run is on the data and within the budget."""
        spent = {"steps": run.step, "weights": run.n_parameters, "seconds": run.seconds}
        return run.data == self.data and spent[self.budget] <= self.most


@dataclass(slots=True)
class Running:
    """A challenge that was begun.

    Attributes:
        number: of the challenge in its room, from 1.
        ends_at: on the room's clock.
        best: by the member's number, their best run so far that counts.
        tests: by the member's number, the test loss that was looked at, once, at the end.
        is_over: whether nothing counts any more.
    """

    challenge: Challenge
    number: int
    ends_at: float
    best: dict[int, Figures] = field(default_factory=dict)
    tests: dict[int, float] = field(default_factory=dict)
    is_over: bool = False

    def take(self, member: int, run: Figures) -> None:
        """Take a member's run into account, if it counts and is their best."""
        loss = run.val_loss
        if (
            self.is_over
            or loss is None
            or not math.isfinite(loss)
            or not self.challenge.counts(run)
        ):
            return
        before = self.best.get(member)
        known = before.val_loss if before is not None else None
        if known is None or loss < known:
            self.best[member] = run


READY = (
    Challenge(title="Best names in 3,000 steps", data="names", budget="steps", most=3000),
    Challenge(
        title="Beat the tutorial with 3,481 weights", data="names", budget="weights", most=3481
    ),
    Challenge(title="Beat counting", data="names", budget="seconds", most=30),
)
