"""What a run hands over to be kept, and to whom; where that is kept is not its business."""

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


class Keeper(Protocol):
    """Keeps the runs of one session beyond it; every method returns at once."""

    def begin(self, record: RunRecord) -> None:
        """Note that a run begins, or goes on after it was read: if it is forgotten, it stays so."""

    def keep(self, record: RunRecord, state: SavedState | None) -> None:
        """Keep what is known of a run by now, in place of what was kept of it before.

        Args:
            record: of the run.
            state: to go on from; None for a run that is over.
        """

    def annotate(self, key: str, **notes: Any) -> None:
        """Add what the visitor says or asks of a run."""

    def forget(self, key: str) -> None:
        """Keep nothing of a run any more."""
