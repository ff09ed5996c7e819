"""Chapter 7: why the library's cross-entropy, and not counts and probabilities by hand."""

from core.lesson.cross_entropy.ways import (
    FEWER_DIGITS_BELOW,
    INF_FROM,
    PRESETS,
    ZERO_BELOW,
    Way,
    by_hand,
    by_library,
    exact,
    explained,
)
from core.lesson.cross_entropy.words import CHAPTER, code

__all__ = [
    "CHAPTER",
    "FEWER_DIGITS_BELOW",
    "INF_FROM",
    "PRESETS",
    "ZERO_BELOW",
    "Way",
    "by_hand",
    "by_library",
    "code",
    "exact",
    "explained",
]
