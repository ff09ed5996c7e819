"""Thousands of texts for a file, written by a trained model in a thread of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.jobs.background import Background, Jobs, JobSnapshot
from core.models.sifting import Sifted
from core.runs import SEATS, State
from core.text import Unit


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class WritingSnapshot(JobSnapshot):
    """All that can be seen of the writing at one moment; it never changes.

    Attributes:
        unit: of the texts' tokens.
        seed: of the random numbers.
        about: what writes, in words.
        runs: numbers of those whose weights it has.
        sifted: the texts so far.
    """

    unit: Unit
    seed: int
    about: str
    runs: tuple[int, ...]
    sifted: Sifted

    @property
    def n_done(self) -> int:
        """Texts that are kept so far."""
        return len(self.sifted.texts)

    @property
    def n_runs(self) -> int:
        """Texts in all."""
        return self.sifted.n_wanted


class Writing(Jobs["_WritingThread", WritingSnapshot]):
    """Writes one lot of texts at a time for one session; only `join` waits."""

    def start(
        self,
        texts: Iterator[Sifted],
        count: int,
        unit: Unit,
        *,
        seed: int,
        about: str,
        runs: tuple[int, ...],
    ) -> None:
        """Begin to write; what is under way ends.

        Args:
            texts: what is kept after each batch, as `core.models.sifting.writing` has it; each is
                computed while a seat is held.
            count: texts to write.
            unit: of their tokens.
            seed: of the random numbers.
            about: what writes, in words.
            runs: numbers of those whose weights it has.
        """
        nothing = Sifted(n_wanted=count)
        begun = WritingSnapshot(unit=unit, seed=seed, about=about, runs=runs, sifted=nothing)
        self._begin(_WritingThread, begun, texts=texts)


class _WritingThread(Background[WritingSnapshot]):
    """The thread of one lot."""

    what = "writing"

    def __init__(self, begun: WritingSnapshot, *, texts: Iterator[Sifted], **clock: Any) -> None:
        super().__init__(begun, **clock)
        self._texts, self._sifted = texts, begun.sifted
        self.show(State.RUNNING)

    def work(self) -> bool:
        """Write until there are enough, or it gave up, or it was stopped."""
        texts, self._texts = self._texts, iter(())  # so that the model goes when this ends
        for sifted in SEATS.in_turn(texts):
            if self.is_stopped:
                return False
            self._sifted = sifted
            self.show_progress()
        return True

    def found(self, state: State) -> dict[str, Any]:  # noqa: ARG002
        """The texts so far."""
        return {"sifted": self._sifted}
