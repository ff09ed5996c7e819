"""Names or sentences that a model wrote, and what they were sampled from."""

from __future__ import annotations

from dataclasses import dataclass

from core.config import SampleConfig
from core.runs import RunRecord
from core.text import readable


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """Names and what they were sampled from."""

    how: SampleConfig
    snapshot: RunRecord  # the weights that wrote them
    names: tuple[str, ...]  # or sentences, their tokens with spaces between
    nlls: tuple[float, ...]  # in nats per token, at temperature 1

    @property
    def temperature(self) -> float:
        """At which the names were chosen; greedy ones do not depend on it."""
        return 1.0 if self.how.is_greedy else self.how.temperature

    @property
    def is_new(self) -> list[bool]:
        """For each of the names, whether the corpus does not hold it."""
        known = self.snapshot.corpus.known
        return [name not in known for name in self.names]

    @property
    def readable(self) -> list[str]:
        """The names for the eye: of sentences, with their marks where a reader expects them."""
        return [readable(name, self.snapshot.corpus.unit) for name in self.names]
