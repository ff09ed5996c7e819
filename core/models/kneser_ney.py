"""Counting with back-off: modified Kneser–Ney, the best that is known of tables of counts."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.models.levels import (
    ORDERS,
    Counting,
    Floats,
    Ints,
    Level,
    along,
    numbered,
    tallied,
)
from core.models.seam import Parameters
from core.text import Corpus, Examples, Part, by_document, kept, per_token

_ORDERS = replace(ORDERS, low=2)


class _Discounted(NamedTuple):
    """A level's counts, of which something goes to shorter contexts.

    Attributes:
        level: the counts.
        discounts: what a count of 0, 1, 2 and of 3 or more gives away, float64 (4,).
        left_over: of a context, the sum of its discounts, float64.
    """

    level: Level
    discounts: Floats
    left_over: Floats


class KneserNey(Counting):
    """Interpolated modified Kneser–Ney smoothing (Chen and Goodman 1999, section 4.1.6).

    p(y | h) = (max(0, c(h, y) - D(c)) + Σ_y D(c(h, y)) · p(y | h')) / c(h)

    where h' is h without its oldest token, down to p = 1/V. At the longest context c counts how
    often y followed h; at shorter ones how many different tokens stood before h y, unless nothing
    but the boundary can. The discounts D₁, D₂ and D₃₊ of a level follow from how many of its pairs
    were counted once, twice, three and four times.

    >>> from core.text import embedded_corpus
    >>> names = embedded_corpus()
    >>> round(KneserNey(names, order=3).loss(names.examples("val", 2)), 3)
    2.216
    """

    def __init__(self, corpus: Corpus, order: int) -> None:
        """Count in the training part of a corpus.

        Args:
            corpus: of any tokens.
            order: n, 2 to 8.

        Raises:
            ConfigError: if the order is not from 2 to 8.
        """
        _ORDERS.check("order", order)
        self._count(corpus.examples("train", order - 1), len(corpus.vocabulary), order)

    @classmethod
    def fit(cls, examples: Examples, vocab_size: int, order: int) -> KneserNey:
        """Count in examples.

        Args:
            examples: with order - 1 tokens of context or more, of which the last count.
            vocab_size: V.
            order: n, 2 to 8.

        Raises:
            ConfigError: if the order is not from 2 to 8.
        """
        _ORDERS.check("order", order)
        model = cls.__new__(cls)
        model._count(examples, vocab_size, order)
        return model

    def _count(self, examples: Examples, vocab_size: int, order: int) -> None:
        self.order = order
        self.vocab_size = vocab_size
        targets = examples.targets.numpy()
        keys, numbers = numbered(examples.contexts, order, vocab_size)
        # Beyond a boundary there are only more of them, and nothing more to know.
        is_padded = [np.zeros(len(found), dtype=np.bool_) for found in keys[:2]]
        for k in range(2, order):
            shorter = keys[k] // vocab_size
            is_padded.append(is_padded[-1][shorter] | (keys[k - 1][shorter] % vocab_size == 0))
        pairs, counts = tallied(numbers[-1] * vocab_size + targets, examples.weights)
        levels = [_discount(keys[-1], pairs, counts, is_padded[order - 1], vocab_size)]
        for k in range(order - 2, -1, -1):
            # A pair of the longer contexts is one different token before a pair of these.
            longer, followed = np.divmod(pairs, vocab_size)
            continued = keys[k + 1][longer] // vocab_size * vocab_size + followed
            pairs, counts = np.unique(continued, return_counts=True)
            raw = tallied(numbers[k] * vocab_size + targets, examples.weights)[1]
            begins = keys[k][pairs // vocab_size] % vocab_size == 0 if k else False
            adjusted = np.where(begins, raw, counts)
            levels.append(_discount(keys[k], pairs, adjusted, is_padded[k], vocab_size))
        self._discounted = tuple(reversed(levels))
        self._levels = tuple(discounted.level for discounted in self._discounted)

    @property
    def width(self) -> int:
        """The most numbers that one example takes for its loss: one for each length of run."""
        return self.order

    @property
    def parameters(self) -> Parameters:
        """The counts of all levels, their discounts and what these leave, by name."""
        tensors: dict[str, Tensor] = {}
        for k, discounted in enumerate(self._discounted):
            tensors |= discounted.level.tensors(k)
            tensors[f"discounts.{k}"] = torch.from_numpy(discounted.discounts)
            tensors[f"left_over.{k}"] = torch.from_numpy(discounted.left_over)
        return Parameters(tensors)

    def probabilities(self, contexts: Tensor) -> Floats:
        """Probability of every token as the next one, float64 (N, V).

        Args:
            contexts: ids, int64 (N, T) with T of order - 1 or more, of which the last count.
        """
        found = np.full((len(contexts), self.vocab_size), 1 / self.vocab_size)
        steps = zip(self._discounted, along(self._levels, contexts), strict=True)
        for (_, discounts, left_over), (level, rows, here) in steps:
            totals = level.totals[here]
            found[rows] *= (left_over[here] / totals)[:, None]
            which, followed, counts = level.followers(here)
            shares = (counts - discounts[np.minimum(counts, 3)]) / totals[which]
            found[rows[which], followed] += shares
        return found

    def _nll(self, contexts: Tensor, targets: Tensor) -> Floats:
        followed = targets.numpy()
        found = np.full(len(followed), 1 / self.vocab_size)
        steps = zip(self._discounted, along(self._levels, contexts), strict=True)
        for (_, discounts, left_over), (level, rows, here) in steps:
            counts = level.counts_of(here, followed[rows])
            kept_back = counts - discounts[np.minimum(counts, 3)]
            found[rows] = (kept_back + left_over[here] * found[rows]) / level.totals[here]
        nll: Floats = -np.log(found)
        return nll


def orders_of(corpus: Corpus) -> range:
    """The orders worth a try: 2 to 8 for characters, 3 to 5 for words, of which one says more.

    >>> list(orders_of(Corpus.of_words("two", ["ab", "ac"])))
    [2, 3, 4, 5, 6, 7, 8]
    """
    return range(3, 6) if corpus.unit == "word" else range(2, 9)


def kneser_ney_loss(corpus: Corpus, order: int, part: Part = "val") -> float:
    """Loss on one part of the counts of the training part, in nats per token."""
    return per_token(corpus, part, kneser_ney_documents(corpus, order, part))


@kept(most=24)
def kneser_ney_documents(corpus: Corpus, order: int, part: Part = "val") -> Floats:
    """The same loss of each document, summed over its tokens, float64 (documents,).

    The tables themselves are let go: they take more room than the corpus.
    """
    # The windows of the longest order serve the others too.
    block_size = max(order, orders_of(corpus)[-1]) - 1
    learnt, held_out = (corpus.examples(p, block_size) for p in ("train", part))
    counts = KneserNey.fit(learnt, len(corpus.vocabulary), order)
    return by_document(corpus, part, counts._nll(*held_out))


@kept(most=1)
def kneser_ney_losses(corpus: Corpus) -> dict[int, float]:
    """Validation loss of each order from 2 to 8, counted in the training part."""
    return {order: kneser_ney_loss(corpus, order) for order in range(2, 9)}


def _discount(
    keys: Ints, pairs: Ints, counts: Ints, is_padded: NDArray[np.bool_], vocab_size: int
) -> _Discounted:
    if is_padded.any():
        is_real = ~is_padded[pairs // vocab_size]
        pairs, counts = pairs[is_real], counts[is_real]
    discounts = _discounts(counts)
    given = discounts[np.minimum(counts, 3)]
    left_over = np.bincount(pairs // vocab_size, given, len(keys)).astype(np.float64)
    return _Discounted(Level.of(vocab_size, keys, pairs, counts), discounts, left_over)


def _discounts(counts: Ints) -> Floats:
    """D₀ = 0, D₁, D₂ and D₃₊: D_c = c - (c + 1) · n₁/(n₁ + 2n₂) · n_{c+1}/n_c."""
    n = np.bincount(np.minimum(counts, 5), minlength=5)[:5].astype(np.float64)
    if not n[1:].all():  # too little text for estimates: one absolute discount
        return np.array([0.0, 0.5, 0.5, 0.5])
    y = n[1] / (n[1] + 2 * n[2])
    estimates = [c - (c + 1) * y * n[c + 1] / n[c] for c in (1, 2, 3)]
    # Below c by themselves; something has to go to shorter contexts.
    return np.array([0.0, *(max(estimate, 0.05) for estimate in estimates)])
