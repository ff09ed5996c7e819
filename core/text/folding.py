"""Case and accents taken off where a vocabulary has none of them."""

from __future__ import annotations

import unicodedata

from core.text.corpus import Corpus
from core.text.vocabulary import Vocabulary


def as_listed(text: str, corpus: Corpus) -> str:
    """A typed beginning as the corpus writes it, whichever case either has.

    One with which a name begins stays as it is; else the first name that begins so in another
    case tells its spelling; else each unknown character is the nearest that is known.

    >>> genes = Corpus.of_words("genes", ["BRCA1", "Anna", "tau"])
    >>> [as_listed(typed, genes) for typed in ("brca", "anna", "TAU", "Anna", "tb")]
    ['BRCA', 'Anna', 'tau', 'Anna', 'tB']

    Args:
        text: as somebody typed it.
        corpus: of names; a text of words is returned as it is, as its words find their own case.
    """
    typed = unicodedata.normalize("NFC", text)
    if corpus.unit != "character" or any(name.startswith(typed) for name in corpus.known):
        return typed
    size, small = len(typed), typed.lower()
    begins = (name[:size] for name in corpus.texts)
    return next(
        (each for each in begins if each.lower() == small), folded(typed, corpus.vocabulary)
    )


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
    lower, upper = (character.lower(), plain.lower()), (character.upper(), plain.upper())
    for tried in (character, plain, *lower, *upper):
        if tried and all(part in vocabulary.stoi for part in tried):
            return tried
    return plain.lower() or character
