"""Which column of a table holds the names, and which how often each was counted."""

from __future__ import annotations

from collections.abc import Sequence

from core.text.rows import COUNTED, NAMED, NEARLY_ALL, Rows, is_number, number

_YEARS = range(1500, 2101)


def likely_column(rows: Rows, header: Sequence[str]) -> int:
    """The column that looks most like names: of letters, many of them different.

    >>> likely_column([["1", "Mary", "F"], ["2", "Anna", "F"], ["3", "Paul", "M"]], ["", "", ""])
    1

    Args:
        rows: the first of the table.
        header: what its columns are called.
    """
    return max(
        range(len(header)), key=lambda place: _likeness(column(rows, place), header[place], place)
    )


def count_columns(rows: Rows, header: Sequence[str]) -> list[int]:
    """The columns of whole numbers that may be counts, the likeliest first.

    A running number is none, and a year is the last resort.

    >>> rows = [["1", "Mary", "1880", "7065"], ["2", "Anna", "1880", "2604"]]
    >>> count_columns(rows, ["id", "name", "year", "count"])
    [3, 2]
    """
    found = []
    for place, called in enumerate(header):
        values = [number(field) for field in column(rows, place)]
        known = [value for value in values if value is not None]
        if not values or len(known) < NEARLY_ALL * len(values) or _is_running(known):
            continue
        is_year = all(value in _YEARS for value in known) and called.lower() not in COUNTED
        found.append((called.lower() not in COUNTED, is_year, -place, place))
    return [place for *_, place in sorted(found)]


def column(rows: Rows, place: int) -> list[str]:
    """The fields of one column, empty where a row has too few."""
    return [row[place].strip() if place < len(row) else "" for row in rows]


def _is_running(values: Sequence[int]) -> bool:
    """Whether these are 0, 1, 2 … or 1, 2, 3 …, as an index or a rank has them."""
    return len(values) > 1 and values == list(range(values[0], values[0] + len(values)))


def _likeness(fields: Sequence[str], called: str, place: int) -> tuple[bool, float, int]:
    """How much a column looks like names: by its name, by letters and different ones, by place."""
    filled = [field for field in fields if field]
    text = "".join(filled)
    if not text or sum(map(is_number, filled)) > len(filled) / 2:
        return False, -1.0, -place
    share = sum(character.isalpha() or character in " -'’." for character in text) / len(text)
    different = set(filled)
    # A code such as M and F, or one word for all.
    variety = len(different) / len(filled) if len(different) > 2 or len(filled) < 3 else 0.0
    is_long = sum(len(field) > 64 for field in filled) > len(filled) / 2
    return called.strip().lower() in NAMED, 0.0 if is_long else share * variety, -place
