"""Chapter 8: the gradient of every number in three ways, one update, and why it is cleared."""

from core.lesson.backward.gradients import (
    TENSORS,
    Gradients,
    Update,
    after_passes,
    by_hand,
    descend,
    descents,
    finite_difference,
    gradients,
    largest,
    losses_along,
    update,
)
from core.lesson.backward.words import CHAPTER, PARTS, code

__all__ = [
    "CHAPTER",
    "PARTS",
    "TENSORS",
    "Gradients",
    "Update",
    "after_passes",
    "by_hand",
    "code",
    "descend",
    "descents",
    "finite_difference",
    "gradients",
    "largest",
    "losses_along",
    "update",
]
