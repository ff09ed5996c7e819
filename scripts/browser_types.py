"""Writes types.d.ts: what pages and streams send to the browser, as Python's TypedDicts have it."""

from __future__ import annotations

import inspect
import json
import sys
import types
import typing
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, NotRequired, Union

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pages import views
from pages.files import run_page
from pages.layout import presenting
from pages.live import (
    component,
    dragging,
    frames,
    history,
    job_frames,
    moments,
    network,
    sweep_frames,
)
from pages.live.component import ASSETS
from pages.rooms import frames as room_frames
from pages.rooms import strip, wall
from pages.rooms.data import JoinData, WallData
from pages.settings import sliders

FILE = ASSETS / "shell" / "types.d.ts"
HEAD = (
    "// Written by scripts/browser_types.py from Python's TypedDicts, which explain the fields.\n"
)
SENT = (
    component.MountData,
    views.TrainData,
    views.ShownData,
    views.SweepData,
    views.RatesData,
    views.GridData,
    views.SearchData,
    views.ReplayViewData,
    views.CardData,
    presenting.BarData,
    sliders.SliderData,
    frames.RunDescription,
    frames.RunFrame,
    network.NetworkArrays,
    moments.MomentsDescription,
    moments.MomentFrame,
    moments.MapFrame,
    history.History,
    sweep_frames.SweepDescription,
    sweep_frames.SweepFrame,
    sweep_frames.RatesDescription,
    sweep_frames.RatesFrame,
    job_frames.GridDescription,
    job_frames.GridFrame,
    job_frames.SearchDescription,
    job_frames.SearchFrame,
    dragging.DragFrame,
    run_page.FileData,
    strip.RoomData,
    JoinData,
    WallData,
    room_frames.RoomDescription,
    room_frames.RoomFrame,
    wall.WallDescription,
    wall.WallFrame,
)
UNIONS = {Union, types.UnionType}
PLAIN = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
    Any: "any",
}


def main() -> None:
    """Write the file anew."""
    FILE.write_text(declarations(), encoding="utf-8")
    print(f"{FILE} is written")


def declarations(sent: Sequence[type] = SENT) -> str:
    """Types of these TypedDicts, and of those that they hold, in TypeScript's words."""
    names: dict[str, type] = {}
    made: dict[str, str] = {}
    waiting = list(sent)
    while waiting:
        one = waiting.pop(0)
        if names.setdefault(one.__name__, one) is not one:
            raise ValueError(f"{one.__name__} must be one TypedDict, there are two of that name")
        if one.__name__ not in made:
            made[one.__name__] = _interface(one, waiting)
    return HEAD + "\n" + "\n".join(made.values())


def _interface(one: type, found: list[type]) -> str:
    hints = typing.get_type_hints(one, include_extras=True)
    fields = "".join(f"  {_field(name, hint, found)}\n" for name, hint in hints.items())
    said = inspect.getdoc(one) or ""
    return f"/** {said.splitlines()[0]} */\nexport interface {one.__name__} {{\n{fields}}}\n"


def _field(name: str, hint: object, found: list[type]) -> str:
    if typing.get_origin(hint) is NotRequired:
        return f"{name}?: {type_of(typing.get_args(hint)[0], found)}"
    return f"{name}: {type_of(hint, found)}"


def type_of(hint: Any, found: list[type]) -> str:
    """A type of Python in TypeScript's words.

    >>> type_of(dict[str, list[tuple[int, float | None]]], [])
    'Record<string, [number, number | null][]>'

    Args:
        hint: of what JSON or an array of a message can be.
        found: gets the TypedDicts that it names.

    Raises:
        TypeError: if there is no word for it.
    """
    origin, of = typing.get_origin(hint), typing.get_args(hint)
    if origin in UNIONS:
        return " | ".join(dict.fromkeys(type_of(one, found) for one in of))
    if origin is Literal:
        return " | ".join(json.dumps(value) for value in of)
    if origin is tuple and of[1:] != (...,):
        return f"[{', '.join(type_of(one, found) for one in of)}]"
    if origin in {list, tuple, Sequence}:
        one = type_of(of[0], found)
        return f"({one})[]" if typing.get_origin(of[0]) in UNIONS else f"{one}[]"
    if origin in {dict, Mapping}:
        return f"Record<string, {type_of(of[1], found)}>"
    if origin is np.ndarray:
        return "Float32Array"
    if typing.is_typeddict(hint):
        found.append(hint)
        return str(hint.__name__)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return " | ".join(json.dumps(value.value) for value in hint)
    if hint in PLAIN:
        return PLAIN[hint]
    raise TypeError(f"{hint!r} must be what JSON has, or an array")


if __name__ == "__main__":
    main()
