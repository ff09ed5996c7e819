"""What can be seen of a run at one moment: its record so far, and what moves."""

from __future__ import annotations

from dataclasses import dataclass, fields

from core.runs.record import RunRecord


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Snapshot(RunRecord):
    """A run's record at one moment, with what is only of that moment; it never changes.

    Attributes:
        version: rises by one with every snapshot of a trainer.
        lr: rate of the next update.
        samples: texts written by the model now, from the same random numbers at every snapshot.
        known: for each of the samples, whether the corpus holds it.
        queue_position: for a queued run, how many are let in before it, itself included.
    """

    version: int
    lr: float
    samples: tuple[str, ...] = ()
    known: tuple[bool, ...] = ()
    steps_per_second: float = 0.0
    queue_position: int = 0

    @property
    def seconds_left(self) -> float:
        """Estimated from the speed of the last second; inf when nothing moves."""
        if not self.steps_per_second:
            return float("inf")
        return (self.steps - self.step) / self.steps_per_second

    def record(self) -> RunRecord:
        """What stays of it."""
        return RunRecord(**{field.name: getattr(self, field.name) for field in fields(RunRecord)})
