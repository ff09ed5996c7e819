"""Sweeps: loss against learning rate or any settings, and what to take from it."""

from core.sweep.axes import (
    MOST_VALUES,
    Axis,
    Edge,
    choices,
    edge_of,
    has_use,
    spread,
    swept_settings,
    usual_range,
)
from core.sweep.config import ASKED, DEFAULTS, SweepConfig
from core.sweep.curve import Curve, SweepKind
from core.sweep.grid import MOST_SEEDS, GridConfig, Point, PointResult, loss_table
from core.sweep.grid_sweeper import GridSnapshot, GridSweeper
from core.sweep.luck import LEAST_SEEDS, Comparison, told_apart
from core.sweep.range_test import MEASURED_EXAMPLES, sweep, sweeping
from core.sweep.recommendation import for_run, learns_by_heart
from core.sweep.suggestions import Suggestion, suggest, suggestions, wider
from core.sweep.sweeper import Sweeper, SweepSnapshot

__all__ = [
    "ASKED",
    "DEFAULTS",
    "LEAST_SEEDS",
    "MEASURED_EXAMPLES",
    "MOST_SEEDS",
    "MOST_VALUES",
    "Axis",
    "Comparison",
    "Curve",
    "Edge",
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
    "choices",
    "edge_of",
    "for_run",
    "has_use",
    "learns_by_heart",
    "loss_table",
    "spread",
    "suggest",
    "suggestions",
    "sweep",
    "sweeping",
    "swept_settings",
    "told_apart",
    "usual_range",
    "wider",
]
