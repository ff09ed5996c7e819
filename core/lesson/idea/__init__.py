"""Chapter 2: words as points, and the size of the paper's network beside ours."""

from core.lesson.idea.sentence import (
    SENTENCE,
    SWAPPABLE,
    Company,
    Word,
    company,
    sentence,
    sentences,
)
from core.lesson.idea.sizes import Layer, Sizes, mean_log_likelihood, our_sizes, paper_sizes
from core.lesson.idea.words import CHAPTER, code

__all__ = [
    "CHAPTER",
    "SENTENCE",
    "SWAPPABLE",
    "Company",
    "Layer",
    "Sizes",
    "Word",
    "code",
    "company",
    "mean_log_likelihood",
    "our_sizes",
    "paper_sizes",
    "sentence",
    "sentences",
]
