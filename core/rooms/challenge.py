"""A challenge: the same data and budget for all, a time, and one look at the test part."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from numpy.typing import ArrayLike

from core.errors import ConfigError, counted
from core.learning import paired_difference
from core.rooms.figures import Figures
from core.runs import ENDED
from core.text import BUILT_IN

Budget = Literal["steps", "weights", "seconds"]
MOST_MINUTES = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What all in the room try; every value is checked when it is made.

    Attributes:
        title: in a few words.
        data: built-in data, as links have them.
        budget: what is bounded, of each run.
        most: of that: steps, numbers that it learns, or seconds that it trains.
        minutes: until nothing counts any more.
    """

    title: str
    data: str
    budget: Budget
    most: float
    minutes: float = 10.0

    def __post_init__(self) -> None:
        if self.data not in BUILT_IN:
            raise ConfigError("data", f"one of {', '.join(BUILT_IN)}", self.data)
        if self.budget not in get_args(Budget):
            raise ConfigError("budget", "steps, weights or seconds", self.budget)
        if not 0 < self.most <= 10_000_000:
            raise ConfigError("most", "above 0, at most 10,000,000", self.most)
        if not 0 < self.minutes <= MOST_MINUTES:
            raise ConfigError("minutes", f"above 0, at most {MOST_MINUTES:.0f}", self.minutes)

    @property
    def budget_in_words(self) -> str:
        """What a run may take at most.

        >>> Challenge(title="", data="names", budget="weights", most=3481).budget_in_words
        '3,481 weights'
        """
        return self._in_words(self.most)

    def why_not(self, run: Figures) -> str:
        """Why a run that has ended doesn't count, in a sentence; empty if it counts."""
        spent = {"steps": run.step, "weights": run.n_parameters, "seconds": run.seconds}
        if run.data != self.data:
            return "It learned from other data."
        if not run.holds_out:
            return "It learned from the validation part too."
        if run.val_loss is None or not math.isfinite(run.val_loss):
            return "It has no validation loss."
        if spent[self.budget] > self.most:
            took = self._in_words(spent[self.budget])
            return f"It took {took}: at most {self.budget_in_words} count."
        return ""

    def _in_words(self, number: float) -> str:
        if self.budget == "seconds":
            return f"{number:,.0f} s of training"
        return counted(int(number), self.budget[:-1])


class Judged(NamedTuple):
    """What the one look at the test part found.

    Attributes:
        loss: over it, in nats per token.
        documents: the loss of each of its documents, summed over its tokens, (documents,).
        lengths: tokens of each document.
    """

    loss: float
    documents: ArrayLike
    lengths: ArrayLike


@dataclass(slots=True)
class Running:
    """A challenge that was begun.

    Attributes:
        number: of the challenge in its room, from 1.
        ends_at: on the room's clock.
        began: in UTC; a run that was begun earlier doesn't count.
        best: by the member's number, their best run so far that counts.
        said: by the member's number, why their last run doesn't count; empty where it does.
        tests: by the member's number, the test loss that was looked at, once, at the end.
        is_over: whether nothing counts any more.
        is_tested: whether all test losses are there that can be had.
        seen: keys of the runs that were taken into account.
        tied: members whose test loss can't be told apart from the lowest, once all are there.
    """

    challenge: Challenge
    number: int
    ends_at: float
    began: datetime
    best: dict[int, Figures] = field(default_factory=dict)
    said: dict[int, str] = field(default_factory=dict)
    tests: dict[int, float] = field(default_factory=dict)
    is_over: bool = False
    is_tested: bool = False
    seen: set[str] = field(default_factory=set)
    tied: tuple[int, ...] = ()

    def take(self, member: int, run: Figures) -> bool:
        """Take a member's run into account, once it has ended.

        Returns:
            Whether that changed anything.
        """
        is_early = run.started_at < self.began
        if self.is_over or run.state not in ENDED or run.key in self.seen or is_early:
            return False
        self.seen.add(run.key)
        self.said[member] = self.challenge.why_not(run)
        before = self.best.get(member)
        if not self.said[member] and (before is None or _loss(run) < _loss(before)):
            self.best[member] = run
        return True

    def forget(self, member: int) -> None:
        """Know nothing of a member any more."""
        for known in (self.best, self.said, self.tests):
            known.pop(member, None)
        self.tied = tuple(each for each in self.tied if each != member)


def _loss(run: Figures) -> float:
    return math.inf if run.val_loss is None else run.val_loss


def tied_with_first(found: Mapping[int, Judged]) -> tuple[int, ...]:
    """Members whose networks other test documents might have put first.

    Each is compared with the one of the lowest loss on the same documents; as that is the lowest
    of many, each comparison may err less often (Bonferroni).

    Args:
        found: by the member's number.
    """
    if not found:
        return ()
    first = min(found, key=lambda member: found[member].loss)
    best, n = found[first], max(1, len(found) - 1)
    return tuple(
        member
        for member, each in found.items()
        if member != first
        and not paired_difference(each.documents, best.documents, best.lengths).is_clear(n)
    )


READY = (
    Challenge(title="Best names in 3,000 steps", data="names", budget="steps", most=3000),
    Challenge(
        title="Beat the tutorial with 3,481 weights", data="names", budget="weights", most=3481
    ),
    Challenge(title="Beat counting", data="names", budget="seconds", most=30),
)
