"""Search: the settings that reach the lowest validation loss, by Optuna."""

from core.search.config import FIRST, Range, SearchConfig, usual
from core.search.importance import LEAST_FOR_PERCENTAGES, LEAST_RUNS
from core.search.length import about_seconds
from core.search.saving import WorkspaceSearches
from core.search.searcher import Searcher
from core.search.snapshot import Fate, SearchRun, SearchSnapshot, Share

__all__ = [
    "FIRST",
    "LEAST_FOR_PERCENTAGES",
    "LEAST_RUNS",
    "Fate",
    "Range",
    "SearchConfig",
    "SearchRun",
    "SearchSnapshot",
    "Searcher",
    "Share",
    "WorkspaceSearches",
    "about_seconds",
    "usual",
]
