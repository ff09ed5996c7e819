"""Long work in the background, and runs side by side on all cores of a machine or on a cluster."""

from core.jobs.background import Background, Jobs, JobSnapshot
from core.jobs.counting import count_in_background
from core.jobs.dragging import DRAG_STEPS, DragCurve, Dragging, can_be_dragged
from core.jobs.parallel import in_parallel
from core.jobs.trial import Room, Trial, TrialResult
from core.jobs.writing import Writing, WritingSnapshot

__all__ = [
    "DRAG_STEPS",
    "Background",
    "DragCurve",
    "Dragging",
    "JobSnapshot",
    "Jobs",
    "Room",
    "Trial",
    "TrialResult",
    "Writing",
    "WritingSnapshot",
    "can_be_dragged",
    "count_in_background",
    "in_parallel",
]
