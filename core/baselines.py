"""Losses that guessing and counting reach on the same names, to hold the network against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from core.dataset import BOUNDARY, MAX_WORD_LENGTH, Examples, Vocabulary, build_contexts
from core.errors import ConfigError

MAX_N = 8  # (200 characters + boundary)^8 still fits in an int64


class Baselines(NamedTuple):
    """Losses in nats per character of three models that learn no embeddings."""

    uniform: float
    bigram: float
    trigram: float


def uniform_loss(vocab_size: int) -> float:
    """Loss of giving every character the same probability: ln V, 3.296 for 27."""
    return math.log(vocab_size)


@dataclass(frozen=True, eq=False)
class NgramCounts:
    """How often each run of n characters occurs, as a model with add-one smoothing.

    p(y | context) = (count(context, y) + 1) / (count(context) + V)

    Only the runs that occur are kept, so a 4-gram of 200 characters takes no more room than the
    names do. A run is known by one number: its characters' indices as the digits of base V.

    Attributes:
        vocabulary: the characters that are counted.
        n: characters in a run; the context has n - 1.
        keys: the runs that occur, int64, rising.
        counts: how often each occurs, int64.
    """

    vocabulary: Vocabulary
    n: int
    keys: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def from_words(cls, words: Sequence[str], vocabulary: Vocabulary, n: int) -> NgramCounts:
        """Count the runs of n characters in all words, each padded with the boundary.

        The runs are the examples that `build_contexts` makes at a context of n - 1.

        Raises:
            ConfigError: if n is not from 1 to 8.
            DatasetError: if a word has a character outside the vocabulary.
        """
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MAX_N:
            raise ConfigError("n", f"a whole number from 1 to {MAX_N}", n)
        keys, counts = np.unique(_run_keys(words, vocabulary, n), return_counts=True)
        return cls(vocabulary, n, keys, counts)

    @property
    def n_seen(self) -> int:
        """How many different runs occur."""
        return len(self.keys)

    @property
    def n_possible(self) -> int:
        """How many different runs there could be: Vⁿ."""
        return int(len(self.vocabulary) ** self.n)

    @property
    def table(self) -> NDArray[np.int64]:
        """Counts by context and next character, int64 (V, V), of a bigram.

        Raises:
            ValueError: if n is not 2.
        """
        if self.n != 2:
            raise ValueError(f"only bigrams (n = 2) have a (V, V) table, got n = {self.n}")
        size = len(self.vocabulary)
        table = np.zeros(size * size, dtype=np.int64)
        table[self.keys] = self.counts
        return table.reshape(size, size)

    def probabilities(self, context: str) -> NDArray[np.float64]:
        """Probability of each next character, float64 (V,).

        Args:
            context: what stands before; its last n - 1 characters count, and the boundary is put
                in front when there are fewer.

        Raises:
            DatasetError: if a character is not in the vocabulary.
        """
        width = self.n - 1
        padded = BOUNDARY * width + context
        last = padded[len(padded) - width :]
        size = len(self.vocabulary)
        key = 0
        for index in self.vocabulary.encode(last):
            key = key * size + index
        start, stop = np.searchsorted(self.keys, [key * size, (key + 1) * size])
        smoothed = np.ones(size)
        smoothed[self.keys[start:stop] % size] += self.counts[start:stop]
        probabilities: NDArray[np.float64] = smoothed / smoothed.sum()
        return probabilities

    def loss(self, words: Sequence[str]) -> float:
        """Mean of -ln p over every character and every word's end, in nats; nan without words.

        Raises:
            DatasetError: if a word has a character outside the vocabulary.
        """
        if not words:
            return math.nan
        size = len(self.vocabulary)
        keys, weights = np.unique(_run_keys(words, self.vocabulary, self.n), return_counts=True)
        contexts, which = np.unique(self.keys // size, return_inverse=True)
        totals = np.bincount(which, weights=self.counts, minlength=len(contexts))
        nll = np.log(_look_up(contexts, totals, keys // size) + size)
        nll -= np.log(_look_up(self.keys, self.counts, keys) + 1)
        return float(nll @ weights / weights.sum())

    def sample(
        self, count: int, generator: torch.Generator, *, max_length: int = MAX_WORD_LENGTH
    ) -> list[str]:
        """Draw `count` names, each until its end or `max_length` characters."""
        names = []
        for _ in range(count):
            uniforms = torch.rand(max_length, generator=generator, dtype=torch.float64)
            name = ""
            for uniform in uniforms.tolist():
                index = np.searchsorted(self.probabilities(name).cumsum(), uniform, side="right")
                if index == 0:
                    break
                name += self.vocabulary.itos[min(int(index), len(self.vocabulary) - 1)]
            names.append(name)
        return names


def baseline_losses(
    train_words: Sequence[str], eval_words: Sequence[str], vocabulary: Vocabulary
) -> Baselines:
    """Losses on `eval_words` of guessing and of counting in `train_words`."""
    bigram, trigram = (
        NgramCounts.from_words(train_words, vocabulary, n).loss(eval_words) for n in (2, 3)
    )
    return Baselines(uniform_loss(len(vocabulary)), bigram, trigram)


def lowest_possible_loss(examples: Examples) -> float:
    """The loss that no model of these contexts can pass on these very examples, in nats.

    The conditional entropy H(y | context) = -1/N Σ count(context, y) ln p(y | context), with p as
    counted without smoothing: above zero when one context has several continuations. nan when
    there are no examples.
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


def _run_keys(words: Sequence[str], vocabulary: Vocabulary, n: int) -> NDArray[np.int64]:
    """One number for each example, its context's digits before its target's, int64 (N,)."""
    # A context of 0 has no padding to keep words apart, so it is made from one of 1.
    contexts, targets = build_contexts(words, vocabulary, max(1, n - 1))
    keys = np.zeros(len(targets), dtype=np.int64)
    for column in (*contexts.numpy().T[: n - 1], targets.numpy()):
        keys = keys * len(vocabulary) + column
    return keys


def _look_up(
    keys: NDArray[np.int64], values: NDArray[np.generic], wanted: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Values of the wanted keys, 0 where a key is missing; `keys` is rising."""
    if len(keys) == 0:
        return np.zeros(len(wanted))
    places = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], 0).astype(np.float64)


def _renumbered(groups: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers 0, 1, … for the different pairs of a group and a column's value, int64 (N,)."""
    pairs = groups * (int(column.max()) + 1) + column
    numbers: NDArray[np.int64] = np.unique(pairs, return_inverse=True)[1].reshape(-1)
    return numbers
