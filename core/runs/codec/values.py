"""Plain values, as JSON has them, of a run's fields, and back with every check."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from core.settings import ConfigError, Kind, OneOf, Real, Switch, Text, Whole

MOST_ITEMS = 10_000  # evaluations, bins, texts
_KINDS: dict[Any, Kind] = {
    bool: Switch(),
    float: Real(-1e15, 1e15),
    int: Whole(0, 10**12),
    str: Text(),
}


def plain(value: Any) -> Any:
    """A value as JSON has it; what is no finite number becomes None.

    >>> plain((2.5, math.nan, datetime(2003, 2, 1, tzinfo=UTC)))
    [2.5, None, '2003-02-01T00:00:00+00:00']
    """
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        value = [float(str(each)) for each in value]  # the shortest that read back as the same
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Enum):
        return value.value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read(kind: Any, value: Any, name: str) -> Any:
    """What `plain` wrote, of a type that is declared.

    Args:
        kind: a number, a text, a date, an enumeration or a dataclass; one of them or None; a tuple
            or a mapping of them.
        value: as JSON has it.
        name: of the value, for the error.

    Raises:
        ConfigError: if it's no value of that type.

    >>> read(tuple[int, float], [3, 0.5], "change")
    (3, 0.5)
    """
    outer, inner = get_origin(kind), get_args(kind)
    if outer is UnionType:
        return None if value is None else read(inner[0], value, name)
    if outer is Literal:
        OneOf(dict.fromkeys(inner, "")).check(name, value)
        return value
    if outer is tuple:
        return _read_items(inner, value, name)
    if outer is np.ndarray:
        return _read_numbers(value, name)
    if outer is Mapping:
        known = mapping(value, name)
        return {key: read(inner[1], each, f"{name}.{key}") for key, each in known.items()}
    if is_dataclass(kind):
        made: Any = kind  # which is more than that it is a dataclass
        return made(**read_fields(kind, value, f"{name}."))
    if kind is datetime:
        try:
            return datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ConfigError(name, "a date", value) from None
    if issubclass(kind, Enum):
        OneOf({each.value: "" for each in kind}).check(name, value)
    else:
        _KINDS[kind].check(name, value)
        if kind is str and any(0xD800 <= ord(c) < 0xE000 for c in value):
            raise ConfigError(name, "a text without half a surrogate pair", value)
    return kind(value)


def mapping(value: Any, name: str) -> dict[str, Any]:
    """A value that is a mapping of no more than so many things.

    Raises:
        ConfigError: if it's none.
    """
    if not isinstance(value, dict) or len(value) > MOST_ITEMS:
        raise ConfigError(name, "a mapping", value)
    return value


def read_fields(
    kind: Any, value: Any, front: str = "", *, but: Collection[str] = ()
) -> dict[str, Any]:
    """The fields of a dataclass by name; one that isn't there has its default.

    Args:
        kind: the dataclass.
        value: a mapping, as JSON has it.
        front: of their names in an error.
        but: names of fields that are left out.

    Raises:
        ConfigError: if one is no value of its type.
    """
    known, found = mapping(value, front.rstrip(".")), {}
    for each in fields(kind):
        if each.name not in but:
            type_, item = types_of(kind)[each.name], known.get(each.name, _default(each))
            # A result that isn't finite is written as None.
            is_lost = item is None and type_ is float and front
            found[each.name] = math.nan if is_lost else read(type_, item, f"{front}{each.name}")
    return found


@cache
def types_of(kind: type) -> dict[str, Any]:
    """The fields of a dataclass, each with its type."""
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}


def _read_items(kinds: tuple[Any, ...], value: Any, name: str) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise ConfigError(name, f"a list of at most {MOST_ITEMS:,}", value)
    if kinds[-1] is ...:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise ConfigError(name, f"a list of {len(kinds)}", value)
    return tuple(read(kind, each, name) for kind, each in zip(kinds, value, strict=True))


def _read_numbers(value: Any, name: str) -> NDArray[np.float32]:
    found = np.array(_read_items((float, ...), value, name), dtype=np.float32)
    found.flags.writeable = False
    return found


def _default(field: Field[Any]) -> Any:
    return None if field.default is MISSING else plain(field.default)
