"""Chapter 10: how far a minibatch's gradient points from the full one, and what a step takes."""

from core.lesson.minibatches.hundred import (
    BATCH_SIZES,
    SMOOTHED_OVER,
    STEPS,
    Hundred,
    batch_sizes,
    hundred,
    training,
)
from core.lesson.minibatches.words import CHAPTER, code

__all__ = [
    "BATCH_SIZES",
    "CHAPTER",
    "SMOOTHED_OVER",
    "STEPS",
    "Hundred",
    "batch_sizes",
    "code",
    "hundred",
    "training",
]
