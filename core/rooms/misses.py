"""A room's code can't be found by trying: how often one may try a code that no room has."""

from __future__ import annotations

from collections import OrderedDict

from core.errors import RoomError
from core.rooms.allowance import Allowance

MISSES = (0.1, 20.0)  # a second and at once, of one address: a class may share one
ALL_MISSES = (1.0, 200.0)  # of all; beyond, who has missed before has to wait
MOST_ADDRESSES = 10_000  # that are remembered


class Misses:
    """Bounds how often codes are tried that no room has.

    A code that is right costs nothing, so a class that comes at once is let in. Who has used up
    their misses is refused right codes too, or trying would tell them apart.
    """

    def __init__(self) -> None:
        self._all = Allowance(*ALL_MISSES)
        self._of: OrderedDict[str, Allowance] = OrderedDict()

    def check(self, address: str, now: float) -> None:
        """Let an address try a code.

        Raises:
            RoomError: if it has missed too often, or all together have and it has before.
        """
        known = self._of.get(address)
        if known is not None and not (known.has(now) and self._all.has(now)):
            raise RoomError("Too many codes were tried. Wait a minute, and try yours again.")

    def note(self, address: str, now: float) -> None:
        """The code that this address tried is no room's."""
        self._of.setdefault(address, Allowance(*MISSES)).take(now)
        self._of.move_to_end(address)
        self._all.take(now)
        while len(self._of) > MOST_ADDRESSES:
            self._of.popitem(last=False)
