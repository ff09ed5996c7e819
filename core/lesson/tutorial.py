"""The steps of the tutorial, what each printed, and the chapter that has it."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Repeats = Literal["same", "unseeded"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One section or output of the tutorial.

    Attributes:
        name: by which the chapter hands in its own value.
        section: of the tutorial.
        about: what it does, in a few words.
        chapter: slug of the chapter that has it.
        printed: numbers, a shape or a text that the tutorial shows; empty where it shows none.
        kind: whether the same must come out again, or the tutorial drew it without a seed.
    """

    name: str
    section: str
    about: str
    chapter: str
    printed: tuple[float, ...] | tuple[int, ...] | float | str = ""
    kind: Repeats = "same"

    @property
    def printed_text(self) -> str:
        """What the tutorial printed, to the digits that one compares."""
        return self.as_text(self.printed)

    @property
    def repeats(self) -> str:
        """Whether it can be repeated, in words."""
        return "unseeded: does not repeat" if self.kind == "unseeded" else ""

    @property
    def n_digits(self) -> int:
        """How many significant digits to show: five, or six where the tutorial has more."""
        printed = self.printed if isinstance(self.printed, tuple) else (self.printed,)
        numbers = [value for value in printed if isinstance(value, float)]
        return 5 if all(f"{value:.5g}" == f"{value:.6g}" for value in numbers) else 6

    def as_text(self, value: Any) -> str:
        """A value of this step, as the tutorial's own is written."""
        if isinstance(value, float):
            return f"{value:.{self.n_digits}g}" if abs(value) < 1e5 else f"{value:,.0f}"
        if isinstance(value, bool | str):
            return str(value)
        if isinstance(value, int):
            return f"{value:,}"
        if value and all(isinstance(part, int) for part in value):
            return f"({', '.join(map(str, value))}{',' * (len(value) == 1)})"
        return ", ".join(self.as_text(float(part)) for part in value)


def steps_of(chapter: str) -> tuple[Step, ...]:
    """The steps that this chapter has, in the tutorial's order."""
    return tuple(step for step in STEPS if step.chapter == chapter)


def printed(name: str) -> Any:
    """What the tutorial printed at the step with this name.

    >>> printed("n_names")
    32033

    Raises:
        KeyError: if there is no such step.
    """
    return {step.name: step.printed for step in STEPS}[name]


def _read() -> tuple[Step, ...]:
    """The table of steps; what was printed stands there as JSON."""
    text = Path(__file__).with_suffix(".csv").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = list(csv.DictReader(text.splitlines()))
    for row in rows:
        printed = json.loads(row["printed"] or '""')
        row["printed"] = tuple(printed) if isinstance(printed, list) else printed
    return tuple(Step(**row) for row in rows)


STEPS = _read()
TUTORIAL_LOSS: float = printed("long_total")  # over all examples, after 30,000 steps
LECTURE_LOSS = 2.1701  # of validation, after 200,000 steps, in the lecture's notebook
