"""The best that is known on the built-in names, as `scripts/record.py` found it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("record.json")
# Figures of others on the same list and split: name, validation loss, what differs.
PUBLISHED = (
    ("The lecture, part 3: its network with batch normalisation", 2.105, "12,000; published"),
    ("The lecture, part 5: like WaveNet, 8 characters", 1.993, "76,579; published"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What a model reaches; losses in nats a character, each with mean and spread over seeds.

    Attributes:
        n_seeds: runs that the mean is of; a single one has a spread of 0.
        n_parameters: numbers that it learned, 0 for counts.
        seconds: of one core, to train or to count.
        val: on the validation names.
        new: on those of them that training doesn't have.
        test: on the test names.
        new_test: on those of them that training doesn't have.
    """

    name: str
    n_seeds: int
    n_parameters: int
    seconds: float
    val: tuple[float, float]
    new: tuple[float, float]
    test: tuple[float, float]
    new_test: tuple[float, float]

    def figure(self, name: str) -> str:
        """One of the losses, as it is written: its spread over seeds in brackets."""
        mean, spread = getattr(self, name)
        return f"{mean:.4f} ({spread:.4f})" if spread else f"{mean:.4f}"


def rows() -> list[Row]:
    """Of the table, from the worst to the best."""
    return [Row(**each) for each in json.loads(FILE.read_text(encoding="utf-8"))]
