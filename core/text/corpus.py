"""A corpus: documents as ids, split in three, with what models and pages ask of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.text.kinds import kind_of
from core.text.memo import Memo, kept
from core.text.vocabulary import Unit, Vocabulary
from core.text.windows import Examples, Ids, windows

SPLIT_SEED = 42  # the same split for every run, so that validation losses can be compared

Part = Literal["train", "val", "test", "all", "first_five"]


class Split(NamedTuple):
    """Texts in three parts that share no place in the list."""

    train: list[str]
    val: list[str]
    test: list[str]


def split_words(words: Sequence[str], seed: int = SPLIT_SEED) -> Split:
    """Shuffle a copy with the seed and cut it into 80, 10 and 10 per cent, as the lecture does.

    >>> split_words("abcdefghij")
    Split(train=['h', 'd', 'c', 'i', 'f', 'g', 'j', 'e'], val=['a'], test=['b'])
    """
    return Split(*([words[place] for place in part] for part in _shuffled_parts(len(words), seed)))


@dataclass(frozen=True, eq=False)
class Corpus:
    """Documents of tokens with their vocabulary and split; examples are made when asked for.

    A document is what a model reads or writes in one go, from boundary to boundary: a name of
    characters, a sentence of words.

    >>> corpus = Corpus.of_words("two", ["emma", "ava"])
    >>> corpus.unit, len(corpus), corpus.texts
    ('character', 2, ('emma', 'ava'))

    Attributes:
        name: of the data, as pages show it.
        vocabulary: all tokens of all documents, so that validation never meets an unknown one.
        ids: of the documents' tokens one after the other, without boundaries, int32.
        ends: where in `ids` each document ends, int64 (documents,).
        parts: the documents' numbers in training, validation and test, int64 each.
        kinds: the kind of each token, where it is known: (V,) or empty.
    """

    name: str
    vocabulary: Vocabulary
    ids: Ids
    ends: NDArray[np.int64]
    parts: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
    kinds: tuple[str, ...] = ()
    memo: Memo = field(default_factory=Memo, repr=False)

    @classmethod
    def of_words(cls, name: str, words: Sequence[str]) -> Corpus:
        """Words of characters, each a document, with the lecture's split."""
        vocabulary = Vocabulary.from_words(words)
        kinds = tuple(kind_of(character) for character in vocabulary.itos)
        return cls.of_texts(name, words, vocabulary, kinds=kinds)

    @classmethod
    def of_texts(
        cls,
        name: str,
        texts: Sequence[str],
        vocabulary: Vocabulary,
        *,
        kinds: Sequence[str] = (),
    ) -> Corpus:
        """Texts of any tokens, each a document, with the lecture's split.

        Raises:
            DatasetError: if a text has a token outside the vocabulary.
        """
        documents = [vocabulary.encode(text) for text in texts]
        ends = np.cumsum([len(document) for document in documents], dtype=np.int64)
        return cls(
            name,
            vocabulary,
            np.fromiter(chain.from_iterable(documents), dtype=np.int32),
            ends,
            _shuffled_parts(len(texts), SPLIT_SEED),
            tuple(kinds),
        )

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def unit(self) -> Unit:
        """What a token is: 'character' or 'word'."""
        return self.vocabulary.unit

    @property
    def document(self) -> str:
        """What one of them is called: 'name' or 'sentence'."""
        return self.vocabulary.document

    @property
    def boundary(self) -> str:
        """The token that stands before and after every document; its id is 0."""
        return self.vocabulary.itos[0]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Every document as text."""
        ids, decode = self.ids.tolist(), self.vocabulary.decode
        bounds = pairwise([0, *self.ends.tolist()])
        return tuple(decode(ids[start:end]) for start, end in bounds)

    @cached_property
    def known(self) -> frozenset[str]:
        """The texts without repeats, to tell a new one from a known one."""
        return frozenset(self.texts)

    def numbers(self, part: Part) -> NDArray[np.int64]:
        """The numbers of the documents of one part, of all, or of the first five."""
        if part == "all":
            return np.arange(len(self))
        if part == "first_five":
            return np.arange(min(5, len(self)))
        return self.parts[("train", "val", "test").index(part)]

    def texts_of(self, part: Part) -> list[str]:
        """The documents of one part as text."""
        return [self.texts[number] for number in self.numbers(part)]

    @kept(most=12)
    def examples(self, part: Part, block_size: int) -> Examples:
        """Contexts and targets of one part; shared by everyone who asks for the same."""
        numbers = self.numbers(part)
        return windows(self.ids, self._starts[numbers], self._lengths[numbers], block_size)

    @cached_property
    def _lengths(self) -> NDArray[np.int64]:
        return np.diff(self.ends, prepend=0)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        return self.ends - self._lengths


def _shuffled_parts(
    count: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    numbers = list(range(count))
    random.Random(seed).shuffle(numbers)
    first, second = int(0.8 * count), int(0.9 * count)
    shuffled = np.array(numbers, dtype=np.int64)
    return shuffled[:first], shuffled[first:second], shuffled[second:]
