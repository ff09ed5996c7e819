"""Chapter 12: 30,000 steps with decay, as the tutorial printed it and as it was meant."""

from core.lesson.long_run.pairs import (
    BATCH_SIZE,
    FEWEST_STEPS,
    LONGEST,
    SHORTEST,
    STEPS,
    VERSIONS,
    Ending,
    Pair,
    Summary,
    Version,
    is_quick,
    known,
    running,
    schedule,
    seeds,
    summary,
    training,
)
from core.lesson.long_run.words import CHAPTER, code

__all__ = [
    "BATCH_SIZE",
    "CHAPTER",
    "FEWEST_STEPS",
    "LONGEST",
    "SHORTEST",
    "STEPS",
    "VERSIONS",
    "Ending",
    "Pair",
    "Summary",
    "Version",
    "code",
    "is_quick",
    "known",
    "running",
    "schedule",
    "seeds",
    "summary",
    "training",
]
