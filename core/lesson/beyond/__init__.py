"""Chapter 13: what stands between the tutorial's run and the lecture's, as experiments."""

from core.lesson.beyond.experiments import (
    EXPERIMENTS,
    INITS,
    Experiment,
    Result,
    Start,
    results,
    start,
)
from core.lesson.beyond.words import CHAPTER, code

__all__ = [
    "CHAPTER",
    "EXPERIMENTS",
    "INITS",
    "Experiment",
    "Result",
    "Start",
    "code",
    "results",
    "start",
]
