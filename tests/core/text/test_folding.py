"""What one types is found in the case and spelling that the list has."""

from __future__ import annotations

import random

from core.text import Corpus, as_listed
from core.text.folding import folded

LETTERS = "abABéÉ"


def looked_through(typed: str, corpus: Corpus) -> str:
    """The same by looking at every name in turn."""
    if any(name.startswith(typed) for name in corpus.texts):
        return typed
    for name in corpus.texts:
        if name[: len(typed)].lower() == typed.lower():
            return name[: len(typed)]
    return folded(typed, corpus.vocabulary)


def test_any_beginning_is_spelled_as_the_first_name_that_begins_so() -> None:
    chance = random.Random(1)

    def word(most: int) -> str:
        return "".join(chance.choices(LETTERS, k=chance.randint(1, most)))

    for _ in range(40):
        corpus = Corpus.of_words("some", [word(5) for _ in range(chance.randint(1, 12))])
        for typed in (*(word(4) for _ in range(40)), ""):
            assert as_listed(typed, corpus) == looked_through(typed, corpus)


def test_an_accent_that_is_typed_apart_is_found() -> None:
    assert as_listed("e\u0301va", Corpus.of_words("one", ["Éva"])) == "Éva"
