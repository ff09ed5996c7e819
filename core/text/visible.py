"""Names for what can't be seen: spaces, joiners, variation selectors, marks of direction."""

from __future__ import annotations

import unicodedata

_NAMES = {
    " ": "␣",
    "\u00a0": "⍽",  # no-break space
    "\t": "⇥",
    "\n": "⏎",
    "\u00ad": "SHY",  # soft hyphen
    "\u200c": "ZWNJ",  # keeps letters apart
    "\u200d": "ZWJ",  # joins letters or emoji
    "\u200e": "LRM",  # left to right
    "\u200f": "RLM",
}
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters without a shape


def visible(token: str) -> str:
    """How a token is shown: as it is, or by a name where nothing would be seen.

    A mark that stands alone has a dotted circle to stand on.

    >>> [visible(token) for token in ("a", " ", "\u200d", "\ufe0f", "\u2003", "\u0301")]
    ['a', '␣', 'ZWJ', 'VS16', 'U+2003', '◌́']
    >>> visible("")
    ''
    """
    names = [_name(character) for character in token]
    return token if any(not name for name in names) else "".join(names)


def _name(character: str) -> str:
    """The name of a character that isn't seen by itself; nothing of any other."""
    code, category = ord(character), unicodedata.category(character)
    if character in _NAMES:
        return _NAMES[character]
    if 0xFE00 <= code <= 0xFE0F:
        return f"VS{code - 0xFE00 + 1}"
    if 0xE0100 <= code <= 0xE01EF:
        return f"VS{code - 0xE0100 + 17}"
    if category in _UNSEEN or character in _BLANK:
        return f"U+{code:04X}"
    return f"◌{character}" if category.startswith("M") else ""
