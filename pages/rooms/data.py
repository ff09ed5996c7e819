"""What the views of a room's page get from it."""

from __future__ import annotations

from collections.abc import Mapping

from pages.charts.references import Reference
from pages.views import ShownData


class JoinData(ShownData):
    """For the field that takes a room's code.

    Attributes:
        letters: that codes are made of.
        alike: what is typed for one of these, and the letter that is meant.
    """

    letters: str
    alike: Mapping[str, str]


class WallData(ShownData):
    """For the wall.

    Attributes:
        code: of the room.
        palette: a colour for each kind of thing, '#rrggbb'.
        references: losses to hold the runs against.
    """

    code: str
    palette: Mapping[str, str]
    references: list[Reference]
