"""Presses of buttons in their order, until the page has seen them."""

from __future__ import annotations


class Presses:
    """Presses that no run of the page has seen yet, oldest first."""

    def __init__(self) -> None:
        self.waiting: list[str] = []
        self._is_one_taken = False

    def take(self, key: str) -> bool:
        """Whether the oldest is of this button; then it is over."""
        if self.waiting[:1] != [key]:
            return False
        self._is_one_taken = True
        self.waiting.pop(0)
        return True

    def is_more_to_come(self) -> bool:
        """Whether the page has to run again for the others."""
        if not self._is_one_taken:
            del self.waiting[:1]  # its button is not there any more
        self._is_one_taken = False
        return bool(self.waiting)
