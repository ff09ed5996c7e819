"""Tokens and their ids: characters of names, words of sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from core.errors import DatasetError

BOUNDARY = "."  # stands before and after every document; its id is 0
Unit = Literal["character", "word"]
# What a model of such tokens reads or writes in one go, from boundary to boundary.
DOCUMENTS: dict[Unit, str] = {"character": "name", "word": "sentence"}

_MOST_NAMED = 60  # tokens that an error lists


@dataclass(frozen=True)
class Vocabulary:
    """The tokens that a model knows, each with its id; the boundary is id 0.

    A token is a text of any length. Where the unit is the character, texts are cut into
    characters and joined without anything between; where it is the word, at spaces.

    >>> letters = Vocabulary.from_words(["emma", "ava"])
    >>> letters.itos
    ('.', 'a', 'e', 'm', 'v')
    >>> letters.encode("eva"), letters.decode([2, 4, 1])
    ([2, 4, 1], 'eva')
    >>> words = Vocabulary.from_tokens(["the", "cat", "sat"], unit="word")
    >>> words.encode("the cat"), words.decode([3, 2])
    ([3, 1], 'the sat')

    Attributes:
        itos: id to token.
        unit: what a token is.
    """

    itos: tuple[str, ...]
    unit: Unit = "character"

    @classmethod
    def from_words(cls, words: Iterable[str]) -> Vocabulary:
        """Number the boundary and then the words' characters in their sorted order."""
        return cls.from_tokens("".join(words))

    @classmethod
    def from_tokens(cls, tokens: Iterable[str], unit: Unit = "character") -> Vocabulary:
        """Number the boundary and then the different tokens in their sorted order."""
        return cls((BOUNDARY, *sorted(set(tokens) - {BOUNDARY})), unit)

    @cached_property
    def stoi(self) -> dict[str, int]:
        """Token to id."""
        return {token: index for index, token in enumerate(self.itos)}

    @property
    def separator(self) -> str:
        """What stands between two tokens of a text."""
        return "" if self.unit == "character" else " "

    @property
    def document(self) -> str:
        """What a text is called: 'name' or 'sentence'."""
        return DOCUMENTS[self.unit]

    @property
    def wording(self) -> dict[str, str]:
        """What texts of pages and settings call these, for `str.format_map`."""
        return {"unit": self.unit, "document": self.document}

    def __len__(self) -> int:
        return len(self.itos)

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text, whether the vocabulary holds them or not."""
        return list(text) if self.unit == "character" else text.split()

    def encode(self, text: str | Sequence[str]) -> list[int]:
        """Ids of the tokens of a text, or of tokens in a list.

        Raises:
            DatasetError: if a token is not in the vocabulary.
        """
        tokens = self.tokens(text) if isinstance(text, str) else text
        stoi = self.stoi
        try:
            return [stoi[token] for token in tokens]
        except KeyError:
            unknown = sorted(set(tokens) - stoi.keys())
            raise DatasetError(
                f"{', '.join(map(repr, unknown))} never occurs in the training {self.document}s: "
                f"use only {self._listed()}"
            ) from None

    def decode(self, ids: Iterable[int]) -> str:
        """The tokens of the ids as one text."""
        return self.separator.join(self.itos[index] for index in ids)

    def _listed(self) -> str:
        """The tokens that one may use, or the first of very many."""
        named = " ".join(self.itos[1 : 1 + _MOST_NAMED])
        return named if len(self) <= 1 + _MOST_NAMED else f"{named} … ({len(self) - 1:,} in all)"
