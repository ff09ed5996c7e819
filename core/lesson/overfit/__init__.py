"""Chapter 9: the examples of five names learned by heart, down to the lowest loss there can be."""

from core.lesson.overfit.fit import (
    LONGEST,
    MARKS,
    N_NAMES,
    Ambiguous,
    Fit,
    ambiguous,
    first_losses,
    fit,
    probabilities,
    run_config,
    written,
)
from core.lesson.overfit.words import CHAPTER, code

__all__ = [
    "CHAPTER",
    "LONGEST",
    "MARKS",
    "N_NAMES",
    "Ambiguous",
    "Fit",
    "ambiguous",
    "code",
    "first_losses",
    "fit",
    "probabilities",
    "run_config",
    "written",
]
