"""The table of embeddings over a run, thinned so that it never takes more room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

CAPACITY = 128  # snapshots
MOST_ROWS = 2_000  # of a table

Table = Tensor | NDArray[np.float32] | NDArray[np.float64]  # (V, D)


class History:
    """Snapshots of the table over a run, thinned so that they never take more room.

    The steps are cut into cells of `spacing` steps and the first table offered in each cell is
    kept. When `capacity` cells are filled the spacing doubles: of tables offered at every step,
    every second is dropped. What is kept depends on the steps that were offered and on nothing
    else, and the first one always stays.

    >>> history = History(capacity=2)
    >>> kept = [history.add(step, np.zeros((27, 2))) for step in range(5)]
    >>> kept, [step for step, _ in history.snapshots()]
    ([True, True, True, False, True], [0, 4])
    """

    def __init__(self, capacity: int = CAPACITY, most_rows: int | None = None) -> None:
        """Keep at most `capacity` snapshots, two or more, of so many rows, the first ones."""
        if capacity < 2:
            raise ValueError(f"capacity must be at least 2, got {capacity}")
        self._capacity = capacity
        self._most_rows = most_rows
        self._spacing = 1
        # Replaced as a whole and never changed, so that another thread may read at any time.
        self._kept: tuple[tuple[int, NDArray[np.float32]], ...] = ()

    @classmethod
    def within(cls, n_bytes: int, C: Table) -> History:
        """One that takes no more room than this; of a large table it keeps the first rows.

        Ids are by frequency where there are many, so that these are of the tokens one knows.
        """
        rows = min(C.shape[0], MOST_ROWS)
        fitting = n_bytes // (4 * rows * C.shape[1])
        return cls(max(2, min(CAPACITY, fitting)), rows)

    @classmethod
    def of_kept(
        cls,
        kept: Sequence[tuple[int, NDArray[np.float32]]],
        *,
        spacing: int,
        capacity: int = CAPACITY,
        most_rows: int | None = None,
    ) -> History:
        """One that goes on from what another had kept."""
        history = cls(capacity, most_rows)
        history._spacing, history._kept = spacing, tuple(kept)
        return history

    def copy(self) -> History:
        """The same tables, which never change, in a history of its own."""
        return History.of_kept(
            self._kept,
            spacing=self._spacing,
            capacity=self._capacity,
            most_rows=self._most_rows,
        )

    @property
    def limits(self) -> dict[str, int | None]:
        """What `of_kept` needs beside the tables."""
        return {
            "spacing": self._spacing,
            "capacity": self._capacity,
            "most_rows": self._most_rows,
        }

    @property
    def next_due(self) -> int:
        """The first step at which a table will be kept."""
        if not self._kept:
            return 0
        return (self._kept[-1][0] // self._spacing + 1) * self._spacing

    def add(self, step: int, C: Table) -> bool:
        """Keep a copy of the table if its step is due; steps must not go back.

        Returns:
            Whether it was kept.

        Raises:
            ValueError: if the step is before the last one kept, or negative.
        """
        last = self._kept[-1][0] if self._kept else 0
        if step < last:
            raise ValueError(f"step must be at least {last}, got {step}")
        if step < self.next_due:
            return False
        kept = self._kept
        while len(kept) >= self._capacity:
            self._spacing *= 2
            kept = _first_of_each_cell(kept, self._spacing)
        # The wider cell may hold a snapshot already.
        has_room = not kept or kept[-1][0] // self._spacing < step // self._spacing
        self._kept = (*kept, (step, _frozen_copy(C[: self._most_rows]))) if has_room else kept
        return has_room

    def go_back(self, step: int) -> None:
        """Forget the tables after this step, of updates that were taken back."""
        self._kept = tuple(table for table in self._kept if table[0] <= step)

    def snapshots(
        self, latest: tuple[int, Table] | None = None
    ) -> tuple[tuple[int, NDArray[np.float32]], ...]:
        """What was kept, by rising step: pairs of a step and a read-only table, float32 (V, D).

        Args:
            latest: a step and its table, put at the end if the step is after all that were kept.
        """
        kept = self._kept
        if latest is None or (kept and latest[0] <= kept[-1][0]):
            return kept
        return (*kept, (latest[0], _frozen_copy(latest[1][: self._most_rows])))


def _frozen_copy(C: Table) -> NDArray[np.float32]:
    copy = np.array(C.detach().numpy() if isinstance(C, Tensor) else C, dtype=np.float32)
    copy.flags.writeable = False
    return copy


def _first_of_each_cell(
    kept: tuple[tuple[int, NDArray[np.float32]], ...], spacing: int
) -> tuple[tuple[int, NDArray[np.float32]], ...]:
    first: dict[int, tuple[int, NDArray[np.float32]]] = {}
    for step, table in kept:
        first.setdefault(step // spacing, (step, table))
    return tuple(first.values())
