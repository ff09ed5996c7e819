"""How often each run of up to n tokens occurs: rising arrays, no table of all that could be."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.settings import Whole
from core.text import Examples, ranges

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Counts = NDArray[np.int32] | NDArray[np.int64]

ORDERS = Whole(1, 8)
UNSEEN = -1


class Counting(ABC):
    """A model of counts: all that it says follows from its probabilities, in float64.

    Attributes:
        order: n, tokens in the longest run; the context has n - 1.
        vocab_size: V.
    """

    order: int
    vocab_size: int
    _levels: tuple[Level, ...]

    @property
    def n_seen(self) -> int:
        """How many different runs are kept, of all lengths."""
        return sum(len(level.pairs) for level in self._levels)

    @property
    def block_size(self) -> int:
        """Tokens of context: n - 1; a unigram is given one, and does not look at it."""
        return max(1, self.order - 1)

    @abstractmethod
    def probabilities(self, contexts: Tensor) -> Floats:
        """Probability of every token as the next one, float64 (N, V)."""

    @abstractmethod
    def _nll(self, contexts: Tensor, targets: Tensor) -> Floats:
        """See `nll`; float64 (N,), and never all V probabilities."""

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
        if not len(examples.targets):
            return math.nan
        return examples.mean(torch.from_numpy(self._nll(*examples)))


@dataclass(frozen=True, eq=False)
class Level:
    """All contexts of k tokens, the most recent first, and what followed each.

    Attributes:
        vocab_size: V.
        contexts: number of the context without its oldest token · V + that token, int64, rising; a
            context's own number is its place here.
        pairs: number of a context · V + what followed, int64, rising.
        counts: of each pair, int32, or int64 where that's too small.
        totals: of a context, the sum of its counts, of the same type.
    """

    vocab_size: int
    contexts: Ints
    pairs: Ints
    counts: Counts
    totals: Counts

    @classmethod
    def of(cls, vocab_size: int, contexts: Ints, pairs: Ints, counts: Ints) -> Level:
        """With the totals that follow from the counts."""
        totals = np.bincount(pairs // vocab_size, counts, len(contexts))
        if totals.max(initial=0) < 2**31:
            small = counts.astype(np.int32), totals.astype(np.int32)
            return cls(vocab_size, contexts, pairs, *small)
        return cls(vocab_size, contexts, pairs, counts, totals.astype(np.int64))

    def counts_of(self, numbers: Ints, followed: Ints) -> Counts:
        """How often each context was followed by a token of its own, (N,)."""
        found = places(self.pairs, numbers * self.vocab_size + followed)
        if not len(self.counts):
            return np.zeros(len(found), dtype=np.int32)
        return np.where(found == UNSEEN, 0, self.counts[found])

    def followers(self, numbers: Ints) -> tuple[Ints, Ints, Counts]:
        """All that followed each context: which of the contexts, the token, and its count."""
        starts = np.searchsorted(self.pairs, numbers * self.vocab_size)
        lengths = np.searchsorted(self.pairs, (numbers + 1) * self.vocab_size) - starts
        here = ranges(starts, lengths)
        rows = np.repeat(np.arange(len(numbers)), lengths)
        return rows, self.pairs[here] % self.vocab_size, self.counts[here]

    def tensors(self, k: int) -> dict[str, Tensor]:
        """Its arrays by name and the level's own number."""
        names = ("contexts", "pairs", "counts", "totals")
        return {f"{name}.{k}": torch.from_numpy(getattr(self, name)) for name in names}


class Numbered(NamedTuple):
    """The contexts of examples by numbers, at each length from 0 to n - 1.

    Attributes:
        keys: of the different contexts, as `Level.contexts` has them.
        numbers: of each example's context, int64 (N,).
    """

    keys: list[Ints]
    numbers: list[Ints]


def numbered(contexts: Tensor, order: int, vocab_size: int) -> Numbered:
    """Number the contexts of 0 to n - 1 tokens, the last of them; no number passes N·V."""
    keys = [np.zeros(1, dtype=np.int64)]
    numbers = [np.zeros(len(contexts), dtype=np.int64)]
    for column in contexts.numpy().T[::-1][: order - 1]:
        found, which = np.unique(numbers[-1] * vocab_size + column, return_inverse=True)
        keys.append(found)
        numbers.append(which.reshape(-1))
    return Numbered(keys, numbers)


def counted_levels(examples: Examples, vocab_size: int, order: int) -> tuple[Level, ...]:
    """The runs of 1 to n tokens that end examples, as often as they do, shortest first.

    >>> examples = Examples(torch.tensor([[0], [1], [1]]), torch.tensor([1, 1, 0]))
    >>> [level.counts.tolist() for level in counted_levels(examples, vocab_size=2, order=2)]
    [[1, 2], [1, 1, 1]]
    """
    targets = examples.targets.numpy()
    levels = []
    for keys, numbers in zip(*numbered(examples.contexts, order, vocab_size), strict=True):
        pairs, counts = tallied(numbers * vocab_size + targets, examples.weights)
        levels.append(Level.of(vocab_size, keys, pairs, counts))
    return tuple(levels)


def tallied(numbers: Ints, weights: Tensor | None) -> tuple[Ints, Ints]:
    """The different numbers, rising, and how often each occurs, int64 each.

    >>> tallied(np.array([7, 5, 7]), torch.tensor([10, 1, 2]))
    (array([5, 7]), array([ 1, 12]))

    Args:
        numbers: (N,).
        weights: how often each of them counts, int64 (N,); once where it's None.
    """
    if weights is None:
        return np.unique(numbers, return_counts=True)
    found, which = np.unique(numbers, return_inverse=True)
    # In float64, which has every whole number up to 2⁵³.
    return found, np.bincount(which, weights.numpy(), len(found)).astype(np.int64)


def along(levels: Sequence[Level], contexts: Tensor) -> Iterator[tuple[Level, Ints, Ints]]:
    """Look contexts up at each level in turn, shortest first.

    Yields:
        A level, the rows whose context has counts there, and the numbers of these contexts.
    """
    numbers = np.zeros(len(contexts), dtype=np.int64)
    columns = contexts.numpy().T[::-1]
    for k, level in enumerate(levels):
        if k:
            longer = numbers * level.vocab_size + columns[k - 1]
            numbers = places(level.contexts, np.where(numbers == UNSEEN, UNSEEN, longer))
        is_counted = level.totals[numbers] > 0 if len(level.totals) else False
        numbers = np.where(is_counted, numbers, UNSEEN)
        rows = np.flatnonzero(numbers != UNSEEN)
        yield level, rows, numbers[rows]


def places(keys: Ints, wanted: Ints) -> Ints:
    """Where each wanted key is in rising keys; -1 where it is not."""
    if not len(keys):
        return np.full(len(wanted), UNSEEN)
    found = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[found] == wanted, found, UNSEEN)
