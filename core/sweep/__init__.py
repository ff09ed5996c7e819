"""Sweeps: loss against learning rate, and what rate to take from it."""

from core.sweep.config import ASKED, DEFAULTS, SweepConfig
from core.sweep.curve import MAX_EXPONENT, MIN_EXPONENT, Curve, SweepKind
from core.sweep.dragging import DRAG_STEPS, DragCurve, Dragging, can_be_dragged
from core.sweep.range_test import MEASURED_EXAMPLES, sweep, sweeping
from core.sweep.suggestions import MIN_POINTS, Suggestion, suggest, suggestions
from core.sweep.sweeper import Sweeper, SweepSnapshot

__all__ = [
    "ASKED",
    "DEFAULTS",
    "DRAG_STEPS",
    "MAX_EXPONENT",
    "MEASURED_EXAMPLES",
    "MIN_EXPONENT",
    "MIN_POINTS",
    "Curve",
    "DragCurve",
    "Dragging",
    "Suggestion",
    "SweepConfig",
    "SweepKind",
    "SweepSnapshot",
    "Sweeper",
    "can_be_dragged",
    "suggest",
    "suggestions",
    "sweep",
    "sweeping",
]
