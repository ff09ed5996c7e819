"""Tokens and their ids: characters of names, words of sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Literal

from core.errors import MOST_SHOWN, DatasetError, shortened
from core.text.tokens import cut_known_tokens
from core.text.visible import visible

BOUNDARY = "."  # stands before and after every document; its id is 0
TEXT_MARK = "¶"  # the same of running text, where the full stop is a token like any other
RARE = "<rare>"  # stands for every word that is too rare to be learned
RARE_CHARACTER = "\ufffd"  # the same of characters; a text that holds one reads as it was written
# The boundary of names is the first of these that none of them holds.
BOUNDARIES = (BOUNDARY, TEXT_MARK, "⏎", "␄", "␃")
MAX_CHARACTERS = 20_000  # as many as words; the engine has no bound of its own
Unit = Literal["character", "word"]
# What a model of such tokens reads or writes in one go, from boundary to boundary.
DOCUMENTS: dict[Unit, str] = {"character": "name", "word": "sentence"}

_MOST_NAMED = 60  # tokens that an error lists


@dataclass(frozen=True)
class Vocabulary:
    """The tokens that a model knows, each with its id; the boundary is id 0.

    A token is a text of any length. Where the unit is the character, texts are cut into
    characters and joined without anything between; where it is the word, into words and
    punctuation marks, with a space between.

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
        rare: the token that all unknown ones become; empty where there is none.
    """

    itos: tuple[str, ...]
    unit: Unit = "character"
    rare: str = ""

    @classmethod
    def from_words(cls, words: Iterable[str], most: int = MAX_CHARACTERS) -> Vocabulary:
        """Number the boundary and then the words' characters in their sorted order.

        The boundary is '.', or another mark where a word holds one. Beyond `most` characters
        those that occur least often become one.

        >>> Vocabulary.from_words(["Mr. Mime", "St. Ives"]).boundary
        '¶'

        Raises:
            DatasetError: if the words hold everything that could be their boundary.
        """
        text = "".join(words)
        characters = set(text)
        boundary = next((mark for mark in BOUNDARIES if mark not in characters), None)
        if boundary is None:
            marks = " ".join(BOUNDARIES)
            raise DatasetError(f"The names hold each of {marks}: one has to be left for their end.")
        rare = ""
        if len(characters) > most:
            often = (character for character, _ in Counter(text).most_common())
            kept = islice((each for each in often if each != RARE_CHARACTER), most - 1)
            rare, characters = RARE_CHARACTER, {RARE_CHARACTER, *kept}
        return cls((boundary, *sorted(characters)), "character", rare)

    @classmethod
    def from_tokens(cls, tokens: Iterable[str], unit: Unit = "character") -> Vocabulary:
        """Number the boundary and then the different tokens in their sorted order."""
        return cls((BOUNDARY, *sorted(set(tokens) - {BOUNDARY})), unit)

    @classmethod
    def from_counts(
        cls, counts: Mapping[str, int], *, rare_at_most: int, rare: str = RARE
    ) -> Vocabulary:
        """Number the words of running text by how often they occur, the most frequent first.

        Id 0 is the text mark; id 1 stands for all rare words, if there are any. Words that are
        equally frequent follow each other in their sorted order.

        >>> words = Vocabulary.from_counts({"cat": 1, "dog": 1, "the": 3, "sat": 2}, rare_at_most=1)
        >>> words.itos
        ('¶', '<rare>', 'the', 'sat')
        >>> words.encode("the cat sat")
        [2, 1, 3]

        Args:
            counts: occurrences of each token.
            rare_at_most: occurrences up to which a token is rare.
            rare: the token for them; a text may have it already.
        """
        often = [
            (-count, token)
            for token, count in counts.items()
            if count > rare_at_most and token not in {TEXT_MARK, RARE, rare}
        ]
        rare = rare if len(often) < len(counts.keys() - {TEXT_MARK}) else ""
        special = (TEXT_MARK, rare) if rare else (TEXT_MARK,)
        return cls((*special, *(token for _, token in sorted(often))), "word", rare)

    @cached_property
    def stoi(self) -> dict[str, int]:
        """Token to id."""
        return {token: index for index, token in enumerate(self.itos)}

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The tokens as they are shown: what can't be seen has a name, the space is ␣."""
        return tuple(map(visible, self.itos))

    def shown(self, ids: Iterable[int]) -> str:
        """The tokens of the ids as a text in which each is seen.

        >>> Vocabulary.from_words(["a b"]).shown([0, 2, 1, 3])
        '.a␣b'
        """
        return self.separator.join(self.labels[index] for index in ids)

    @property
    def boundary(self) -> str:
        """The token that stands before and after every document."""
        return self.itos[0]

    @cached_property
    def rare_id(self) -> int | None:
        """The id of the token for all unknown ones, if there is one."""
        return self.stoi[self.rare] if self.rare else None

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
        """The tokens of a text, whether the vocabulary holds them or not.

        >>> Vocabulary.from_tokens(["he", "said"], unit="word").tokens("don't, he said")
        ["don't", ',', 'he', 'said']
        """
        return list(text) if self.unit == "character" else cut_known_tokens(text, self.stoi)

    def encode(self, text: str | Sequence[str]) -> list[int]:
        """Ids of the tokens of a text, or of tokens in a list; unknown ones are the rare one.

        Raises:
            DatasetError: if a token is not in the vocabulary and none stands for the rare ones.
        """
        tokens = self.tokens(text) if isinstance(text, str) else text
        stoi, rare = self.stoi, self.rare_id
        if rare is not None:
            return [stoi.get(token, rare) for token in tokens]
        try:
            return [stoi[token] for token in tokens]
        except KeyError:
            unknown = sorted(set(tokens) - stoi.keys())
            named = shortened(", ".join(map(repr, unknown[:MOST_SHOWN])))
            raise DatasetError(
                f"{named} never occurs in the training {self.document}s: use only {self._listed()}"
            ) from None

    def decode(self, ids: Iterable[int]) -> str:
        """The tokens of the ids as one text."""
        return self.separator.join(self.itos[index] for index in ids)

    def _listed(self) -> str:
        """The tokens that one may use, or the first of very many."""
        named = " ".join(self.itos[1 : 1 + _MOST_NAMED])
        return named if len(self) <= 1 + _MOST_NAMED else f"{named} … ({len(self) - 1:,} in all)"
