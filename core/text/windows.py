"""The examples that a model learns from: windows over documents, padded with the boundary."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.text.vocabulary import Vocabulary

Ids = NDArray[np.int32]


class _Pair(NamedTuple):
    contexts: Tensor  # int64 (N, T)
    targets: Tensor  # int64 (N,)


class Examples(_Pair):
    """Contexts and what followed them: a pair of tensors, X and Y in the tutorial.

    With weights they stand for a list that has each of them as often as its weight says, one after
    the other; that list is never written out.

    >>> two = Examples(torch.tensor([[0], [1]]), torch.tensor([1, 0]), torch.tensor([3, 1]))
    >>> two.n_counted, two.rows_at(torch.arange(4)).tolist(), two.mean(torch.tensor([1.0, 5.0]))
    (4, [0, 0, 0, 1], 2.0)

    Attributes:
        weights: how often each of them counts, int64 (N,); None where each counts once.
    """

    weights: Tensor | None = None

    def __new__(cls, contexts: Tensor, targets: Tensor, weights: Tensor | None = None) -> Examples:
        """A pair, with what each of it counts."""
        pair = super().__new__(cls, contexts, targets)
        pair.weights = weights
        return pair

    @property
    def n_counted(self) -> int:
        """How many there are, each as often as it counts."""
        return len(self.targets) if self.weights is None else int(self.weights.sum())

    def rows_at(self, places: Tensor) -> Tensor:
        """The rows of what is at these places of the list as it would be written out, int64."""
        if self.weights is None:
            return places
        return torch.searchsorted(self._cumulative, places, right=True)

    def mean(self, values: Tensor) -> float:
        """The mean of a value of each, (N,), as often as it counts; nan of none."""
        if self.weights is None:
            return values.mean().item()
        return (values.double() @ self.weights.double()).item() / max(1, self.n_counted)

    def of_rows(self, rows: Tensor | slice) -> Examples:
        """Some of them, each with what it counts."""
        weights = None if self.weights is None else self.weights[rows]
        return Examples(self.contexts[rows], self.targets[rows], weights)

    def sampled(self, count: int, seed: int) -> Examples:
        """At most `count` of them at random, by seed; themselves when there are no more.

        Those with weights are drawn in proportion to them, and then count once.
        """
        if len(self.targets) <= count:
            return self
        generator = torch.Generator().manual_seed(seed)
        if self.weights is None:
            rows = torch.randperm(len(self.targets), generator=generator)[:count]
        else:
            rows = self.rows_at(torch.randint(self.n_counted, (count,), generator=generator))
        return Examples(self.contexts[rows], self.targets[rows])

    @cached_property
    def _cumulative(self) -> Tensor:
        assert self.weights is not None
        return self.weights.cumsum(0)


def build_contexts(words: Sequence[str], vocabulary: Vocabulary, block_size: int) -> Examples:
    """Slide a window over every text, padded with the boundary, up to and with its end.

    >>> X, Y = build_contexts(["ab"], Vocabulary.from_words(["ab"]), block_size=2)
    >>> X.tolist(), Y.tolist()
    ([[0, 0], [0, 1], [1, 2]], [1, 2, 0])

    Args:
        words: texts in any order, names or sentences; examples follow their order.
        vocabulary: must hold every token of the texts.
        block_size: T, tokens of context.

    Returns:
        X int64 (N, T) and Y int64 (N,), where N counts every token and every text's end.

    Raises:
        DatasetError: if a text has a token outside the vocabulary.
    """
    documents = [vocabulary.encode(word) for word in words]
    lengths = np.fromiter(map(len, documents), dtype=np.int64, count=len(documents))
    ids = np.fromiter(chain.from_iterable(documents), dtype=np.int32, count=int(lengths.sum()))
    return windows(ids, np.cumsum(lengths) - lengths, lengths, block_size)


def windows(
    ids: Ids,
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    block_size: int,
    n_ends: NDArray[np.int64] | int = 1,
) -> Examples:
    """Slide a window over documents, each padded with the boundary, up to and with its end.

    'emma' at a context of 3 gives `... → e`, `..e → m`, `.em → m`, `emm → a`, `mma → .`.

    Args:
        ids: of the tokens, without boundaries, int32.
        starts: where in `ids` each document begins; examples follow their order.
        lengths: tokens of each.
        block_size: T, tokens of context.
        n_ends: 1 where a document's end is an example, 0 where it goes on elsewhere.

    Returns:
        X int64 (N, T) and Y int64 (N,).
    """
    # One long line, each document behind its own padding, so that all windows are one slice each.
    line_starts = np.cumsum(lengths + block_size) - lengths
    line = np.zeros(int((lengths + block_size).sum()) + block_size, dtype=np.int64)
    line[ranges(line_starts, lengths)] = ids[ranges(starts, lengths)]
    first = ranges(line_starts - block_size, lengths + n_ends)  # of each window
    contexts = line[first[:, None] + np.arange(block_size)]
    return Examples(torch.from_numpy(contexts), torch.from_numpy(line[first + block_size]))


def ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """start, start + 1, … of each length, one after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    ranges: NDArray[np.int64] = np.repeat(starts - ends + lengths, lengths) + np.arange(total)
    return ranges
