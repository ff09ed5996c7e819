"""Documents in three parts, to train, to validate and to test: shuffled, or in order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SPLIT_SEED = 42  # the same split for every run, so that validation losses can be compared

Parts = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


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
    return Split(*([words[place] for place in part] for part in shuffled_parts(len(words), seed)))


class Cut(NamedTuple):
    """Where the documents end after the cuts, and which of them each part has."""

    ends: NDArray[np.int64]  # (documents,), in tokens
    is_cut: NDArray[np.bool_]  # (documents,), of those whose rest is the next one
    parts: Parts


def cut_in_order(lengths: NDArray[np.int64], n_train: int, n_val: int) -> Cut:
    """Give the first examples to training, the next to validation and the rest to test.

    A document of n tokens is n + 1 examples: its end counts. One that crosses a cut becomes two;
    the first has no end, and the second begins as if nothing stood before it. A cut between a
    document's last token and its end is moved behind the end.

    >>> cut_in_order(np.array([3, 4, 1]), n_train=6, n_val=3)
    Cut(ends=array([3, 5, 7, 8]), is_cut=array([False,  True, False, False]), \
parts=(array([0, 1]), array([2]), array([3])))

    Args:
        lengths: tokens of each document, at least 1, int64 (documents,).
        n_train: examples to train.
        n_val: examples to validate.
    """
    ends = np.cumsum(lengths)
    line = ends + np.arange(1, len(ends) + 1)  # where each document's end is among the examples
    wanted = np.minimum([n_train, n_train + n_val], line[-1] if len(line) else 0)
    at = wanted - np.searchsorted(line, wanted, side="right")  # in tokens: without the ends before
    new_ends = np.union1d(ends, at[at > 0])
    first, second = np.searchsorted(new_ends, at, side="right")
    numbers = np.arange(len(new_ends))
    return Cut(
        new_ends,
        ~np.isin(new_ends, ends),
        (numbers[:first], numbers[first:second], numbers[second:]),
    )


def shuffled_parts(count: int, seed: int = SPLIT_SEED) -> Parts:
    """The numbers of 80, 10 and 10 per cent of so many documents, shuffled with the seed."""
    numbers = list(range(count))
    random.Random(seed).shuffle(numbers)
    first, second = int(0.8 * count), int(0.9 * count)
    shuffled = np.array(numbers, dtype=np.int64)
    return shuffled[:first], shuffled[first:second], shuffled[second:]
