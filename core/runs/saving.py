"""What a run hands over to be saved, and who saves it; the run does not know where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from core.learning import LoopState, LossHistory
from core.runs.record import RunRecord

OWN = "own"  # the workspace of whoever has the machine; other workspaces are a browser's each


@dataclass(frozen=True, slots=True, eq=False)
class SavedState:
    """What a run goes on from, to the same bits as if it had never been interrupted.

    The record beside it is of the same step. All of it is a copy that nobody changes.

    Attributes:
        loop: weights, optimiser, generators and rates.
        losses: of all steps up to this one, with the sums of their bins.
    """

    loop: LoopState
    losses: LossHistory


class Saver(Protocol):
    """Saves the runs of one session, so that they outlast it; every method returns at once."""

    def begin(self, record: RunRecord) -> None:
        """Note that a run begins, or continues after it was read; what was forgotten stays so."""

    def save(self, record: RunRecord, state: SavedState | None) -> None:
        """Save what is known of a run by now, in place of what was saved of it before.

        Args:
            record: of the run.
            state: to go on from; None for a run that is over.
        """

    def annotate(self, key: str, **notes: Any) -> None:
        """Add what the visitor says or asks of a run."""

    def forget(self, key: str) -> None:
        """Delete what was saved of a run, and save nothing more of it."""
