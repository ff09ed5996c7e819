"""Losses that guessing and counting reach on the same text, to hold the network against."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.models.ngram import NGram
from core.text import Corpus, Examples, Part, kept


class Baselines(NamedTuple):
    """Losses in nats per token of three models that learn no embeddings."""

    uniform: float
    bigram: float
    trigram: float


def uniform_loss(vocab_size: int) -> float:
    """Loss of giving every token the same probability: ln V.

    >>> round(uniform_loss(27), 3)
    3.296
    """
    return math.log(vocab_size)


@kept(most=24)
def counted(corpus: Corpus, part: Part, n: int) -> NGram:
    """Counts of the runs of n tokens in one part of a corpus.

    >>> counted(Corpus.of_words("two", ["ab", "ac"]), "all", n=2).table[1].tolist()  # after an a
    [0, 0, 1, 1]
    """
    # A context of 0 has no padding to keep documents apart, so it is made from one of 1.
    return NGram.fit(corpus.examples(part, max(1, n - 1)), len(corpus.vocabulary), n)


@kept(most=4)
def baseline_losses(corpus: Corpus, counted_in: Part, part: Part) -> Baselines:
    """Losses on one part of guessing, and of counting in another."""
    bigram, trigram = (
        counted(corpus, counted_in, n).loss(corpus.examples(part, n - 1)) for n in (2, 3)
    )
    return Baselines(uniform_loss(len(corpus.vocabulary)), bigram, trigram)


def lowest_possible_loss(examples: Examples) -> float:
    """The loss that no model of these contexts can pass on these very examples, in nats.

    The conditional entropy H(y | context) = -1/N Σ count(context, y) ln p(y | context), with p as
    counted without smoothing: above zero when one context has several continuations. nan when
    there are no examples.

    >>> two = Corpus.of_words("two", ["ab", "ac"])  # ln 2 for two of six: after a comes b or c
    >>> round(lowest_possible_loss(two.examples("all", block_size=1)), 3)
    0.231
    """
    n_examples = len(examples.targets)
    if n_examples == 0:
        return math.nan
    targets = examples.targets.numpy()
    contexts = np.zeros(n_examples, dtype=np.int64)
    for column in examples.contexts.numpy().T:
        contexts = _renumbered(contexts, column)
    context_counts = np.bincount(contexts)
    pairs = _renumbered(contexts, targets)
    pair_counts = np.bincount(pairs)
    # The mean over examples of ln count(context) - ln count(context, y).
    entropy = np.log(context_counts) @ context_counts - np.log(pair_counts) @ pair_counts
    return max(0.0, float(entropy / n_examples))


def _renumbered(groups: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers 0, 1, … for the different pairs of a group and a column's value, int64 (N,)."""
    pairs = groups * (int(column.max()) + 1) + column
    numbers: NDArray[np.int64] = np.unique(pairs, return_inverse=True)[1].reshape(-1)
    return numbers
