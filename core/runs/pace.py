"""How many steps a run may take now, to go no faster than it should."""

from __future__ import annotations

SHORTEST_WAIT = 0.02  # seconds; a brisk pace is kept in small groups of steps


class Pace:
    """A number of steps a second, counted from the first step after a start or a rest.

    >>> pace = Pace(10.0)
    >>> pace.allowance(now=0.0, step=0), pace.allowance(now=0.0, step=1)  # one now, one later
    ((1, 0.0), (0, 0.1))
    """

    def __init__(self, steps_per_second: float | None) -> None:
        """None is as fast as it can."""
        self._steps_per_second = steps_per_second
        self._origin: tuple[float, int] | None = None  # time and step it is counted from

    def rest(self) -> None:
        """Owe nothing for the time that passes until the next step."""
        self._origin = None

    def allowance(self, now: float, step: int) -> tuple[float, float]:
        """Steps that are due after `step` steps, or else the seconds until one is."""
        if self._steps_per_second is None:
            return float("inf"), 0.0
        if self._origin is None:
            self._origin = (now, step)
        start, first_step = self._origin
        n_taken = step - first_step
        n_due = 1 + int((now - start) * self._steps_per_second) - n_taken  # the first at once
        if n_due > max(1.0, self._steps_per_second / 4):
            self.rest()  # it cannot keep up: owe nothing
        if n_due >= 1:
            return n_due, 0.0
        return 0, max(SHORTEST_WAIT, start + n_taken / self._steps_per_second - now)
