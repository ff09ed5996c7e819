"""Documents one by one: what each adds up to, and which of them training has not seen."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.text.corpus import Corpus, Part
from core.text.memo import kept


def by_document(corpus: Corpus, part: Part, values: ArrayLike) -> NDArray[np.float64]:
    """Sum up a value of each example of a part over its documents, as often as each counts.

    >>> by_document(Corpus.of_words("two", ["ab", "c"]), "all", [1.0, 2.0, 3.0, 4.0, 5.0])
    array([6., 9.])

    Args:
        corpus: of any tokens.
        part: of the corpus.
        values: of its examples, in their order, (N,).

    Returns:
        float64 (documents,).
    """
    lengths = corpus.n_windows(part)
    numbers = np.repeat(np.arange(len(lengths)), lengths)
    sums = np.bincount(numbers, np.asarray(values), len(lengths)).astype(np.float64)
    return sums * corpus.weights[corpus.numbers(part)] if corpus.is_weighted else sums


def per_token(corpus: Corpus, part: Part, sums: NDArray[np.float64]) -> float:
    """The mean over the examples of a part, of sums over its documents; nan where it has none."""
    n_examples = int(corpus.lengths(part).sum())
    return float(sums.sum()) / n_examples if n_examples else math.nan


@kept(most=8)
def is_new(corpus: Corpus, part: Part, learned: Part = "train") -> NDArray[np.bool_]:
    """For each document of a part, whether none of those that were learned from is the same.

    The split is by place in the list, so a name that is there twice can be in two parts.

    >>> twice = Corpus.of_words("twice", ["ann", "bo", "cy", "di", "ed", "bo"])
    >>> twice.texts_of("train"), twice.texts_of("test"), is_new(twice, "test")
    (['di', 'bo', 'cy', 'ed'], ['bo'], array([False]))

    Returns:
        bool (documents,).
    """
    ends = [0, *corpus.ends.tolist()]

    def documents(of: Part) -> list[bytes]:
        return [corpus.ids[ends[n] : ends[n + 1]].tobytes() for n in corpus.numbers(of).tolist()]

    known = set(documents(learned))
    return np.array([document not in known for document in documents(part)], dtype=np.bool_)
