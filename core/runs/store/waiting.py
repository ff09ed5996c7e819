"""What waits to be written: the newest of each run, in memory that is bounded."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.models import parameter_shapes
from core.runs.record import RunRecord
from core.runs.saving import SavedState
from core.runs.store.store import Store

MOST_WAITING = 2_000  # runs that are held in memory while nothing can be written
MOST_WAITING_BYTES = 256 << 20  # of all of them, their moments and weights
MOST_FORGOTTEN = 10_000  # keys that are remembered, so that a late writing brings none back


@dataclass(slots=True)
class Waiting:
    """What is to be written of one run, or of something else with a key."""

    workspace: str
    record: RunRecord | None = None
    state: SavedState | None = None
    notes: dict[str, Any] = field(default_factory=dict)
    work: Callable[[Store], None] | None = None  # of what is no run
    is_begun: bool = False
    is_forgotten: bool = False

    @property
    def n_bytes(self) -> int:
        """About how much memory the run takes."""
        if self.record is None:
            return 0
        shapes = parameter_shapes(self.record.config.model, len(self.record.corpus.vocabulary))
        weights = 4 * sum(map(math.prod, shapes.values()))
        n_copies = 1 if self.state is None else 2
        return n_copies * weights + sum(moment.n_bytes for moment in self.record.moments)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.record or self.notes or self.work or self.is_begun or self.is_forgotten)

    def take_in(self, newer: Waiting) -> None:
        """Add what is newer, which replaces what it says anew."""
        if newer.record is not None:
            self.record, self.state = newer.record, newer.state
        self.notes |= newer.notes
        self.work = newer.work or self.work
        self.is_begun = newer.is_begun or self.is_begun


def make_room(waiting: dict[str, Waiting], *, is_stuck: bool) -> None:
    """Drop what has waited longest where too much waits, but no deletion.

    Args:
        waiting: by the runs' keys, oldest first.
        is_stuck: whether nothing can be written now.
    """
    if not is_stuck and len(waiting) <= MOST_WAITING:
        return
    runs = {key: each.n_bytes for key, each in waiting.items() if each.record}
    n_bytes = sum(runs.values())
    for key in list(runs)[:-1]:
        if len(runs) <= MOST_WAITING and n_bytes <= MOST_WAITING_BYTES:
            break
        n_bytes -= runs.pop(key)
        waiting[key].record = waiting[key].state = None
        if waiting[key].is_empty:
            del waiting[key]
    others = [key for key, each in waiting.items() if not each.is_forgotten]
    for key in others[: max(0, len(waiting) - MOST_FORGOTTEN)]:
        del waiting[key]


def bound(known: dict[str, Any]) -> None:
    """Drop what was noted first of too much."""
    while len(known) > MOST_FORGOTTEN:
        known.pop(next(iter(known)))
