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
    """The same for a text that is typed, after the manner of the text whose tokens are known.

    What is known as one token stays one, and quotation marks and apostrophes become the known
    ones: `Mr.` and the marks in two strokes are of the Brown corpus.

    >>> cut_known_tokens('"Mr. Brown left."', {"Mr.", "Brown", "left", ".", "``", "''"})
    ['``', 'Mr.', 'Brown', 'left', '.', "''"]
    """
    found: list[str] = []
    for piece in text.split():
        if piece in known:
            found.append(piece)
        else:
            tokens = _joined(cut_tokens(piece), known)
            words = [place for place, token in enumerate(tokens) if token[0].isalnum()]
            first_word = min(words, default=0)
            found.extend(
                token if token in known else _respelt(token, known, is_opening=place <= first_word)
                for place, token in enumerate(tokens)
            )
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


def _respelt(token: str, known: Container[str], *, is_opening: bool) -> str:
    """An unknown token with other marks, if it is known so."""
    if token in _QUOTES:
        opens = {"“": True, "”": False}.get(token, is_opening)
        spellings = ["``" if opens else "''"]
    else:
        spellings = [token.replace("’", "'"), token.replace("'", "’")]
    return next((spelling for spelling in spellings if spelling in known), token)


_QUOTES = frozenset('"“”')
_MOST_JOINED = 12  # pieces of one token such as 'a.k.a.'; bounds the work on a very long word
