"""Sweeps: loss against learning rate or any settings, and what to take from it."""

from core.sweep.axes import (
    MOST_VALUES,
    Axis,
    choices,
    has_use,
    spread,
    swept_settings,
    usual_range,
)
from core.sweep.config import ASKED, DEFAULTS, SweepConfig
from core.sweep.curve import Curve, SweepKind
from core.sweep.grid import GridConfig, Point, PointResult, Verdict, verdict
from core.sweep.grid_sweeper import GridSnapshot, GridSweeper
from core.sweep.range_test import MEASURED_EXAMPLES, sweep, sweeping
from core.sweep.suggestions import Suggestion, suggest, suggestions
from core.sweep.sweeper import Sweeper, SweepSnapshot

__all__ = [
    "ASKED",
    "DEFAULTS",
    "MEASURED_EXAMPLES",
    "MOST_VALUES",
    "Axis",
    "Curve",
    "GridConfig",
    "GridSnapshot",
    "GridSweeper",
    "Point",
    "PointResult",
    "Suggestion",
    "SweepConfig",
    "SweepKind",
    "SweepSnapshot",
    "Sweeper",
    "Verdict",
    "choices",
    "has_use",
    "spread",
    "suggest",
    "suggestions",
    "sweep",
    "sweeping",
    "swept_settings",
    "usual_range",
    "verdict",
]
