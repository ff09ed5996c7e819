"""Chapter 2: words as points, and the size of the paper's network beside ours."""

from core.lesson.idea.sizes import (
    SENTENCE,
    SWAPPABLE,
    Layer,
    Sizes,
    Word,
    mean_log_likelihood,
    our_sizes,
    paper_sizes,
    sentence,
    sentences,
)
from core.lesson.idea.words import CHAPTER, code

__all__ = [
    "CHAPTER",
    "SENTENCE",
    "SWAPPABLE",
    "Layer",
    "Sizes",
    "Word",
    "code",
    "mean_log_likelihood",
    "our_sizes",
    "paper_sizes",
    "sentence",
    "sentences",
]
