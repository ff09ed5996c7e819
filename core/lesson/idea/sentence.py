"""Chapter 2: the paper's example, the words it may swap, and where a network puts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from core.models.embeddings import Table, nearest


@dataclass(frozen=True)
class Word:
    """A word of the example and its partner."""

    seen: str
    partner: str

    @property
    def can_swap(self) -> bool:
        """Whether the partner is another word."""
        return self.seen != self.partner


# The two sentences of the paper's section 1, word by word.
SENTENCE = (
    Word("The", "A"),
    Word("cat", "dog"),
    Word("is", "was"),
    Word("walking", "running"),
    Word("in", "in"),
    Word("the", "a"),
    Word("bedroom", "room"),
)
SWAPPABLE = tuple(place for place, word in enumerate(SENTENCE) if word.can_swap)


@dataclass(frozen=True)
class Company:
    """How often a word's nearest neighbour in the plane is of the same kind.

    Attributes:
        share: of the words, from 0 to 1.
        chance: the same, were the nearest any other word.
    """

    share: float
    chance: float


def sentence(swapped: Collection[int]) -> tuple[str, ...]:
    """The words of the example, with the partners at these places."""
    return tuple(
        word.partner if place in swapped else word.seen for place, word in enumerate(SENTENCE)
    )


def sentences(swapped: Collection[int]) -> list[str]:
    """All 2ᵏ sentences that come from the seen one by swapping words at these k places.

    >>> sentences({1})
    ['The cat is walking in the bedroom', 'The dog is walking in the bedroom']
    """
    choices = [
        (word.seen, word.partner) if place in swapped and word.can_swap else (word.seen,)
        for place, word in enumerate(SENTENCE)
    ]
    return [" ".join(words) for words in product(*choices)]


def company(points: Table, kinds: Sequence[str]) -> Company:
    """How many words have one of their own kind nearest to them; the boundary doesn't count.

    With n_k words of kind k, n in all, chance is Σ n_k (n_k - 1) / (n (n - 1)).

    >>> places = np.array([[0.0, 0.0], [0.0, 1.0], [5.0, 0.0], [5.0, 2.0]])
    >>> company(places, ["noun", "noun", "verb", "verb"])
    Company(share=1.0, chance=0.3333333333333333)

    Args:
        points: float32 or float64 (V, D).
        kinds: of each word, V of them; two words or more are no boundary.
    """
    rows = [row for row, kind in enumerate(kinds) if kind != "boundary"]
    known, of = np.asarray(points)[rows], [kinds[row] for row in rows]
    n_same = sum(
        of[found] == of[row] for row in range(len(of)) for found, _ in nearest(known, row, 1)
    )
    pairs = sum(count * (count - 1) for count in Counter(of).values())
    return Company(n_same / len(of), pairs / (len(of) * (len(of) - 1)))
