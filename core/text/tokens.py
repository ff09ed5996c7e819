"""Running text cut into words and punctuation marks."""

from __future__ import annotations

import re
from collections.abc import Container

# A number with its inner points and commas; a word with its inner apostrophes and hyphens;
# dashes and dots in a row; any other sign by itself.
_TOKEN = re.compile(
    r"\d+(?:[.,:/]\d+)*(?:[^\W\d_]+)?"
    r"|[^\W_](?:[^\W_]|[\u0300-\u036f])*(?:['’-][^\W_](?:[^\W_]|[\u0300-\u036f])*)*"
    r"|--+|\.\.+|``|''|_+|[^\s]"
)


def cut_tokens(text: str) -> list[str]:
    """Words as they are written, and every punctuation mark by itself.

    >>> cut_tokens("I don't know, he said: it's 3.14 (or 1,000)…")
    ['I', "don't", 'know', ',', 'he', 'said', ':', "it's", '3.14', '(', 'or', '1,000', ')', '…']
    """
    return _TOKEN.findall(text)


def cut_known_tokens(text: str, known: Container[str]) -> list[str]:
    """The same, but what is known as one token stays one: 'Mr.' where texts were cut otherwise.

    >>> cut_known_tokens("Mr. Brown left.", {"Mr.", "Brown", "left", "."})
    ['Mr.', 'Brown', 'left', '.']
    """
    found: list[str] = []
    for piece in text.split():
        if piece in known:
            found.append(piece)
        else:
            found.extend(_joined(cut_tokens(piece), known))
    return found


def _joined(tokens: list[str], known: Container[str]) -> list[str]:
    """Neighbours that are one known token together, the longest first."""
    joined: list[str] = []
    start = 0
    while start < len(tokens):
        longest = min(len(tokens), start + _MOST_JOINED)
        end = next(
            (end for end in range(longest, start, -1) if "".join(tokens[start:end]) in known),
            start + 1,
        )
        joined.append("".join(tokens[start:end]))
        start = end
    return joined


_MOST_JOINED = 12  # pieces of one token such as 'a.k.a.'; bounds the work on a very long word
