"""What someone brought, read once for as long as it's offered: as a list of names, as a text."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

from core.errors import shortened
from core.text import (
    Corpus,
    NamesFile,
    decode,
    decode_text,
    label,
    looks_like_list,
    read_names,
    read_text,
)
from pages.visit import limits, session

N_DIFFERING = 5  # lines that show what a guessed encoding makes of them

R = TypeVar("R")


def choose_encoding(data: bytes) -> str:
    """Draw what a guess may be instead, and the lines that depend on it; nothing where none was.

    Returns:
        The chosen encoding; '' for the likeliest.

    Raises:
        DatasetError: if it's no plain text.
    """
    likeliest = decoded = _once(data, ("decoded", ""), lambda: decode(data))
    if not likeliest.is_guess:
        return ""
    chosen = st.selectbox(
        "Read as", likeliest.others, format_func=label, key=f"read_as:{hash(data)}"
    )
    encoding = "" if chosen == likeliest.encoding else chosen
    if encoding:
        decoded = _once(data, ("decoded", encoding), lambda: decode(data, encoding))
    st.caption("Lines that depend on how it’s read:")
    lines = map(shortened, decoded.differing(N_DIFFERING))
    st.code("\n".join(lines), language=None, wrap_lines=True)
    return encoding


def is_list(data: bytes, encoding: str) -> bool:
    """Whether it looks like a list of names."""
    return _once(data, ("is_list", encoding), lambda: looks_like_list(decode(data, encoding).text))


def as_names(
    data: bytes, encoding: str, column: int | None = None, counts: int | None = None
) -> NamesFile:
    """A list of names; see `read_names`.

    Raises:
        DatasetError: if it can't be used.
    """
    asked = ("names", encoding, column, counts)
    return _once(
        data, asked, lambda: read_names(data, encoding=encoding, column=column, counts=counts)
    )


def corpus_of(name: str, data: bytes, file: NamesFile) -> Corpus:
    """What is learned from a list that was read from this data.

    Raises:
        DatasetError: if it can't be used here.
    """
    asked = ("corpus", file.decoded.encoding, file.column, file.count_column)
    corpus = _once(data, asked, lambda: file.corpus(name))
    limits.check_words(corpus, session.current())
    return corpus


def as_text(
    name: str,
    data: bytes,
    encoding: str,
    *,
    keep_lines: bool = False,
    without_long: bool = False,
) -> Corpus:
    """A running text; see `read_text`.

    Raises:
        DatasetError: if it can't be used here.
    """

    def read() -> Corpus:
        decoded = decode_text(data, encoding)
        return read_text(name, decoded, keep_lines=keep_lines, without_long=without_long)

    corpus = _once(data, ("text", encoding, keep_lines, without_long), read)
    limits.check_words(corpus, session.current())
    return corpus


def _once(data: bytes, asked: Hashable, read: Callable[[], R]) -> R:
    """What was read of the same data before; that of other data is let go."""
    kept = session.current().offered
    if any(of != data for of, _ in kept):
        kept.clear()
    if (data, asked) not in kept:
        with st.spinner("Reading …"):
            kept[data, asked] = read()
    found: R = kept[data, asked]
    return found
