"""Case and accents taken off where a vocabulary has none of them."""

from __future__ import annotations

import unicodedata

from core.text.vocabulary import Vocabulary


def folded(text: str, vocabulary: Vocabulary) -> str:
    """The text with each unknown character as the nearest that the vocabulary holds.

    A character that is known stays as it is; of an unknown one first the accents go, then the
    case, then both, whichever case the vocabulary has. What is still unknown is left for the reader
    of the text to refuse.

    >>> letters = Vocabulary.from_words(["emma"])
    >>> folded("Émma", letters), folded("Emmy", letters)
    ('emma', 'emmy')
    >>> folded("Émma", Vocabulary.from_words(["Émma"]))
    'Émma'
    >>> folded("brca", Vocabulary.from_words(["BRCA1"]))
    'BRCA'

    Args:
        text: as somebody typed it.
        vocabulary: of characters; a text of words is returned as it is.
    """
    composed = unicodedata.normalize("NFC", text)
    if vocabulary.unit != "character":
        return composed
    return "".join(_nearest(character, vocabulary) for character in composed)


def _nearest(character: str, vocabulary: Vocabulary) -> str:
    plain = "".join(
        part for part in unicodedata.normalize("NFD", character) if not unicodedata.combining(part)
    )
    in_each_case = (c for case in (str.lower, str.upper) for c in (case(character), case(plain)))
    for tried in (character, plain, *in_each_case):
        if tried and all(part in vocabulary.stoi for part in tried):
            return tried
    return plain.lower() or character
