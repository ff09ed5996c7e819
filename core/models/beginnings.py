"""What a text begins with: the tokens before its first one, and those that somebody typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from core.errors import DatasetError, shown
from core.text import Vocabulary

WHOLE: tuple[int, ...] = (0,)  # the stops of texts that only the boundary ends


def start_context(block_size: int, stops: Collection[int] = WHOLE) -> list[int]:
    """The T tokens before the first one of a text.

    Boundaries, as before every document. A sentence of running text is one among many of its
    document: boundaries alone would ask for the opening of an article, so the last of them is the
    stop that most sentences end with.

    >>> start_context(3), start_context(3, {0, 4, 29})
    ([0, 0, 0], [0, 0, 4])

    Args:
        block_size: T.
        stops: ids after which a sentence ends, as `Corpus.stops`; the boundary is always one.
    """
    most_frequent = min((stop for stop in stops if stop), default=0)  # ids rise with rank
    return [0] * (block_size - 1) + [most_frequent]


def never_next(
    vocabulary: Vocabulary, stops: Collection[int] = WHOLE, *, rare: bool, is_first: bool
) -> list[int]:
    """Ids that are not to be written next, whatever their probability.

    The rare token, unless it is asked for. A sentence of running text has a first token, so the
    boundary is none: it would be the end of the text before.

    >>> words = Vocabulary(("¶", "<rare>", "the", "."), "word", rare="<rare>")
    >>> never_next(words, {0, 3}, rare=False, is_first=True)
    [0, 1]
    >>> never_next(words, {0, 3}, rare=True, is_first=False)
    []
    """
    boundary = [0] if is_first and any(stops) else []
    is_left_out = vocabulary.rare_id is not None and not rare
    return [*boundary, vocabulary.rare_id] if is_left_out else boundary  # type: ignore[list-item]


def typed_ids(text: str, vocabulary: Vocabulary) -> list[int]:
    """Ids of a text that somebody typed; unknown tokens are the rare one, if there is one.

    Raises:
        DatasetError: if it holds the boundary, or an unknown token where none is for the rare.
    """
    return written_ids(_composed(text), vocabulary)


def written_ids(text: str, vocabulary: Vocabulary) -> list[int]:
    """Ids of a text that a model wrote, its characters as they are.

    A letter and an accent that it wrote one after the other stay two tokens, though a keyboard
    has both in one.

    Raises:
        DatasetError: if it holds the boundary, or an unknown token where none is for the rare.
    """
    tokens = vocabulary.tokens(text)
    if vocabulary.boundary in tokens:
        raise DatasetError(
            f"{shown(text)} holds a '{vocabulary.boundary}', which marks the end of a "
            f"{vocabulary.document}: take it out."
        )
    return vocabulary.encode(tokens)


def unknown_tokens(text: str, vocabulary: Vocabulary) -> list[str]:
    """The tokens of a typed text that the vocabulary does not hold, each once, in order.

    >>> words = Vocabulary(("¶", "<rare>", "the"), "word", rare="<rare>")
    >>> unknown_tokens("the zebra saw the okapi", words)
    ['zebra', 'saw', 'okapi']
    """
    tokens = dict.fromkeys(vocabulary.tokens(_composed(text)))
    return [token for token in tokens if token not in vocabulary.stoi]


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
