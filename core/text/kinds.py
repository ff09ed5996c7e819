"""What kind of character a character is: a vowel, a consonant, or something else."""

from __future__ import annotations

import unicodedata
from typing import Literal

CharacterKind = Literal["vowel", "consonant", "other"]

# Latin, Greek and Cyrillic, with the letters that Unicode does not take apart.
VOWELS = frozenset("aeiouy" + "æœøıəɛɔ" + "αεηιουω" + "аеиоуыэюяіє")


def kind_of(character: str) -> CharacterKind:
    """Tell vowels, consonants and everything else apart, in either case.

    Accents are taken off first, so 'é' is a vowel as 'e' is. 'y' is a vowel, as in 'lynn', but
    the short 'й' is a consonant. Letters of other scripts than Latin, Greek and Cyrillic are
    'other', with the apostrophe, the hyphen and digits.

    >>> [kind_of(character) for character in "éb-"]
    ['vowel', 'consonant', 'other']
    """
    base = unicodedata.normalize("NFD", character)[:1].lower()[:1]
    if character in {"й", "Й"}:
        return "consonant"
    if base in VOWELS:
        return "vowel"
    script = unicodedata.name(base, "").split(" ")[0] if base.isalpha() else ""
    return "consonant" if script in {"LATIN", "GREEK", "CYRILLIC"} else "other"
