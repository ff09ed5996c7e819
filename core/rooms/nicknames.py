"""Nicknames: one short line of text, whatever was sent."""

from __future__ import annotations

import unicodedata

LONGEST_NICKNAME = 20  # characters
MOST_MARKS = 2  # on one letter, or a name would grow over its neighbours
# Control and format characters, which turn text around or can't be seen; what has no meaning.
_LEFT_OUT = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def nickname_of(text: object) -> str:
    r"""What somebody is called who sent this; empty where nothing can be seen of it.

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
    return " ".join(kept.split())[:LONGEST_NICKNAME].strip()
