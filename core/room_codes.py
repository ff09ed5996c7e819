"""Codes of rooms: five letters that are read from the last row, and tell a room's process."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

# Without I and O, which are taken for 1 or L, and for 0 or Q: 24⁵ = 7,962,624 codes. A sixth letter
# would make each harder to type; at 6 tries a minute an address needs years for one of them.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
LONGEST_CODE = 5
ALIKE = dict(
    zip("IO10258", "LQLQZSB", strict=True)
)  # who types what it looks like means the letter
_ALIKE = str.maketrans(*("".join(part) for part in (ALIKE.keys(), ALIKE.values())))
_CODE = re.compile(f"[{LETTERS}]{{{LONGEST_CODE}}}")
LONGEST_TYPED = 40  # characters that are looked at


def typed_code(text: str) -> str:
    """The code that somebody typed; empty where it can be none.

    >>> typed_code(" kx-m0t "), typed_code("hello, world")
    ('KXMQT', '')
    """
    letters = re.sub(r"[\s-]+", "", text[:LONGEST_TYPED]).upper().translate(_ALIKE)
    return letters if _CODE.fullmatch(letters) else ""


def prefixes(number: int, count: int) -> list[str]:
    """How the codes of one of several processes begin, so that a proxy knows whose a room is.

    >>> prefixes(2, 3)
    ['B', 'E', 'H', 'L', 'P', 'S', 'V', 'Y']

    Args:
        number: of the process, from 1.
        count: of all; more than there are letters have two letters each.
    """
    fronts = [*LETTERS] if count <= len(LETTERS) else [a + b for a in LETTERS for b in LETTERS]
    return fronts[number - 1 :: count]


def new_code(
    choose: Callable[[Sequence[str]], str], taken: Collection[str], fronts: Sequence[str]
) -> str:
    """A code that no room has.

    Args:
        choose: one of several at random, such as `secrets.choice`.
        taken: codes of the rooms that there are.
        fronts: one of which it begins with.
    """
    while True:
        code = choose(fronts)
        while len(code) < LONGEST_CODE:
            code += choose(LETTERS)
        if code not in taken:
            return code
