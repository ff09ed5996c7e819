"""Chapter 11: a learning rate from one rising ramp, as in the tutorial, and from short runs."""

from core.lesson.rate.runs import N_SHORT_RUNS, Ramp, ShortRun, lowest, ramp, short_run, short_runs
from core.lesson.rate.words import CHAPTER, code

__all__ = [
    "CHAPTER",
    "N_SHORT_RUNS",
    "Ramp",
    "ShortRun",
    "code",
    "lowest",
    "ramp",
    "short_run",
    "short_runs",
]
