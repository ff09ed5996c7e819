"""A list as people write it down, as rows of fields: of a table, JSON, bullets or plain lines."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from core.text.forms import json_of

MAX_ROWS = 200_000  # that are read; the rest is cut off
MAX_FIELD = 1 << 26  # characters; a mark that is not closed makes a field of all the rest
LOOKED_AT = 2_000  # rows that tell what a list is
NEARLY_ALL = 0.9  # of the lines have what makes them a table, bullets and so on
FEW = 10  # rows of many fields, which are no table but names between commas

_DELIMITERS = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
# What columns are often called: a first row that has one of these is a header.
NAMED = {
    *("name", "names", "word", "words", "title", "label", "firstname", "first_name", "given_name"),
    *(
        "vorname",
        "prénom",
        "prenom",
        "nombre",
        "nome",
        "naam",
        "namn",
        "imię",
        "имя",
        "名前",
        "姓名",
    ),
}
COUNTED = {"count", "counts", "n", "number", "total", "freq", "frequency", "births", "anzahl"}
_HEADS = (
    NAMED
    | COUNTED
    | {
        "first",
        "last",
        "surname",
        "city",
        "country",
        "state",
        "id",
        "rank",
        "year",
        "sex",
        "gender",
        "geschlecht",
        "jahr",
        "sexe",
    }
)

Rows = list[list[str]]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What a list was written down as.

    Attributes:
        said: what it is, such as 'a table of 3 columns divided by commas'.
        rows: fields of each; of a plain list one.
        header: what its columns are called; empty where it doesn't say.
        n_rows: all that there are, of which `rows` are the first.
        left_out: lines that are no rows, each kind with how many there are.
    """

    said: str
    rows: Rows
    header: tuple[str, ...] = ()
    n_rows: int
    left_out: tuple[tuple[int, str], ...] = ()


@dataclass
class _Lines:
    """Lines to be recognised: without blank ones, and without comments."""

    some: list[str]  # the first `MAX_ROWS`
    n: int  # of all
    left_out: list[tuple[int, str]]

    def match(self, pattern: re.Pattern[str]) -> list[re.Match[str]] | None:
        """What matches in each line, if nearly all match among the first ones."""
        tried = [pattern.fullmatch(line) for line in islice(self.some, LOOKED_AT)]
        if not tried or sum(map(bool, tried)) < NEARLY_ALL * len(tried):
            return None
        return [found for found in map(pattern.fullmatch, self.some) if found]


def rows_of(text: str) -> Listing:
    r"""Recognise how a list is written down; one name a line where it's nothing else.

    >>> rows_of("- Mary\n- Anna").rows
    [['Mary'], ['Anna']]
    >>> table = rows_of("name;n\nZoë;320\nIda;590")
    >>> table.said, table.header, table.rows[0]
    ('a table of 2 columns divided by semicolons, with a header', ('name', 'n'), ['Zoë', '320'])

    Args:
        text: of a file, or pasted.
    """
    if (listing := _json(text)) is not None:
        return listing
    lines = _lines(text)
    for recognise in _RECOGNISERS if lines.some else ():
        if (listing := recognise(lines)) is not None:
            return listing
    return _plain(lines)


def whole_lines(text: str) -> Listing:
    r"""Each line as it is, whatever is in it.

    >>> whole_lines("Cole, Nat\nFox, Bo").rows
    [['Cole, Nat'], ['Fox, Bo']]
    """
    return _plain(_lines(text))


def _lines(text: str) -> _Lines:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    every = text.removesuffix("\n").split("\n", MAX_ROWS)
    n_more = every.pop().count("\n") + 1 if len(every) > MAX_ROWS else 0
    filled = [line for line in every if line and not line.isspace()]
    left_out = [(len(every) - len(filled) if text else 0, "blank line{s}")]
    comments = [line for line in filled if line[0] == "#"]
    if comments and 2 * len(comments) <= len(filled):
        left_out.append((len(comments), "comment{s}"))
        filled = [line for line in filled if line[0] != "#"]
    return _Lines(filled, len(filled) + n_more, left_out)


def _listing(
    lines: _Lines, said: str, rows: Rows, *, n: int | None = None, header: Sequence[str] = ()
) -> Listing:
    n_other = len(lines.some) - len(rows) - bool(header) if n is None else 0
    left_out = [*lines.left_out, (bool(header), "header{s}"), (n_other, "other line{s}")]
    return Listing(
        said=said + (", with a header" if len(header) > 1 else ""),
        rows=rows,
        header=tuple(header),
        n_rows=(lines.n if n is None else n) - n_other - bool(header),
        left_out=tuple((count, kind) for count, kind in left_out if count),
    )


def _json(text: str) -> Listing | None:
    r"""`["Mary", "Anna"]`, `[{"name": "Mary"}]`, `{"Mary": 7065}`, or an object in each line."""
    front = text.lstrip()[:1]
    if front not in {"[", "{"}:
        return None
    values, is_of_lines = json_of(text)
    if values is None:
        return None
    said = "JSON in each line" if is_of_lines else "a list in JSON"
    if isinstance(values, dict):  # a list inside of it, or names and what is said of each
        inside = next((value for value in values.values() if isinstance(value, list)), None)
        values = inside if inside is not None else list(map(list, values.items()))
    header: dict[str, None] = {}
    if any(isinstance(value, dict) for value in values):
        for value in values[:LOOKED_AT]:
            header |= dict.fromkeys(value if isinstance(value, dict) else ())
        values = [[value.get(key) for key in header] for value in values if isinstance(value, dict)]
    rows = [
        [_written(field) for field in (value if isinstance(value, list) else [value])]
        for value in values[:MAX_ROWS]
    ]
    return Listing(said=said, rows=rows, header=tuple(header), n_rows=len(values))


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return str(value)
    return "" if value is None else json.dumps(value, ensure_ascii=False)


_ITEM = re.compile(r"""\s*(["'])(.*)\1\s*,?\s*""")
_BULLET = re.compile(r"\s*[-*+•·–—]\s+(.*)")  # - Mary
_NUMBERED = re.compile(r"\s*\(?\d+[.)]\s+(.*)")  # 1. Mary, 1) Mary, (1) Mary
_COUNTED = re.compile(r"\s*(\d+)[ \t](\S.*)")


def _items(lines: _Lines) -> Listing | None:
    """`"Mary",` as in a program's list."""
    found = lines.match(_ITEM)
    if found is None or not any(line.rstrip().endswith(",") for line in lines.some):
        return None
    return _listing(lines, "names in quotation marks", [[each[2]] for each in found])


def _marked(pattern: re.Pattern[str], said: str, lines: _Lines) -> Listing | None:
    """Names behind a mark of each line's own."""
    found = lines.match(pattern)
    return None if found is None else _listing(lines, said, [[each[1]] for each in found])


def _counted(lines: _Lines) -> Listing | None:
    """`   7000 Mary`, as `uniq -c` writes it."""
    found = lines.match(_COUNTED)
    if found is None or any(each[2].isdecimal() for each in found[:LOOKED_AT]):
        return None
    rows = [[each[1], each[2]] for each in found]
    listing = _listing(lines, "counts and names, as uniq -c writes them", rows)
    return replace(listing, header=("count", "name"))  # of our own: no line is one


def _table(lines: _Lines) -> Listing | None:
    """`Mary,F,7065`, with a header or without; also between semicolons, tabs and bars."""
    some = lines.some[:LOOKED_AT]
    for delimiter, called in _DELIMITERS.items():
        if sum(delimiter in line for line in some) < NEARLY_ALL * len(some):
            continue
        usual, n_usual = Counter(map(len, _cut(some, delimiter))).most_common(1)[0]
        if usual < 2 or n_usual < NEARLY_ALL * len(some) or n_usual < min(3, len(some)):
            continue
        if len(some) < FEW and usual >= len(some) and usual > 4:
            continue  # names between commas
        every = _cut(lines.some, delimiter)
        header = _header(every)
        rows = [row for row in every[bool(header) :] if len(row) == usual]
        if delimiter == "|":
            rows = [row for row in rows if _has_text(row)]
        said = f"a table of {usual} columns divided by {called}"
        return _listing(lines, said, rows, header=header)
    return None


def _between_commas(lines: _Lines) -> Listing | None:
    """`Mary, Anna, Emma` in one line, or in lines of any length."""
    for delimiter in (",", ";", "\t", "|"):
        n_with = sum(delimiter in line for line in lines.some[:LOOKED_AT])
        n_fields = sum(line.count(delimiter) for line in lines.some[:LOOKED_AT])
        n_lines = min(len(lines.some), LOOKED_AT)
        # The last line may have no comma.
        if n_with < max(1, min(NEARLY_ALL * n_lines, n_lines - 1)) or n_fields < 2 * n_lines:
            continue
        names = [[name.strip()] for row in _cut(lines.some, delimiter) for name in row]
        names = [name for name in names if name[0]]
        said = f"names between {_DELIMITERS[delimiter]}"
        return _listing(lines, said, names[:MAX_ROWS], n=len(names))
    return None


# The first that knows a list takes it.
_RECOGNISERS: tuple[Callable[[_Lines], Listing | None], ...] = (
    _items,
    partial(_marked, _BULLET, "a list with bullets"),
    partial(_marked, _NUMBERED, "a numbered list"),
    _table,
    _counted,
    _between_commas,
)


def _plain(lines: _Lines) -> Listing:
    """One name a line, without the quotation marks that a table of one column has around some."""
    rows = [
        [line[1:-1].replace('""', '"')] if line[0] == '"' and _QUOTED.fullmatch(line) else [line]
        for line in lines.some
    ]
    is_head = len(rows) > 1 and rows[0][0].strip().lower() in _HEADS
    header = rows.pop(0) if is_head else []
    return _listing(lines, "one name a line", rows, header=header)


def _cut(lines: Sequence[str], delimiter: str) -> Rows:
    """Each line's fields; a quotation mark that isn't closed in its line is one like any other."""
    if not any('"' in line for line in lines):
        return [line.split(delimiter) for line in lines]
    rows = _read_by_csv(lines, delimiter)
    if len(rows) == len(lines):
        return rows
    rows = []
    for line in lines:  # some mark isn't closed, and took the next lines with it
        (row, *more) = _read_by_csv([line], delimiter)
        is_closed = line.count('"') % 2 == 0 and not more
        rows.append(row if is_closed else line.split(delimiter))
    return rows


def _read_by_csv(lines: Sequence[str], delimiter: str) -> Rows:
    csv.field_size_limit(MAX_FIELD)
    return list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))


def _has_text(row: list[str]) -> bool:
    """Whether a row isn't the line below a Markdown table's header."""
    return any(field.strip(" -:") for field in row)


def _header(rows: Rows) -> list[str]:
    """The first row, if it has a word above numbers, or what columns are often called."""
    first, *others = rows[:LOOKED_AT]
    if not others:
        return []
    is_named = any(field.strip().lower() in _HEADS for field in first)
    is_index = not first[0].strip() and all(field.strip() for field in first[1:])
    above = any(
        not is_number(field)
        and bool(field.strip())
        and sum(is_number(row[place]) for row in others if len(row) > place)
        >= NEARLY_ALL * len(others)
        for place, field in enumerate(first)
    )
    return [field.strip() for field in first] if is_named or is_index or above else []


def is_number(field: str) -> bool:
    """Whether a field is a whole number, also with marks between thousands.

    >>> [is_number(field) for field in ("7065", "7,065", " 12 ", "1.5", "")]
    [True, True, True, False, False]
    """
    return number(field) is not None


_WHOLE = re.compile(r"\d+|\d{1,3}(?:[,.'\u00a0\u202f ]\d{3})+")


def number(field: str) -> int | None:
    """The whole number in a field; None where there is none."""
    field = field.strip()
    if field.isascii() and field.isdigit():  # nearly always
        return int(field[:18])
    return int(re.sub(r"\D", "", field)[:18]) if _WHOLE.fullmatch(field) else None
