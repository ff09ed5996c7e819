"""Sweeps: loss against learning rate, and what rate to take from it."""

from core.sweep.config import ASKED, DEFAULTS, SweepConfig
from core.sweep.curve import MAX_EXPONENT, MIN_EXPONENT, Curve, SweepKind
from core.sweep.range_test import MEASURED_EXAMPLES, sweep, sweeping
from core.sweep.suggestions import MIN_POINTS, Suggestion, suggest, suggestions
from core.sweep.sweeper import Sweeper, SweepSnapshot

__all__ = [
    "ASKED",
    "DEFAULTS",
    "MAX_EXPONENT",
    "MEASURED_EXAMPLES",
    "MIN_EXPONENT",
    "MIN_POINTS",
    "Curve",
    "Suggestion",
    "SweepConfig",
    "SweepKind",
    "SweepSnapshot",
    "Sweeper",
    "suggest",
    "suggestions",
    "sweep",
    "sweeping",
]
