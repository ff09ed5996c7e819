"""Counting with back-off: modified Kneser–Ney, the best that is known of tables of counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import ConfigError
from core.models.seam import Parameters
from core.text import Corpus, Examples, kept, ranges

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MAX_ORDER = 8
_UNSEEN = -1


@dataclass(frozen=True, eq=False)
class _Level:
    """All contexts of k tokens, the most recent first, and what followed each.

    Attributes:
        contexts: number of the context without its oldest token · V + that token, rising; a
            context's own number is its place here.
        pairs: number of a context · V + what followed, rising.
        discounted: count of each pair less its discount.
        totals: of a context, the sum of its counts.
        left_over: of a context, the sum of its discounts, which goes to shorter contexts.
    """

    contexts: Ints
    pairs: Ints
    discounted: Floats
    totals: Floats
    left_over: Floats


class KneserNey:
    """Interpolated modified Kneser–Ney smoothing (Chen and Goodman 1999, section 4.1.6).

    p(y | h) = (max(0, c(h, y) - D(c)) + Σ_y D(c(h, y)) · p(y | h')) / c(h)

    where h' is h without its oldest token, down to p = 1/V. At the longest context c counts how
    often y followed h; at shorter ones how many different tokens stood before h y, unless nothing
    but the boundary can. The discounts D₁, D₂ and D₃₊ of a level follow from how many of its pairs
    were counted once, twice, three and four times.

    Attributes:
        order: n, tokens in a run; the context has n - 1.
        vocab_size: V.

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
        _check_order(order)
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
        _check_order(order)
        model = cls.__new__(cls)
        model._count(examples, vocab_size, order)
        return model

    def _count(self, examples: Examples, vocab_size: int, order: int) -> None:
        self.order = order
        self.vocab_size = vocab_size
        recent = examples.contexts.numpy().T[::-1][: order - 1]
        targets = examples.targets.numpy()
        keys = [np.zeros(1, dtype=np.int64)]  # of the contexts at each level, rising
        numbers = [np.zeros(len(targets), dtype=np.int64)]  # of each example's context
        for column in recent:
            found, which = np.unique(numbers[-1] * vocab_size + column, return_inverse=True)
            keys.append(found)
            numbers.append(which.reshape(-1))
        # Beyond a boundary there are only more of them, and nothing more to know.
        is_padded = [np.zeros(len(found), dtype=np.bool_) for found in keys[:2]]
        for k in range(2, order):
            shorter = keys[k] // vocab_size
            is_padded.append(is_padded[-1][shorter] | (keys[k - 1][shorter] % vocab_size == 0))
        pairs, counts = np.unique(numbers[-1] * vocab_size + targets, return_counts=True)
        levels = [_level(keys[-1], pairs, counts, is_padded[order - 1], vocab_size)]
        for k in range(order - 2, -1, -1):
            # A pair of the longer contexts is one different token before a pair of these.
            longer, followed = np.divmod(pairs, vocab_size)
            continued = keys[k + 1][longer] // vocab_size * vocab_size + followed
            pairs, counts = np.unique(continued, return_counts=True)
            raw = np.unique(numbers[k] * vocab_size + targets, return_counts=True)[1]
            begins = keys[k][pairs // vocab_size] % vocab_size == 0 if k else False
            adjusted = np.where(begins, raw, counts)
            levels.append(_level(keys[k], pairs, adjusted, is_padded[k], vocab_size))
        self._levels = tuple(reversed(levels))

    @property
    def n_seen(self) -> int:
        """How many different runs are kept, of all lengths."""
        return sum(len(level.pairs) for level in self._levels)

    @property
    def block_size(self) -> int:
        """Tokens of context."""
        return self.order - 1

    @property
    def width(self) -> int:
        """The most numbers that one example takes: a row of V."""
        return self.vocab_size

    @property
    def parameters(self) -> Parameters:
        """The tables of all levels by name."""
        return Parameters(
            {
                f"{name}.{k}": torch.from_numpy(values)
                for k, level in enumerate(self._levels)
                for name, values in vars(level).items()
            }
        )

    def probabilities(self, contexts: Tensor) -> Floats:
        """Probability of every token as the next one, float64 (N, V)."""
        size = self.vocab_size
        found = np.full((len(contexts), size), 1 / size)
        for level, numbers in self._along(contexts):
            rows = np.flatnonzero(numbers != _UNSEEN)
            here = numbers[rows]
            found[rows] *= (level.left_over[here] / level.totals[here])[:, None]
            starts = np.searchsorted(level.pairs, here * size)
            lengths = np.searchsorted(level.pairs, (here + 1) * size) - starts
            places = ranges(starts, lengths)
            shares = level.discounted[places] / np.repeat(level.totals[here], lengths)
            found[np.repeat(rows, lengths), level.pairs[places] % size] += shares
        return found

    def logits(self, contexts: Tensor) -> Tensor:
        """The same as `log_probs`."""
        return self.log_probs(contexts)

    def log_probs(self, contexts: Tensor) -> Tensor:
        """Logarithm of the probability of every token as the next one, float32 (N, V)."""
        return torch.from_numpy(np.log(self.probabilities(contexts))).float()

    def nll(self, contexts: Tensor, targets: Tensor) -> Tensor:
        """Minus the logarithm of the probability of what followed, in nats, float32 (N,)."""
        return torch.from_numpy(self._nll(contexts, targets)).float()

    def loss(self, examples: Examples) -> float:
        """Mean of `nll` over examples, in float64; nan of none."""
        return float(self._nll(*examples).mean()) if len(examples.targets) else float("nan")

    def _nll(self, contexts: Tensor, targets: Tensor) -> Floats:
        followed = targets.numpy()
        found = np.full(len(followed), 1 / self.vocab_size)
        for level, numbers in self._along(contexts):
            rows = np.flatnonzero(numbers != _UNSEEN)
            here = numbers[rows]
            wanted = here * self.vocab_size + followed[rows]
            places = _places(level.pairs, wanted)
            counted = np.where(places == _UNSEEN, 0.0, level.discounted[places])
            found[rows] = (counted + level.left_over[here] * found[rows]) / level.totals[here]
        nll: Floats = -np.log(found)
        return nll

    def _along(self, contexts: Tensor) -> list[tuple[_Level, Ints]]:
        """Each level, and there the number of each context, or that it was not seen."""
        along, numbers = [], np.zeros(len(contexts), dtype=np.int64)
        columns = contexts.numpy().T[::-1]
        for k, level in enumerate(self._levels):
            if k:
                longer = numbers * self.vocab_size + columns[k - 1]
                numbers = _places(level.contexts, np.where(numbers == _UNSEEN, _UNSEEN, longer))
            # A context that only goes on beyond the boundary was counted at a shorter one.
            is_counted = (level.totals > 0)[numbers] if len(level.totals) else False
            numbers = np.where(is_counted, numbers, _UNSEEN)
            along.append((level, numbers))
        return along


@kept(most=1)
def kneser_ney_losses(corpus: Corpus) -> dict[int, float]:
    """Validation loss of each order from 2 to 8, counted in the training part.

    The tables themselves are let go: they take more room than the corpus.
    """
    learnt, held_out = (corpus.examples(part, MAX_ORDER - 1) for part in ("train", "val"))
    losses = {}
    for order in range(2, MAX_ORDER + 1):
        losses[order] = KneserNey.fit(learnt, len(corpus.vocabulary), order).loss(held_out)
    return losses


def _check_order(order: object) -> None:
    is_whole = isinstance(order, int) and not isinstance(order, bool)
    if not is_whole or not 2 <= order <= MAX_ORDER:  # type: ignore[operator]
        raise ConfigError("order", f"a whole number from 2 to {MAX_ORDER}", order)


def _level(
    keys: Ints, pairs: Ints, counts: Ints, is_padded: NDArray[np.bool_], vocab_size: int
) -> _Level:
    if is_padded.any():
        is_real = ~is_padded[pairs // vocab_size]
        pairs, counts = pairs[is_real], counts[is_real]
    discounts = _discounts(counts)[np.minimum(counts, 3)]
    contexts = pairs // vocab_size
    return _Level(
        contexts=keys,
        pairs=pairs,
        discounted=counts - discounts,
        totals=np.bincount(contexts, counts, len(keys)).astype(np.float64),
        left_over=np.bincount(contexts, discounts, len(keys)).astype(np.float64),
    )


def _discounts(counts: Ints) -> Floats:
    """D₀ = 0, D₁, D₂ and D₃₊: D_c = c - (c + 1) · n₁/(n₁ + 2n₂) · n_{c+1}/n_c."""
    n = np.bincount(np.minimum(counts, 5), minlength=5)[:5].astype(np.float64)
    if not n[1:].all():  # too little text for estimates: one absolute discount
        return np.array([0.0, 0.5, 0.5, 0.5])
    y = n[1] / (n[1] + 2 * n[2])
    estimates = [c - (c + 1) * y * n[c + 1] / n[c] for c in (1, 2, 3)]
    # Between nothing and the whole of what is counted, or a probability could be negative.
    return np.array([0.0, *(min(max(d, 0.05), c - 0.05) for c, d in enumerate(estimates, 1))])


def _places(keys: Ints, wanted: Ints) -> Ints:
    """Where each wanted key is in rising keys; -1 where it is not."""
    places = np.searchsorted(keys, wanted).clip(max=max(0, len(keys) - 1))
    if not len(keys):
        return np.full(len(wanted), _UNSEEN)
    return np.where(keys[places] == wanted, places, _UNSEEN)
