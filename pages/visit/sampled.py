"""Names or sentences that a model wrote, and what they were sampled from."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from core.config import SampleConfig
from core.models import Model
from core.models.sifting import Sifted
from core.runs import RunRecord
from core.runs.committee import Committee
from core.text import readable


@dataclass(frozen=True, slots=True, eq=False)
class Writer:
    """A model that writes, and what is to be said of it.

    Attributes:
        of: another one for another writer.
        model: that writes.
        val: its validation loss, nats per token; None where its run hasn't finished.
        runs: numbers of those whose weights it has.
        about: one sentence on it; empty for a run by itself.
    """

    of: Hashable
    model: Model
    val: float | None
    runs: tuple[int, ...]
    about: str = ""

    @classmethod
    def of_run(cls, run: RunRecord) -> Writer:
        """The run by itself."""
        return cls("run", run.model, run.final.val if run.final else None, (run.run_id,))

    @classmethod
    def of_committee(cls, found: Committee, of: Hashable) -> Writer:
        """Several seeds together."""
        n = len(found.members)
        counting = f", with {found.share:.0%} of counting" if found.share else ""
        about = f"Written by {n} seeds together{counting}: the mean of their probabilities."
        return cls(of, found.model, found.loss, tuple(run.run_id for run in found.members), about)


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """Names and what they were sampled from."""

    how: SampleConfig
    snapshot: RunRecord  # that was looked at
    writer: Writer  # the model that wrote them: that run, or a committee that it's in
    sifted: Sifted  # names, or sentences, their tokens with spaces between
    nlls: tuple[float, ...]  # in nats per token, at temperature 1

    @property
    def names(self) -> tuple[str, ...]:
        """Those that were kept."""
        return self.sifted.texts

    @property
    def learned(self) -> frozenset[str]:
        """The names or sentences that the run learned from."""
        return self.snapshot.corpus.known_in(self.snapshot.config.training.train_on)

    @property
    def temperature(self) -> float:
        """At which the names were chosen; greedy ones do not depend on it."""
        return 1.0 if self.how.is_greedy else self.how.temperature

    @property
    def is_new(self) -> list[bool]:
        """For each of the names, whether the run has not learned from it."""
        learned = self.learned
        return [name not in learned for name in self.names]

    @property
    def readable(self) -> list[str]:
        """The names for the eye: of sentences, with their marks where a reader expects them."""
        return [readable(name, self.snapshot.corpus.unit) for name in self.names]
