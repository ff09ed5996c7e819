"""What Namesmith has itself, and what only a visitor has."""

from __future__ import annotations

from core.text.brown import is_brown
from core.text.corpus import Corpus
from core.text.names import is_embedded
from core.text.small_language import is_small_language


def is_built_in(corpus: Corpus) -> bool:
    """Whether anybody's Namesmith can have this corpus: names, small language, Brown."""
    return is_embedded(corpus) or is_small_language(corpus) or is_brown(corpus)
