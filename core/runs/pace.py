"""How many steps a run may take now, to go no faster than it should."""

from __future__ import annotations

import math
from typing import Literal

SHORTEST_WAIT = 0.02  # seconds; a brisk pace is kept in small groups of steps
WATCH_SECONDS = 12.0  # of a whole run at the pace 'watch'
FIRST_STEPS = 16  # about as many as begin one by one, ten a second, at the pace 'watch'
MOST_DEBT = 0.25  # seconds that a run which was held up may catch up

# Steps a second; 'watch' for the whole run in `WATCH_SECONDS`; None for as fast as it can.
Speed = float | Literal["watch"] | None


class Pace:
    """A number of steps a second, or 'watch', counted from the first step after a start or a rest.

    At 'watch' the time of each doubling of the step is the same: with N steps in all and K =
    `FIRST_STEPS`, step(t) = K·((1 + N/K)^(t/12 s) - 1). Added to the step, K keeps the first ones
    from taking a second each: of 30,000 steps the first 16 take 1.1 s, and so do the next 32.

    >>> pace = Pace(10.0)
    >>> pace.allowance(now=0.0, step=0), pace.allowance(now=0.0, step=1)  # one now, one later
    ((1, 0.0), (0, 0.1))
    """

    def __init__(self, speed: Speed, n_steps: int = 1) -> None:
        """Of a run of so many steps in all."""
        self._speed = speed
        self._growth = math.log1p(n_steps / FIRST_STEPS) / WATCH_SECONDS  # of 'watch', a second
        self._origin: tuple[float, int] | None = None  # time and step it is counted from

    def rest(self) -> None:
        """Owe nothing for the time that passes until the next step."""
        self._origin = None

    def allowance(self, now: float, step: int) -> tuple[float, float]:
        """Steps that are due after `step` steps, or else the seconds until one is.

        A run that cannot keep up goes as fast as it can, and is not hurried for the time it lost.
        """
        if self._speed is None:
            return float("inf"), 0.0
        if self._origin is None:
            self._origin = (now, step)
        start, first_step = self._origin
        n_due = self._n_due(now, step)
        if n_due > 1 and now - start - self._seconds(step - first_step, first_step) > MOST_DEBT:
            self._origin = (now - MOST_DEBT, step)
            n_due = self._n_due(now, step)
        if n_due >= 1:
            return n_due, 0.0
        return 0, max(SHORTEST_WAIT, start + self._seconds(step - first_step, first_step) - now)

    def seconds_left(self, step: int, n_steps: int, steps_per_second: float) -> float | None:
        """Until the last of `n_steps`, where it is this pace that decides it; None where it is not.

        Watched, a run gets faster as it goes, so that its speed now says little; but one that is
        far behind what this pace asks of it is as fast as it can be.
        """
        if self._speed != "watch":
            return None
        asked = self._growth * (step + FIRST_STEPS)
        return self._seconds(n_steps - step, step) if 2 * steps_per_second > asked else None

    def _n_due(self, now: float, step: int) -> int:
        assert self._origin is not None
        start, first_step = self._origin
        return 1 + int(self._n_steps(now - start, first_step)) - (step - first_step)

    def _n_steps(self, seconds: float, first_step: int) -> float:
        """How many the run takes in this time from `first_step` on."""
        if self._speed == "watch":
            return (first_step + FIRST_STEPS) * math.expm1(self._growth * seconds)
        return seconds * (self._speed or 0.0)

    def _seconds(self, n_steps: int, first_step: int) -> float:
        """How long the run takes for so many from `first_step` on."""
        if self._speed == "watch":
            return math.log1p(n_steps / (first_step + FIRST_STEPS)) / self._growth
        return n_steps / (self._speed or 1.0)
