"""Runs: training in a thread of its own, what can be seen of it, and what it leaves behind."""

from core.runs.codec.rows import ListedRun, SavedRun
from core.runs.ending import ENDING
from core.runs.moments import Moment
from core.runs.pace import Pace, Speed
from core.runs.record import (
    BUSY,
    ENDED,
    RunRecord,
    Snapshot,
    State,
    Weights,
    WeightsInMemory,
)
from core.runs.seats import SEATS, AdmissionQueue, Seats
from core.runs.trainer import Trainer
from core.runs.worker import Clock, error_message

__all__ = [
    "BUSY",
    "ENDED",
    "ENDING",
    "SEATS",
    "AdmissionQueue",
    "Clock",
    "ListedRun",
    "Moment",
    "Pace",
    "RunRecord",
    "SavedRun",
    "Seats",
    "Snapshot",
    "Speed",
    "State",
    "Trainer",
    "Weights",
    "WeightsInMemory",
    "error_message",
]
