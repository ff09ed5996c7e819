"""A run as one row: all that a table of runs shows of it, sorts and filters by."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin

from core.config import RUN_SETTINGS, RunConfig
from core.runs.codec.corpora import reference_of
from core.runs.codec.values import plain, types_of
from core.runs.record import RunFigures, RunRecord, State

LATEST = 9_000_000_000.0  # seconds since 1970: the year 2255, as far as tables write dates
_SETTINGS = frozenset(known.key for known in RUN_SETTINGS)
# What a record has under the same name.
_ALIKE = (
    *types_of(RunFigures),
    "number",
    "unit",
    "steps",
    "n_parameters",
    "training_loss",
    "validation_loss",
    "new_validation_loss",
    "all_loss",
    "mixed_loss",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun(RunFigures):
    """A row of the store: a run without its curve and weights; the losses in nats per token.

    The columns of the database follow from these fields.

    Attributes:
        data: name of what it learned from.
        corpus: how that is found again.
        settings: one value each, as in a link.
        started_at, ended_at, saved_at: seconds since 1970, UTC.
        writer: the process that wrote it last.
        has_state: whether it can be gone on with.
        n_bytes: of its curve, weights and what else is saved of it.
        search: that it is a part of; empty for others.
        share: what opens it to whoever has it; None where nobody may.
    """

    number: int
    data: str
    corpus: str
    unit: str
    settings: Mapping[str, Any]
    steps: int
    n_parameters: int
    training_loss: float | None
    validation_loss: float | None
    new_validation_loss: float | None
    all_loss: float | None
    mixed_loss: float | None
    started_at: float
    ended_at: float | None
    saved_at: float
    writer: str
    has_state: bool
    n_bytes: int
    note: str
    tags: tuple[str, ...]
    is_starred: bool
    search: str
    share: str | None

    @property
    def title(self) -> str:
        """The name that the visitor gave it, or its number."""
        return self.name or f"Run {self.number}"

    def value(self, column: str) -> Any:
        """A result or a setting by its name; None where it has none."""
        return self.settings.get(column) if is_setting(column) else getattr(self, column)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SavedRun(RunFigures):
    """An earlier run as a list shows it; curve and weights are read once somebody asks for them.

    Attributes:
        data: name of what it learned from.
        reference: by which the store finds that again.
        load: reads all of the run; raises `StoreError` where that can't be done. The other
            attributes are those of a `RunRecord`.
    """

    run_id: int
    config: RunConfig
    data: str
    unit: str
    reference: str
    training_loss: float | None
    validation_loss: float | None
    all_loss: float | None
    load: Callable[[], RunRecord]

    @classmethod
    def of(
        cls, row: StoredRun, state: State, config: RunConfig, load: Callable[[], RunRecord]
    ) -> SavedRun:
        """A row with its config, and what reads the rest of the run."""
        own: dict[str, Any] = {"state": state, "config": config, "load": load}
        own |= {"run_id": row.number, "reference": row.corpus}
        for each in fields(cls):
            if each.name not in own:
                own[each.name] = getattr(row, each.name)
        return cls(**own)

    @property
    def title(self) -> str:
        """The name that the visitor gave the run, or its number."""
        return self.name or f"Run {self.run_id}"


ListedRun = RunRecord | SavedRun


def is_setting(column: str) -> bool:
    """Whether a column is one of a run's settings.

    >>> is_setting("n_hidden"), is_setting("validation_loss")
    (True, False)
    """
    return column in _SETTINGS


def row_of(record: RunRecord, *, has_state: bool) -> dict[str, Any]:
    """A run's own part of its row; who it belongs to and what is said of it come beside."""
    is_lost = record.state is State.STOPPED and record.divergence is not None
    return {name: plain(getattr(record, name)) for name in _ALIKE} | {
        "state": State.DIVERGED.value if is_lost else record.state.value,
        "data": record.data[:200],
        "corpus": reference_of(record.corpus),
        "settings": record.config.to_settings(),
        "started_at": record.started_at.timestamp(),
        "ended_at": record.ended_at.timestamp() if record.ended_at else None,
        "has_state": has_state,
    }


def is_valid(row: Mapping[str, Any]) -> bool:
    """Whether every column has a value that it can have; SQLite takes any in each."""
    return all(is_fit(row[name]) for name, is_fit in _checks().items() if name in row)


@cache
def _checks() -> dict[str, Callable[[Any], bool]]:
    return {name: _check(kind, name) for name, kind in types_of(StoredRun).items()}


def _check(kind: Any, name: str) -> Callable[[Any], bool]:
    """What the values of a column are held to."""
    outer, inner = get_origin(kind), get_args(kind)
    if outer is UnionType:
        is_fit = _check(inner[0], name)
        return lambda value: value is None or is_fit(value)
    if outer is Mapping:
        return lambda value: isinstance(value, dict)
    if kind is bool:
        return lambda value: isinstance(value, bool)
    if kind is float:
        low, high = (0.0, LATEST) if name.endswith("_at") else (-math.inf, math.inf)
        return lambda value: (
            isinstance(value, int | float) and low <= value <= high and math.isfinite(value)
        )
    if kind is int:
        return lambda value: type(value) is int and 0 <= value < 1 << 62
    choices = inner if outer is not tuple else ()
    if isinstance(kind, type) and issubclass(kind, Enum):
        choices = tuple(each.value for each in kind)
    return lambda value: isinstance(value, str) and (not choices or value in choices)
