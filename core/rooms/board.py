"""The board of a room: its members by their losses, to be shown and taken away."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from core.rooms.figures import Figures
from core.rooms.room import Room

HEADS = (
    "rank", "nickname", "state", "step", "steps", "weights",
    "validation loss", "on new names", "test loss", "data", "best by their own star",
)  # fmt: skip


class Entry(NamedTuple):
    """A line of the board; the run is None for a member without one."""

    number: int
    nickname: str
    run: Figures | None
    test_loss: float | None = None
    starred: str = ""


def board(room: Room) -> list[Entry]:
    """The members by their losses; of a challenge each with their best run that counts.

    Once that is over and the test part looked at, the lowest loss there comes first.
    """
    members, running = list(room.members.values()), room.running
    if running is None:
        return ranked(
            Entry(each.number, each.nickname, each.figures, None, each.starred) for each in members
        )
    return ranked(
        Entry(
            each.number,
            each.nickname,
            running.best.get(each.number),
            running.tests.get(each.number),
            each.starred,
        )
        for each in members
    )


def ranked(entries: Iterable[Entry]) -> list[Entry]:
    """The lowest test loss first, then the lowest on validation; without one by arrival."""

    def losses(entry: Entry) -> tuple[float, float]:
        known = (entry.test_loss, entry.run.val_loss if entry.run is not None else None)
        test, val = (
            math.inf if loss is None or not math.isfinite(loss) else loss for loss in known
        )
        return test, val

    return sorted(entries, key=lambda entry: (*losses(entry), entry.number))


def table(room: Room) -> list[tuple[object, ...]]:
    """The board as rows under `HEADS`; what isn't known is empty."""
    rows: list[tuple[object, ...]] = []
    for rank, (_, nickname, run, test_loss, starred) in enumerate(board(room), start=1):
        known = () if run is None else (
            run.state.value, run.step, run.steps, run.n_parameters, run.val_loss, run.new_loss,
            test_loss, run.data or "their own", starred if run.data else "",
        )  # fmt: skip
        filled = ("" if each is None else each for each in known)
        rows.append((rank, nickname, *filled, *[""] * (len(HEADS) - 2 - len(known))))
    return rows
