"""Lists of names: the one that is built in, and what an upload may hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.errors import DatasetError
from core.text.corpus import Corpus
from core.text.vocabulary import BOUNDARY

NAMES_FILE = Path(__file__).parents[2] / "data" / "names.txt"

MAX_BYTES = 1_000_000
MAX_WORD_LENGTH = 64
MAX_CHARACTERS = 200
MIN_WORDS = 10
_AGAIN = "Get the project's files again."


@dataclass(frozen=True)
class NamesFile:
    """What an uploaded file held: the names to use, and what was left out of it."""

    words: list[str]
    n_blank_lines: int
    n_trimmed: int  # lines whose surrounding spaces were dropped


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
    r"""Read an uploaded list, one name a line in UTF-8.

    >>> parse_names(b"ann\nbea")
    Traceback (most recent call last):
    core.errors.DatasetError: The file holds 2 names; at least 10 are needed. Add some more.

    Raises:
        DatasetError: if the list cannot be used; the text says why, and in which line.
    """
    return read_names(data).words


def read_names(data: bytes) -> NamesFile:
    """Read an uploaded list and say what was dropped.

    Characters are composed (NFC), so that an accented letter is one character.

    Raises:
        DatasetError: if the list cannot be used; the text says why, and in which line.
    """
    if len(data) > MAX_BYTES:
        raise DatasetError(
            f"The file has {len(data):,} bytes; at most {MAX_BYTES:,} are read. Shorten the list."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad_line = len(re.split(rb"\r\n|\n|\r", data[: error.start]))
        raise DatasetError(
            f"Line {bad_line} is not UTF-8 text. Save the list as plain text in UTF-8, "
            "one name per line, and upload it again."
        ) from None
    lines = re.split(r"\r\n|\n|\r", unicodedata.normalize("NFC", text))
    if lines[-1] == "":
        lines.pop()
    words: list[str] = []
    n_trimmed = 0
    for line_number, line in enumerate(lines, start=1):
        word = line.strip(" \u00a0\u3000")
        n_trimmed += bool(word) and word != line
        if word:
            _check_word(word, line_number)
            words.append(word)
    _check_words(words)
    return NamesFile(words=words, n_blank_lines=len(lines) - len(words), n_trimmed=n_trimmed)


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


def _check_word(word: str, line: int) -> None:
    if len(word) > MAX_WORD_LENGTH:
        raise DatasetError(
            f"Line {line} has {len(word)} characters; a name may have {MAX_WORD_LENGTH}. "
            "Put one name on each line."
        )
    if BOUNDARY in word:
        raise DatasetError(
            f"Line {line}, {word!r}, holds a '{BOUNDARY}'. It marks the start and end of every "
            "name here, so it can’t be inside one: take it out."
        )
    for character in word:
        if unicodedata.category(character) in {"Cc", "Zl", "Zp"}:
            raise DatasetError(
                f"Line {line} holds the control character U+{ord(character):04X}. "
                "Save the list as plain text, one name per line."
            )


def _check_words(words: Sequence[str]) -> None:
    if not words:
        raise DatasetError("The file holds no names. Put one name on each line.")
    if len(words) < MIN_WORDS:
        raise DatasetError(
            f"The file holds {len(words)} names; at least {MIN_WORDS} are needed. Add some more."
        )
    characters = set("".join(words))
    if len(characters) < 2:
        raise DatasetError(
            f"All names are made of the one character {words[0][0]!r}: there is nothing to learn."
        )
    if len(characters) > MAX_CHARACTERS:
        raise DatasetError(
            f"The names use {len(characters)} different characters; at most {MAX_CHARACTERS} are "
            "possible. Take out the names with rare characters."
        )
