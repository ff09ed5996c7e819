"""Counting as a model: how often each run of n tokens occurs, with add-one smoothing."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.models.levels import ORDERS, Counting, tallied
from core.models.seam import Parameters
from core.settings import ConfigError
from core.text import Examples, ranges


class NGram(Counting):
    """A table of counts, as a model with add-one smoothing.

    p(y | context) = (count(context, y) + 1) / (count(context) + V)

    Only the runs that occur are kept, so a 4-gram of 200 tokens takes no more room than the
    documents do. A run is known by one number: its tokens' ids as the digits of base V.

    >>> examples = Examples(torch.tensor([[0], [1], [1]]), torch.tensor([1, 1, 0]))
    >>> bigrams = NGram.fit(examples, vocab_size=2, n=2)
    >>> bigrams.table.tolist(), bigrams.probabilities(torch.tensor([[0]])).round(2).tolist()
    ([[0, 1], [1, 1]], [[0.33, 0.67]])

    Attributes:
        keys: the runs that occur, int64, rising.
        counts: how often each occurs, int64.
    """

    def __init__(
        self, n: int, vocab_size: int, keys: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> None:
        """Take over what was counted; `fit` counts."""
        self.order = n
        self.vocab_size = vocab_size
        self.keys = keys
        self.counts = counts

    @classmethod
    def fit(cls, examples: Examples, vocab_size: int, n: int) -> NGram:
        """Count the runs of n tokens in examples.

        Args:
            examples: with n - 1 tokens of context or more, of which the last count.
            vocab_size: V.
            n: tokens in a run, 1 to 8.

        Raises:
            ConfigError: if n is not from 1 to 8, or Vⁿ is more than an int64 can number.
        """
        ORDERS.check("n", n)
        if vocab_size**n >= 2**63:
            most = int(63 * math.log(2) / math.log(vocab_size))
            raise ConfigError("n", f"at most {most} for {vocab_size:,} tokens", n)
        keys, counts = tallied(_run_keys(*examples, n, vocab_size), examples.weights)
        return cls(n, vocab_size, keys, counts)

    @property
    def parameters(self) -> Parameters:
        """The runs and their counts."""
        arrays = {"keys": self.keys, "counts": self.counts}
        return Parameters({name: torch.from_numpy(array) for name, array in arrays.items()})

    @property
    def width(self) -> int:
        """The most numbers that one example takes for its loss: its run and two counts."""
        return 3

    @property
    def n_seen(self) -> int:
        """How many different runs occur."""
        return len(self.keys)

    @property
    def n_possible(self) -> int:
        """How many different runs there could be: Vⁿ."""
        return int(self.vocab_size**self.order)

    @property
    def table(self) -> NDArray[np.int64]:
        """Counts by context and next token, int64 (V, V), of a bigram.

        Raises:
            ValueError: if n is not 2.
        """
        if self.order != 2:
            raise ValueError(f"only bigrams (n = 2) have a (V, V) table, got n = {self.order}")
        size = self.vocab_size
        table = np.zeros(size * size, dtype=np.int64)
        table[self.keys] = self.counts
        return table.reshape(size, size)

    def probabilities(self, contexts: Tensor) -> NDArray[np.float64]:
        """Probability of every token as the next one, float64 (N, V).

        Args:
            contexts: ids, int64 (N, T) with T of n - 1 or more, of which the last count.
        """
        size, wanted = self.vocab_size, _context_keys(contexts, self.order, self.vocab_size)
        starts = np.searchsorted(self.keys, wanted * size)
        lengths = np.searchsorted(self.keys, (wanted + 1) * size) - starts
        rows = np.repeat(np.arange(len(wanted)), lengths)
        places = ranges(starts, lengths)
        smoothed = np.ones((len(wanted), size))
        smoothed[rows, self.keys[places] % size] += self.counts[places]
        smoothed /= smoothed.sum(axis=1, keepdims=True)
        return smoothed

    def loss(self, examples: Examples) -> float:
        """Mean of `nll` over examples, in float64 and over each different run once; nan of none."""
        if not len(examples.targets):
            return math.nan
        runs = _run_keys(*examples, self.order, self.vocab_size)
        keys, weights = tallied(runs, examples.weights)
        return float(self._nll_of_runs(keys) @ weights / weights.sum())

    def _nll(self, contexts: Tensor, targets: Tensor) -> NDArray[np.float64]:
        return self._nll_of_runs(_run_keys(contexts, targets, self.order, self.vocab_size))

    def _nll_of_runs(self, runs: NDArray[np.int64]) -> NDArray[np.float64]:
        size = self.vocab_size
        contexts, which = np.unique(self.keys // size, return_inverse=True)
        totals = np.bincount(which, weights=self.counts, minlength=len(contexts))
        nll: NDArray[np.float64] = np.log(_look_up(contexts, totals, runs // size) + size)
        nll -= np.log(_look_up(self.keys, self.counts, runs) + 1)
        return nll


def _context_keys(contexts: Tensor, n: int, vocab_size: int) -> NDArray[np.int64]:
    """One number for each context, of its last n - 1 tokens' digits, int64 (N,)."""
    keys = np.zeros(len(contexts), dtype=np.int64)
    for column in contexts.numpy().T[contexts.shape[1] - n + 1 :]:
        keys = keys * vocab_size + column
    return keys


def _run_keys(contexts: Tensor, targets: Tensor, n: int, vocab_size: int) -> NDArray[np.int64]:
    """One number for each example, its context's digits before its target's, int64 (N,)."""
    keys: NDArray[np.int64] = _context_keys(contexts, n, vocab_size) * vocab_size + targets.numpy()
    return keys


def _look_up(
    keys: NDArray[np.int64], values: NDArray[np.generic], wanted: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Values of the wanted keys, 0 where a key is missing; `keys` is rising."""
    if len(keys) == 0:
        return np.zeros(len(wanted))
    places = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], 0).astype(np.float64)
