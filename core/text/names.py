"""Lists of names: the one that is built in, and what an upload may hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress
from pathlib import Path
from typing import Any

from core.errors import DatasetError, shortened, shown
from core.text.columns import column as column_of
from core.text.columns import count_columns, likely_column
from core.text.corpus import Corpus
from core.text.decoding import Decoded, decode
from core.text.rows import (
    LOOKED_AT,
    MAX_ROWS,
    NEARLY_ALL,
    Listing,
    Rows,
    number,
    rows_of,
    whole_lines,
)

NAMES_FILE = Path(__file__).parents[2] / "data" / "names.txt"

MAX_BYTES = 20_000_000  # a table of a million rows has about 15 million
MAX_WORD_LENGTH = 64
MIN_WORDS = 10
MOST_COUNTED = 10**12  # of all names together; far below what a float64 adds up exactly
MOST_NAME_WORDS = 4
FIRST_ROWS = 6  # that a preview shows
LOOKED_AT_CHARACTERS = 100_000  # that tell running text from a list
_SPACES = " \t\u00a0\u3000"
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
# Why a name can't be learned, of one and of several.
_WRONG = {
    "long": tuple(f"{verb} longer than {MAX_WORD_LENGTH} characters" for verb in ("is", "are")),
    "control": tuple(f"{verb} a control character" for verb in ("holds", "hold")),
}
_STOPS = tuple('.!?…:;”"’。！？।')
_INNER_STOP = re.compile("[。！？।].")
_AGAIN = "Get the project's files again."


@dataclass(frozen=True)
class NamesFile:
    """What a file or a paste held: the names to use, how they were found, and what isn't used.

    Attributes:
        words: the names that can be learned, in their order.
        counts: how often each was counted, where the list says so; else empty.
        said: what the list was recognised as.
        decoded: how its bytes were read.
        left_out: what is no name: how many, and what, such as 'blank line{s}'.
        problems: what can't be learned: how many names, why ('long' or 'control'), and the first.
        header: what the columns are called; 'column 1' and so on where the list doesn't say.
        column: that names are from; None for whole lines.
        count_columns: those of whole numbers, the likeliest counts first.
        count_column: that `counts` are from.
        first_rows: of the table.
        is_running_text: whether it looks like sentences, and not like a list.
    """

    words: list[str]
    counts: list[int]
    said: str
    decoded: Decoded
    left_out: tuple[tuple[int, str], ...]
    problems: tuple[tuple[int, str, str], ...]
    header: tuple[str, ...]
    column: int | None
    count_columns: tuple[int, ...]
    count_column: int | None
    first_rows: Rows
    is_running_text: bool

    @property
    def n_blank_lines(self) -> int:
        """Lines without a character."""
        return sum(count for count, kind in self.left_out if kind == "blank line{s}")

    @property
    def is_table(self) -> bool:
        """Whether there is a column to choose."""
        return len(self.header) > 1

    @property
    def complaint(self) -> str:
        """Why the list can't be used as it is; empty where it can."""
        n = len(self.words) + sum(count for count, *_ in self.problems)
        return " ".join(
            f"{count:,} of {n:,} names {_WRONG[why][count != 1]}: {shown(first)}."
            for count, why, first in self.problems
        )

    def corpus(self, name: str) -> Corpus:
        """What is learned from it: its names, each as often as it was counted where counts are."""
        return Corpus.of_words(name, self.words, self.counts)

    def describe(self) -> str:
        """What was recognised and what was left out, in words."""
        parts = [self.said]
        if self.is_table and self.column is not None:
            parts.append(f"names from {self._called(self.column)}")
        if self.count_column is not None:
            parts.append(f"counts from {self._called(self.count_column)}")
        said = "; ".join(parts)
        sentences = [f"{said[0].upper()}{said[1:]}."]
        if self.left_out:
            out = [f"{n:,} {kind.format(s='' if n == 1 else 's')}" for n, kind in self.left_out]
            sentences.append(f"Left out: {', '.join(out)}.")
        return " ".join(filter(None, [*sentences, self.decoded.said]))

    def _called(self, column: int) -> str:
        name = self.header[column]
        return f"the column ‘{shortened(name)}’" if name != f"column {column + 1}" else name


def load_names() -> list[str]:
    """The embedded list of 32,033 names, in the order of the tutorial's list.

    >>> load_names()[:5]
    ['emma', 'olivia', 'ava', 'isabella', 'sophia']
    """
    return list(_embedded_names())


def is_embedded(corpus: Corpus) -> bool:
    """Whether these are the tutorial's names."""
    return corpus is embedded_corpus()


@cache
def embedded_corpus() -> Corpus:
    """The embedded names as one corpus, shared by all sessions."""
    return Corpus.of_words("U.S. baby names of 2018", _embedded_names())


def parse_names(data: bytes) -> list[str]:
    r"""The names of an uploaded list, whatever it's written down as.

    >>> parse_names(b"ann\nbea")
    Traceback (most recent call last):
    core.errors.DatasetError: The list holds 2 names; at least 10 are needed. Add some more.

    Raises:
        DatasetError: if the list can't be used, or not all of its names; the text says why.
    """
    file = read_names(data)
    if file.complaint:
        raise DatasetError(file.complaint)
    return file.words


def read_names(
    data: bytes | str,
    *,
    encoding: str = "",
    column: int | str | None = None,
    counts: int | str | None = None,
) -> NamesFile:
    r"""Read a list that someone brought, say what it was recognised as and what isn't used of it.

    Characters are composed (NFC), so that an accented letter is one character.

    >>> file = read_names("Name,Gender,Count\n" + "Mary,F,7065\nAnna,F,2604\n" * 5)
    >>> file.words[:2], file.said, file.header[file.column]
    (['Mary', 'Anna'], 'a table of 3 columns divided by commas, with a header', 'Name')

    Args:
        data: bytes of a file, or a text that was pasted.
        encoding: of the bytes, chosen among the guess's `others`.
        column: of a table, to take names from: its number from 0, what it's called, or -1 for
            whole lines; the likeliest where none is given.
        counts: the column that says how often each was counted; none where none is given.

    Raises:
        DatasetError: if the list can't be used; the text says why, and what to do.
    """
    if len(data) > MAX_BYTES:
        raise DatasetError(
            f"The list has {len(data):,} bytes; at most {MAX_BYTES:,} are read. Shorten it."
        )
    decoded = decode(data, encoding) if isinstance(data, bytes) else Decoded(text=data)
    text = unicodedata.normalize("NFC", decoded.text)
    listing = whole_lines(text) if column == -1 else rows_of(text)
    header = listing.header or tuple(
        f"column {n + 1}" for n in range(max(map(len, listing.rows), default=0))
    )
    some = listing.rows[:LOOKED_AT]
    numbers = count_columns(some, header)
    place = 0 if len(header) < 2 else _place(column, header)
    if place is None:
        place = likely_column(some, header)
    weights = _place(counts, header)
    if weights is not None and all(number(field) is None for field in column_of(some, weights)):
        raise DatasetError(f"The column ‘{shortened(header[weights])}’ holds no whole numbers.")
    found = _checked(listing, place, weights)
    return NamesFile(
        said=listing.said,
        decoded=decoded,
        header=header,
        column=None if column == -1 else place,
        count_columns=tuple(number for number in numbers if number != place),
        count_column=weights,
        first_rows=listing.rows[:FIRST_ROWS],
        is_running_text=(len(header) < 2 or not listing.header) and looks_like_text(text),
        **found,
    )


def looks_like_text(text: str) -> bool:
    r"""Whether most of the first lines are sentences, or too long to be names.

    >>> looks_like_text("The cat sat on the mat.\nIt slept all day long.")
    True
    >>> looks_like_text("St. Albert\nBonn")
    False
    """
    lines = [line for line in text[:LOOKED_AT_CHARACTERS].splitlines() if line.strip()]
    return 2 * sum(map(_is_prose, lines)) > len(lines) or sum(" --> " in line for line in lines) > 3


def looks_like_list(text: str) -> bool:
    r"""Whether it begins as a list of names: nearly all entries are short, and few are sentences.

    >>> looks_like_list("Mary\nAnna\nSt. Albert\n" * 4), looks_like_list("Tea, please.\nNo!\n" * 9)
    (True, False)
    """
    beginning = text[:LOOKED_AT_CHARACTERS]
    if len(beginning) < len(text):
        beginning = beginning[: beginning.rfind("\n") + 1]
    try:
        file = read_names(beginning)
    except DatasetError:
        return False
    names = file.words
    short = sum(len(name.split()) <= MOST_NAME_WORDS and not _is_said(name) for name in names)
    return not file.is_running_text and short >= NEARLY_ALL * len(names)


def _is_said(name: str) -> bool:
    return name.endswith(_STOPS) and (" " in name or not name.endswith("."))


def _is_prose(line: str) -> bool:
    n_words, n_commas = len(line.split()), line.count(",")
    is_long = len(line) > MAX_WORD_LENGTH and n_words > 4 * (1 + n_commas)
    ends = n_words > 4 and line.rstrip().endswith(_STOPS)
    return is_long or ends or bool(_INNER_STOP.search(line))


def _place(column: int | str | None, header: tuple[str, ...]) -> int | None:
    """The number of a column that somebody named.

    Raises:
        DatasetError: if there is none of that name.
    """
    if column is None or column == -1:
        return None
    if isinstance(column, str):
        if column in header:
            return header.index(column)
        column = int(column) - 1 if column.isdecimal() else -1
    if not 0 <= column < len(header):
        raise DatasetError(f"There is no such column. The list has {', '.join(header)}.")
    return column


def _checked(listing: Listing, place: int, weights: int | None) -> dict[str, Any]:
    """Names and counts that can be learned, and how many of each kind can't."""
    fields = [row[place] if place < len(row) else "" for row in listing.rows]
    names = [field.strip(_SPACES) for field in fields]
    kept = [name for name in names if name]
    left_out = [*listing.left_out, (len(names) - len(kept), "row{s} without a name")]
    left_out.append((listing.n_rows - len(listing.rows), f"row{{s}} after the first {MAX_ROWS:,}"))
    counts = []
    if weights is not None:
        counts = [
            number(row[weights]) or 0 for row, name in zip(listing.rows, names, strict=True) if name
        ]
    wrong: dict[str, list[str]] = {}
    # Looking at all names at once takes a tenth of the time, and nearly always nothing is found.
    everything = "\n".join(kept)
    if max(map(len, kept), default=0) > MAX_WORD_LENGTH or _CONTROL.search(everything):
        is_right = []
        for name in kept:
            why = _complaint(name)
            is_right.append(not why)
            if why:
                wrong.setdefault(why, []).append(name)
        kept = list(compress(kept, is_right))
        counts = list(compress(counts, is_right))
    if weights is not None and not all(counts):
        left_out.append((sum(not count for count in counts), "row{s} counted 0 times"))
        kept, counts = list(compress(kept, counts)), [count for count in counts if count]
    if sum(counts) > MOST_COUNTED:
        raise DatasetError(
            f"The counts add up to {sum(counts):,}; at most {MOST_COUNTED:,} can be learned from. "
            "Are they counts?"
        )
    _check_words(kept, sum(map(len, wrong.values())))
    return {
        "words": kept,
        "counts": counts,
        "left_out": tuple((n, kind) for n, kind in left_out if n),
        "problems": tuple((len(names), why, names[0]) for why, names in wrong.items()),
    }


def _complaint(name: str) -> str:
    if len(name) > MAX_WORD_LENGTH:
        return "long"
    return "control" if _CONTROL.search(name) else ""


@cache
def _embedded_names() -> tuple[str, ...]:
    try:
        words = tuple(NAMES_FILE.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        reason = "isn't UTF-8 text" if isinstance(error, UnicodeDecodeError) else "can't be read"
        raise DatasetError(
            f"The embedded names, {NAMES_FILE}: the file {reason}. {_AGAIN}"
        ) from None
    if len(words) < MIN_WORDS:
        raise DatasetError(f"The embedded names, {NAMES_FILE}: it holds none. {_AGAIN}")
    return words


def _check_words(words: Sequence[str], n_wrong: int) -> None:
    if not words and not n_wrong:
        raise DatasetError("The list holds no names. Put one name on each line.")
    if len(words) < MIN_WORDS:
        rest = f", and {n_wrong:,} that can’t be learned" if n_wrong else ""
        raise DatasetError(
            f"The list holds {len(words)} names{rest}; at least {MIN_WORDS} are needed. "
            "Add some more."
        )
    if len(set("".join(words))) < 2:
        raise DatasetError(
            f"All names are made of the one character {words[0][0]!r}: there is nothing to learn."
        )
