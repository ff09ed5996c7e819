"""The examples that a model learns from: windows over documents, padded with the boundary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.text.vocabulary import Vocabulary

Ids = NDArray[np.int32]


class Examples(NamedTuple):
    """Contexts and what followed them: a pair of tensors, X and Y in the tutorial."""

    contexts: Tensor  # int64 (N, T)
    targets: Tensor  # int64 (N,)

    def sampled(self, count: int, seed: int) -> Examples:
        """At most `count` of them at random, by seed; themselves when there are no more."""
        if len(self.targets) <= count:
            return self
        generator = torch.Generator().manual_seed(seed)
        rows = torch.randperm(len(self.targets), generator=generator)[:count]
        return Examples(self.contexts[rows], self.targets[rows])


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
    return windows(
        [np.array(vocabulary.encode(word), dtype=np.int32) for word in words], block_size
    )


def windows(documents: Sequence[Ids], block_size: int) -> Examples:
    """Slide a window over every document, padded with the boundary, up to and with its end.

    'emma' at a context of 3 gives `... → e`, `..e → m`, `.em → m`, `emm → a`, `mma → .`.

    Args:
        documents: ids of the tokens of each, without boundaries.
        block_size: T, tokens of context.

    Returns:
        X int64 (N, T) and Y int64 (N,).
    """
    padding = np.zeros(block_size, dtype=np.int32)
    # One long line, each document behind its own padding, so that all windows are one slice each.
    line = [part for document in documents for part in (padding, document)]
    ids = np.concatenate([*line, padding]).astype(np.int64)
    lengths = np.fromiter(map(len, documents), dtype=np.int64, count=len(documents))
    starts = np.cumsum(lengths + block_size) - (lengths + block_size)
    n_examples = int((lengths + 1).sum())
    first = np.repeat(starts - np.cumsum(lengths + 1) + (lengths + 1), lengths + 1)
    places = first + np.arange(n_examples)
    contexts = ids[places[:, None] + np.arange(block_size)]
    targets = ids[places + block_size]
    return Examples(torch.from_numpy(contexts), torch.from_numpy(targets))
