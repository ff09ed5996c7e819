"""How often somebody may do something: so often a second on average, and so often at once."""

from __future__ import annotations


class Allowance:
    """A token bucket on a clock that's passed in.

    >>> allowance = Allowance(1.0, 2.0)
    >>> [allowance.take(now) for now in (0.0, 0.0, 0.0, 1.0)]
    [True, True, False, True]
    """

    __slots__ = ("_at", "_at_once", "_left", "_per_second")

    def __init__(self, per_second: float, at_once: float) -> None:
        self._per_second, self._at_once = per_second, at_once
        self._left, self._at = at_once, 0.0

    def has(self, now: float) -> bool:
        """Whether `take` would be allowed, in seconds of any clock that doesn't go back."""
        self._left = min(self._at_once, self._left + max(0.0, now - self._at) * self._per_second)
        self._at = now
        return self._left >= 1.0

    def take(self, now: float) -> bool:
        """Do it once, if that is allowed; whether it was."""
        if not self.has(now):
            return False
        self._left -= 1.0
        return True
