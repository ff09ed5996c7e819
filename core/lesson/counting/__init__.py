"""Chapter 1: tables of counts, how fast they grow, and where they stop to generalise."""

from core.lesson.counting.tables import (
    LARGEST_N,
    LONGEST_NAME,
    N_NAMES,
    SMALLEST_N,
    Page,
    Table,
    best,
    best_smoothed,
    page,
    sample_names,
    tables,
)
from core.lesson.counting.words import CHAPTER, code

__all__ = [
    "CHAPTER",
    "LARGEST_N",
    "LONGEST_NAME",
    "N_NAMES",
    "SMALLEST_N",
    "Page",
    "Table",
    "best",
    "best_smoothed",
    "code",
    "page",
    "sample_names",
    "tables",
]
