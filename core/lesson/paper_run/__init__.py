"""Chapter 15: the paper's table of results beside ours."""

from core.lesson.paper_run.results import (
    RESULTS_FILE,
    Losses,
    ModelResult,
    PaperRun,
    load_results,
)
from core.lesson.paper_run.table import (
    PAPER_BASELINES,
    PAPER_ROWS,
    PAPER_TYPES,
    REPLICATION,
    PaperRow,
    against_counts,
    mixing_gains,
)
from core.lesson.paper_run.words import CHAPTER, code

__all__ = [
    "CHAPTER",
    "PAPER_BASELINES",
    "PAPER_ROWS",
    "PAPER_TYPES",
    "REPLICATION",
    "RESULTS_FILE",
    "Losses",
    "ModelResult",
    "PaperRow",
    "PaperRun",
    "against_counts",
    "code",
    "load_results",
    "mixing_gains",
]
