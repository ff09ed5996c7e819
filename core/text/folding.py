"""Case and accents taken off where a vocabulary has none of them."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left

from core.text.corpus import Corpus
from core.text.vocabulary import Vocabulary

_LAST = "\U0010ffff"  # sorted behind all that begins alike


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
    if corpus.unit != "character":
        return typed
    names, lowered, places = corpus.memo.get(as_listed, (), lambda: _in_order(corpus), most=1)
    after = bisect_left(names, typed)
    if after < len(names) and names[after].startswith(typed):
        return typed
    size, small = len(typed), typed.lower()
    alike = places[bisect_left(lowered, small) : bisect_left(lowered, small + _LAST)]
    begins = (corpus.texts[place][:size] for place in sorted(alike))
    return next(
        (each for each in begins if each.lower() == small), folded(typed, corpus.vocabulary)
    )


def _in_order(corpus: Corpus) -> tuple[list[str], list[str], list[int]]:
    """The different names sorted; all in lower case sorted, and the place of each in the corpus."""
    small = [name.lower() for name in corpus.texts]
    places = sorted(range(len(small)), key=small.__getitem__)
    return sorted(corpus.known), [small[place] for place in places], places


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
