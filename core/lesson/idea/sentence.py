"""The paper's example, the words it may swap, and where a network puts them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import product


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
