"""How loaded the server is, by how late its own loop comes to what is due, and what follows."""

from __future__ import annotations

import asyncio
import time

LOOK_SECONDS = 0.1
FRAME_SECONDS = 0.1  # between two frames of a view, as long as the server keeps up
SLOWEST_FRAME_SECONDS = 1.0
BUSY_SECONDS = 0.1  # of lateness: by then one sees it
LATE_SHARE = 0.2  # of the time that sending frames may be late before there are fewer of them
WEIGHT = 0.1  # of the newest look in the mean


class Load:
    """The mean lateness of the server's loop over the last second or so.

    Attributes:
        late_seconds: how long what is due has to wait.
    """

    def __init__(self) -> None:
        self.late_seconds = 0.0

    def take(self, late: float) -> None:
        """Take in how late the loop was once, in seconds."""
        self.late_seconds += WEIGHT * (max(0.0, late) - self.late_seconds)

    @property
    def frame_seconds(self) -> float:
        """Between two frames of any view: all get fewer alike, so that none gets late ones."""
        return min(SLOWEST_FRAME_SECONDS, max(FRAME_SECONDS, self.late_seconds / LATE_SHARE))

    @property
    def is_busy(self) -> bool:
        """Whether visitors notice it."""
        return self.late_seconds >= BUSY_SECONDS


LOAD = Load()


async def watch(load: Load = LOAD) -> None:
    """Look at the loop's lateness as long as it runs."""
    while True:
        due = time.monotonic() + LOOK_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
        load.take(time.monotonic() - due)
