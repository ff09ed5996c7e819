"""The texts that everyone can have, by the names that links, options and stores have for them."""

from __future__ import annotations

from collections.abc import Callable

from core.text.brown import is_brown, is_brown_fetched, load_brown
from core.text.corpus import Corpus
from core.text.names import embedded_corpus, is_embedded
from core.text.small_language import is_small_language, small_language

_TEXTS: dict[str, tuple[Callable[[], Corpus], Callable[[Corpus], bool]]] = {
    "names": (embedded_corpus, is_embedded),
    "words": (small_language, is_small_language),
    "brown": (load_brown, is_brown),
}
BUILT_IN = tuple(_TEXTS)


def load_text(name: str) -> Corpus:
    """One of these texts.

    Raises:
        DatasetError: if it has to be fetched first, or cannot be read.

    >>> load_text("words").name
    'A small language'
    """
    load, _ = _TEXTS[name]
    return load()


def is_at_hand(name: str) -> bool:
    """Whether one of these texts can be loaded without a network."""
    return name != "brown" or is_brown_fetched()


def name_of(corpus: Corpus) -> str:
    """Which of these texts a corpus is; empty for what only its visitor has."""
    return next((name for name, (_, holds) in _TEXTS.items() if holds(corpus)), "")


def is_built_in(corpus: Corpus) -> bool:
    """Whether a corpus is one of these texts."""
    return bool(name_of(corpus))
