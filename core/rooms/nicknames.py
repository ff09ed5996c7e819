"""Nicknames, and texts that are starred: one short line, whatever was sent."""

from __future__ import annotations

import unicodedata

LONGEST_NICKNAME = 20  # characters
MOST_MARKS = 2  # on one letter, or a name would grow over its neighbours
# Control and format characters, which turn text around or can't be seen; what has no meaning.
_LEFT_OUT = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def nickname_of(text: object, most: int = LONGEST_NICKNAME) -> str:
    r"""A line of what was sent, of so many characters; empty where nothing can be seen of it.

    >>> nickname_of("  Anna\n Maria \u202e"), nickname_of("x" * 30), nickname_of(7)
    ('Anna Maria', 'xxxxxxxxxxxxxxxxxxxx', '')
    """
    if not isinstance(text, str):
        return ""
    line = " ".join(unicodedata.normalize("NFC", text[:200]).split())
    kept, n_marks = "", 0
    for character in line:
        category = unicodedata.category(character)
        n_marks = n_marks + 1 if category in {"Mn", "Me"} else 0
        if category not in _LEFT_OUT and n_marks <= MOST_MARKS:
            kept += character
    return " ".join(kept.split())[:most].strip()
