"""Counting with a mixture: tables of runs of every length, each believed where it deserves it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from core.models.kneser_ney import orders_of
from core.models.levels import ORDERS, Counting, Floats, Ints, Level, along, counted_levels
from core.models.seam import Parameters
from core.text import Corpus, Examples, Part, by_document, kept, per_token

STEPS = 50  # of EM; 2,000 would change the perplexity of a million words by 0.0002


class Interpolated(Counting):
    """Relative frequencies of runs of 1 to n tokens, mixed by deleted interpolation.

    p(y | h) = α₀(q) / V + α₁(q) p₁(y) + α₂(q) p₂(y | last token) + … + αₙ(q) pₙ(y | h)

    The paper's benchmark at n = 3 (Bengio et al. 2003, section 4.2, after Jelinek and Mercer
    1980). The weights depend on how often the context was seen, by the bin
    q = ⌈-ln((1 + count(h)) / tokens)⌉, and are fitted to validation examples by EM. As if each
    bin had one token more, shared out as over all bins, no weight is ever 0. A table with nothing
    to say about a context says what the next shorter one does.

    Attributes:
        weights: α of each bin, float64 (bins, n + 1); each row adds up to 1.

    >>> from core.text import embedded_corpus
    >>> names = embedded_corpus()
    >>> round(Interpolated(names, order=3).loss(names.examples("test", 2)), 3)
    2.228
    """

    def __init__(self, corpus: Corpus, order: int = 3) -> None:
        """Count in the training part of a corpus and weigh by its validation part.

        Args:
            corpus: of any tokens.
            order: n, 1 to 8.

        Raises:
            ConfigError: if the order is not from 1 to 8.
        """
        ORDERS.check("order", order)
        block_size = max(1, order - 1)
        learnt, held_out = (corpus.examples(part, block_size) for part in ("train", "val"))
        self._fit(learnt, held_out, len(corpus.vocabulary), order)

    @classmethod
    def fit(
        cls, examples: Examples, held_out: Examples, vocab_size: int, order: int
    ) -> Interpolated:
        """Count in examples, and weigh the tables by others.

        Args:
            examples: with order - 1 tokens of context or more, of which the last count.
            held_out: the same, of another text.
            vocab_size: V.
            order: n, 1 to 8.

        Raises:
            ConfigError: if the order is not from 1 to 8.
        """
        ORDERS.check("order", order)
        model = cls.__new__(cls)
        model._fit(examples, held_out, vocab_size, order)
        return model

    def _fit(self, examples: Examples, held_out: Examples, vocab_size: int, order: int) -> None:
        self.order = order
        self.vocab_size = vocab_size
        self._n_tokens = examples.n_counted
        self._levels = counted_levels(examples, vocab_size, order)
        shares, bins = self._shares(*held_out)
        # One token's worth of belief in all tables alike, then in each bin as over all of them.
        counts = None if held_out.weights is None else held_out.weights.numpy()
        overall = fitted_weights(shares, np.full(order + 1, 1 / (order + 1)), counts)
        n_bins = 1 + int(frequency_bins(np.zeros(1), self._n_tokens)[0])
        self.weights = np.stack(
            [
                fitted_weights(shares[of], overall, None if counts is None else counts[of])
                for of in (bins == q for q in range(n_bins))
            ]
        )

    @property
    def width(self) -> int:
        """The most numbers that one example takes for its loss: what each table gives it."""
        return self.order + 1

    @property
    def parameters(self) -> Parameters:
        """The weights and the counts of all levels, by name."""
        tensors = {"weights": torch.from_numpy(self.weights)}
        for k, level in enumerate(self._levels):
            tensors |= level.tensors(k)
        return Parameters(tensors)

    def probabilities(self, contexts: Tensor) -> Floats:
        """Probability of every token as the next one, float64 (N, V).

        Args:
            contexts: ids, int64 (N, T) with T of order - 1 or more, of which the last count.
        """
        steps = list(along(self._levels, contexts))
        weights = self.weights[self._bins(steps, len(contexts))]  # (N, n + 1)
        says = np.full((len(contexts), self.vocab_size), 1 / self.vocab_size)
        found = says * weights[:, :1]
        for k, (level, rows, here) in enumerate(steps, start=1):
            which, followed, counts = level.followers(here)
            says[rows] = 0
            says[rows[which], followed] = counts / level.totals[here][which]
            found += says * weights[:, k : k + 1]
        return found

    def _nll(self, contexts: Tensor, targets: Tensor) -> Floats:
        shares, bins = self._shares(contexts, targets)
        nll: Floats = -np.log((shares * self.weights[bins]).sum(axis=1))
        return nll

    def _shares(self, contexts: Tensor, targets: Tensor) -> tuple[Floats, Ints]:
        """What 1/V and each table give what followed, (N, n + 1); the bin of each context."""
        followed = targets.numpy()
        steps = list(along(self._levels, contexts))
        shares = np.full((len(followed), self.order + 1), 1 / self.vocab_size)
        for k, (level, rows, here) in enumerate(steps, start=1):
            shares[:, k] = shares[:, k - 1]
            shares[rows, k] = level.counts_of(here, followed[rows]) / level.totals[here]
        return shares, self._bins(steps, len(followed))

    def _bins(self, steps: Sequence[tuple[Level, Ints, Ints]], n_contexts: int) -> Ints:
        """The bin of each context, by how often all of it was seen."""
        level, rows, here = steps[-1]
        frequencies = np.zeros(n_contexts)
        frequencies[rows] = level.totals[here]
        return frequency_bins(frequencies, self._n_tokens)


def frequency_bins(frequencies: Floats, n_tokens: int) -> Ints:
    """Bins of contexts, ⌈-ln((1 + frequency) / tokens)⌉, from 0 for what is always there.

    >>> frequency_bins(np.array([999.0, 99.0, 1.0, 0.0]), n_tokens=1_000).tolist()
    [0, 3, 7, 7]
    """
    bins: Ints = np.ceil(np.log(max(1, n_tokens)) - np.log1p(frequencies)).astype(np.int64)
    return bins.clip(min=0)


def fitted_weights(shares: Floats, prior: Floats, counts: Ints | None = None) -> Floats:
    """Weights under which a mixture finds examples most probable, by EM.

    Args:
        shares: probability of each example by each part, (N, parts).
        prior: how many examples each part is taken to have explained beforehand.
        counts: how often each example counts, (N,); once where it's None.

    Returns:
        float64 (parts,), adding up to 1; the prior's own shares when there are no examples.
    """
    weights = np.full(len(prior), 1 / len(prior))
    for _ in range(STEPS):
        weights = em_step(shares, weights, prior, counts)
    return weights


def em_step(shares: Floats, weights: Floats, prior: Floats, counts: Ints | None = None) -> Floats:
    """Weights of a mixture under which examples are more probable than they were.

    Each part gets its share of each example, wᵢ pᵢ / Σ w p (Dempster, Laird and Rubin 1977), so
    that Σ ln Σ w p + Σ prior · ln w never falls.
    """
    each = 1 if counts is None else counts
    explained = weights * ((each / (shares @ weights)) @ shares) + prior
    better: Floats = explained / explained.sum()
    return better


def interpolated_loss(corpus: Corpus, order: int, part: Part = "val") -> float:
    """Loss on one part of counts of the training part, in nats per token; see `Interpolated`."""
    return per_token(corpus, part, interpolated_documents(corpus, order, part))


@kept(most=16)
def interpolated_documents(corpus: Corpus, order: int, part: Part = "val") -> Floats:
    """The same loss of each document, summed over its tokens, float64 (documents,)."""
    model = trigram_of(corpus) if order == 3 else _interpolated(corpus, order)
    return by_document(corpus, part, model._nll(*corpus.examples(part, _block_size(corpus))))


@kept(most=1)
def trigram_of(corpus: Corpus) -> Interpolated:
    """The paper's benchmark, counted in the training part and weighed by the validation part.

    It is kept with the corpus: the first call counts, 1.3 s for a million words.

    >>> trigram_of(Corpus.of_words("two", ["ab", "ac"])).order
    3
    """
    return _interpolated(corpus, order=3)


def _interpolated(corpus: Corpus, order: int) -> Interpolated:
    learnt, weighed = (corpus.examples(part, _block_size(corpus)) for part in ("train", "val"))
    return Interpolated.fit(learnt, weighed, len(corpus.vocabulary), order)


def _block_size(corpus: Corpus) -> int:
    """Of the windows that Kneser–Ney needs: they serve here too."""
    return orders_of(corpus)[-1] - 1
