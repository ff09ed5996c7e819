"""Chapter 5: the embeddings of a context as one row, by copies and by a view."""

from core.lesson.one_row.join import (
    WAYS,
    Joined,
    Swapped,
    by_slices,
    by_unbind,
    by_view,
    join,
    product_error,
    seconds_of_each,
    shares_storage,
    slices_text,
    swap,
)
from core.lesson.one_row.words import CHAPTER, code

__all__ = [
    "CHAPTER",
    "WAYS",
    "Joined",
    "Swapped",
    "by_slices",
    "by_unbind",
    "by_view",
    "code",
    "join",
    "product_error",
    "seconds_of_each",
    "shares_storage",
    "slices_text",
    "swap",
]
