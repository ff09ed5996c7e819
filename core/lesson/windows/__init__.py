"""Chapter 3: a name as contexts and the characters that follow them."""

from core.lesson.windows.windows import (
    N_FIRST,
    as_printed,
    first_words,
    n_examples,
    read_name,
    vocabulary_in_full,
    vocabulary_in_short,
)
from core.lesson.windows.words import CHAPTER, code

__all__ = [
    "CHAPTER",
    "N_FIRST",
    "as_printed",
    "code",
    "first_words",
    "n_examples",
    "read_name",
    "vocabulary_in_full",
    "vocabulary_in_short",
]
