"""Saved runs as rows: what a table of them asks for, and what it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, func, or_, select

from core.config import RUN_SETTINGS, RunConfig
from core.runs.codec.rows import StoredRun, is_valid
from core.runs.record import State
from core.runs.store.schema import RUNS

# Columns that one may sort and filter by; any setting is another.
RESULTS = (
    "validation_loss",
    "new_validation_loss",
    "training_loss",
    "all_loss",
    "mixed_loss",
    "test_loss",
    "new_test_loss",
    "step",
    "n_parameters",
    "seconds",
)
MOST_TAGS = 400  # characters, commas too
COLUMNS = (*RESULTS, "number", "name", "state", "data", "started_at", "is_starred")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which saved runs, in which order.

    Attributes:
        sort: a column of `COLUMNS` or a setting; runs that have no value come last.
        text: that name, note, tags or data hold, whatever the case.
        where: least and greatest value of results or settings; None for no bound.
        equals: values that results or settings have.
    """

    sort: str = "started_at"
    is_descending: bool = True
    text: str = ""
    data: str = ""
    tag: str = ""
    search: str | None = None
    only_starred: bool = False
    only_finished: bool = False
    where: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    equals: Mapping[str, Any] = field(default_factory=dict)


def conditions(workspace: str, query: Query) -> ColumnElement[bool]:
    """What the rows must satisfy.

    Raises:
        KeyError: if a column is none.
    """
    found: list[ColumnElement[bool]] = [RUNS.c.workspace == workspace]
    if query.text:
        like = f"%{_literal(query.text.lower())}%"
        columns = (RUNS.c.name, RUNS.c.note, RUNS.c.tags, RUNS.c.data, RUNS.c.search)
        named = [func.lower(column).like(like, escape="\\") for column in columns]
        number = cast(RUNS.c.number, String) == query.text.lower().removeprefix("run").strip()
        found.append(or_(*named, and_(RUNS.c.name == "", number)))
    if query.data:
        found.append(RUNS.c.data == query.data)
    if query.tag:
        found.append(RUNS.c.tags.like(f"%,{_literal(query.tag)},%", escape="\\"))
    if query.search is not None:
        found.append(RUNS.c.search == query.search)
    if query.only_starred:
        found.append(RUNS.c.is_starred)
    if query.only_finished:
        found.append(RUNS.c.state == "finished")
    for column, (low, high) in query.where.items():
        if low is not None:
            found.append(expression(column) >= low)
        if high is not None:
            found.append(expression(column) <= high)
    found += [expression(column) == value for column, value in query.equals.items()]
    return and_(*found)


def ordered(statement: Select[Any], query: Query) -> Select[Any]:
    """The rows in their order; equal ones newest first."""
    column = expression(query.sort)
    by = column.desc() if query.is_descending else column.asc()
    if query.sort == "started_at":  # as an index has it
        return statement.order_by(by)
    return statement.order_by(by.nulls_last(), RUNS.c.started_at.desc())


def expression(column: str) -> ColumnElement[Any]:
    """A result or a setting by its name, as a database sorts it.

    Raises:
        KeyError: if there is none such.
    """
    if column in COLUMNS:
        return RUNS.c[column]
    default = _setting_defaults()[column]
    element: Any = RUNS.c.settings[column]
    found: ColumnElement[Any]
    if isinstance(default, bool):
        found = element.as_boolean()
    elif isinstance(default, int | float):
        found = element.as_float()
    else:
        found = element.as_string()
    return found


def best_of_each() -> Select[Any]:
    """The finished run of each data set with the lowest validation loss.

    Of runs that learned from the training part alone: others have seen what they are asked.
    """
    place = func.row_number().over(
        partition_by=(RUNS.c.corpus, RUNS.c.data), order_by=RUNS.c.validation_loss
    )
    learned_from = RUNS.c.settings["train_on"].as_string()
    return select(RUNS.c.key, place.label("place")).where(
        RUNS.c.state == "finished",
        RUNS.c.validation_loss.is_not(None),
        learned_from == "train",
    )


def stored(row: Row[Any]) -> StoredRun | None:
    """A row as it is read; None where it is damaged."""
    values = dict(row._mapping)
    if not is_valid(values):
        return None
    del values["workspace"]
    values |= {"tags": split_tags(values["tags"]), "state": State(values["state"])}
    return StoredRun(**values)


def join_tags(tags: tuple[str, ...]) -> str:
    """Tags as a column holds them.

    >>> join_tags(("wide", "late night")), split_tags(",wide,late night,")
    (',wide,late night,', ('wide', 'late night'))
    """
    kept: list[str] = []
    for tag in tags:
        if sum(map(len, kept)) + len(kept) + len(tag) + 3 <= MOST_TAGS:
            kept.append(tag.replace(",", " "))
    return f",{','.join(kept)}," if kept else ""


def split_tags(text: str) -> tuple[str, ...]:
    """What `join_tags` joined."""
    return tuple(filter(None, text.split(",")))


@cache
def _setting_defaults() -> dict[str, Any]:
    values = RunConfig().to_settings()
    return {known.key: values.get(known.key, 0) for known in RUN_SETTINGS}


def _literal(text: str) -> str:
    """Text in which LIKE sees no signs of its own."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
