"""The wall of a room: a tile for each who joined, in one message a second for all who look."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import Literal, NamedTuple, TypedDict
from weakref import WeakKeyDictionary

import numpy as np

from core.learning import Floats
from core.rooms import Figures, Member, Room, Running, figures_of
from core.runs import RunRecord, State
from core.text import is_built_in
from pages.live.frames import pack
from pages.rooms.frames import MadeOnce
from pages.visit.holdings import Session

WALL_SECONDS = 1.0


class WallDescription(TypedDict):
    """What stays the same of a wall.

    Attributes:
        kind: of message.
        id: of the wall in its stream, always 1.
        code: of the room.
    """

    kind: Literal["wall-description"]
    id: int
    code: str


class TileFrame(TypedDict):
    """A member's run as it is now.

    Attributes:
        number: of the member.
        nickname: of the member, a text.
        state: of the run; 'idle' where there is none.
        step, steps: updates taken, and planned.
        loss: on validation, in nats per token; null before the first.
        new_loss: at its end, on documents that training doesn't have.
        written: a new text that it writes; empty where the data are the member's own.
        starred: the best so far, as the member thinks; empty as well.
        is_here: whether the member has a page open.
        can_open: whether the run may be looked at: not where the data are the member's own.
        n_points: how many of the frame's points are of this curve.
    """

    number: int
    nickname: str
    state: State
    step: int
    steps: int
    loss: float | None
    new_loss: float | None
    written: str
    starred: str
    is_here: bool
    can_open: bool
    n_points: int


class WallFrame(TypedDict):
    """All tiles.

    Attributes:
        kind: of message.
        id: that of its description.
        state: always 'open'.
        tiles: by arrival.
        across: of each point of the curves in turn, the share of the way by the step's logarithm.
        losses: of these points, in nats per token.
    """

    kind: Literal["wall-frame"]
    id: int
    state: Literal["open"]
    tiles: Sequence[TileFrame]
    across: Floats
    losses: Floats


class Tile(NamedTuple):
    """A member at one moment."""

    number: int
    nickname: str
    is_here: bool
    figures: Figures | None
    starred: str


class WallSnapshot(NamedTuple):
    """The wall at one moment; `version` rises where anything is another."""

    version: int
    code: str
    tiles: tuple[Tile, ...]


class Wall:
    """Looks at the runs of a room's members, at most once a second, whoever asks.

    Args:
        room: that it is of.
        sessions: of who sits in the room, the ones of one browser among them.
        clock: that doesn't go back, in seconds.
    """

    def __init__(
        self,
        room: Room,
        sessions: Collection[Session],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.frames = WallFrames()
        self._room, self._sessions, self._clock = room, sessions, clock
        self._looked_at = -WALL_SECONDS
        self._shown = WallSnapshot(1, room.code, ())
        self._known: WeakKeyDictionary[Session, tuple[int, Figures]] = WeakKeyDictionary()

    def snapshot(self) -> WallSnapshot:
        """The wall, at most a second old."""
        now = self._clock()
        if now - self._looked_at >= WALL_SECONDS:
            self._looked_at = now
            tiles = self.look()
            if tiles != self._shown.tiles:
                self._shown = WallSnapshot(self._shown.version + 1, self._room.code, tiles)
        return self._shown

    def look(self) -> tuple[Tile, ...]:
        """Look at all runs now, and note them in the room; the tiles by arrival."""
        running = self._room.running
        for member, mine in self.seats():
            figures = None if mine is None else self._figures(mine)
            self._room.note(member.number, figures, is_here=mine is not None)
            if mine is not None and running is not None and not running.is_over:
                self._try_runs(running, member, mine)
        members = list(self._room.members.values())
        return tuple(Tile(m.number, m.nickname, m.is_here, m.figures, m.starred) for m in members)

    def run_of(self, number: int) -> RunRecord | None:
        """A member's run as it is now, to be looked at; None where it's not for others."""
        for member, mine in self.seats():
            if member.number == number and mine is not None:
                now = mine.trainer.snapshot()
                return now.record() if now is not None and is_built_in(now.corpus) else None
        return None

    def seats(self) -> list[tuple[Member, Session | None]]:
        """Each member with the page that they used last."""
        last: dict[int, Session] = {}
        for mine in sorted(self._sessions, key=lambda each: each.seen_at):
            member = mine.seat.member if mine.seat is not None else None
            if member is not None and not mine.is_closed:
                last[member.number] = mine
        return [(each, last.get(each.number)) for each in list(self._room.members.values())]

    def _try_runs(self, running: Running, member: Member, mine: Session) -> None:
        for run in mine.trainer.runs():
            if isinstance(run, RunRecord) and run.has_ended and run.key not in running.seen:
                self._room.try_run(member.number, figures_of(run))

    def _figures(self, mine: Session) -> Figures | None:
        now = mine.trainer.snapshot()
        if now is None:
            return None
        known = self._known.get(mine)
        if known is not None and known[0] == now.version:
            return known[1]
        found = figures_of(now)
        self._known[mine] = now.version, found
        return found


class WallFrames(MadeOnce[WallSnapshot]):
    """Makes the messages of one wall."""

    def describe(self, shown: WallSnapshot) -> bytes:
        """The wall's `WallDescription`."""
        description: WallDescription = {"kind": "wall-description", "id": 1, "code": shown.code}
        return pack(description)

    def frame(self, shown: WallSnapshot, version: int) -> WallFrame:
        """The wall's `WallFrame`."""
        del version
        nothing = np.zeros(0, dtype=np.float32)
        runs = [tile.figures for tile in shown.tiles if tile.figures is not None]
        return {
            "kind": "wall-frame",
            "id": 1,
            "state": "open",
            "tiles": [_tile(tile) for tile in shown.tiles],
            "across": np.concatenate([nothing, *(run.across for run in runs)]),
            "losses": np.concatenate([nothing, *(run.losses for run in runs)]),
        }


def _tile(tile: Tile) -> TileFrame:
    run = tile.figures
    return {
        "number": tile.number,
        "nickname": tile.nickname,
        "state": run.state if run else State.IDLE,
        "step": run.step if run else 0,
        "steps": run.steps if run else 0,
        "loss": run.val_loss if run else None,
        "new_loss": run.new_loss if run else None,
        "written": run.written if run else "",
        "starred": tile.starred if run and run.data else "",
        "is_here": tile.is_here,
        "can_open": bool(run and run.data and tile.is_here),
        "n_points": len(run.across) if run else 0,
    }
