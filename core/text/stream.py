"""Running text as ids: its words by rank, the rare ones as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from core.text.vocabulary import RARE, Vocabulary

N_RARE_NAMED = 20


@dataclass(frozen=True, eq=False)
class Stream:
    """Documents in order, encoded by their own words."""

    vocabulary: Vocabulary
    ids: NDArray[np.int32]  # of all tokens, without boundaries
    lengths: NDArray[np.int64]  # tokens of each document
    rare_at_most: int  # occurrences up to which a token is rare
    n_types: int  # different tokens, before the rare ones became one
    n_rare_types: int
    rare_examples: tuple[str, ...]  # the first of them in the text


def encode_stream(
    documents: Sequence[Sequence[str]],
    rare_at_most: int,
    rare_token: str = RARE,
    counts: Counter[str] | None = None,
) -> Stream:
    """Number the tokens by rank and replace each by its number; empty documents are left out.

    Args:
        documents: tokens of each.
        rare_at_most: occurrences up to which a token is rare.
        rare_token: for those.
        counts: of all tokens, in the order in which they first occur, where they are known.
    """
    if counts is None:
        counts = Counter(chain.from_iterable(documents))  # which keeps that order
    vocabulary = Vocabulary.from_counts(counts, rare_at_most=rare_at_most, rare=rare_token)
    known, rare = vocabulary.stoi, vocabulary.rare_id or 0
    id_of = {token: known.get(token, rare) for token in counts}
    lengths = np.array([len(tokens) for tokens in documents if tokens], dtype=np.int64)
    tokens = map(id_of.__getitem__, chain.from_iterable(documents))
    rare_types = [token for token in counts if token not in known]
    return Stream(
        vocabulary,
        np.fromiter(tokens, dtype=np.int32, count=int(lengths.sum())),
        lengths,
        rare_at_most,
        len(counts),
        len(rare_types),
        tuple(rare_types[:N_RARE_NAMED]),
    )


def sentence_ends(
    ids: NDArray[np.int32], ends: NDArray[np.int64], stops: frozenset[int]
) -> NDArray[np.int64]:
    """Where sentences end: behind each stop, and where a document does.

    >>> sentence_ends(np.array([5, 9, 6, 7, 9, 9], dtype=np.int32), np.array([4, 6]), {0, 9})
    array([2, 4, 5, 6])
    """
    behind_stops = np.flatnonzero(np.isin(ids, list(stops))) + 1
    found: NDArray[np.int64] = np.union1d(behind_stops, ends)
    return found
