"""Search: the settings that reach the lowest validation loss, by Optuna."""

from core.search.config import FIRST, Range, SearchConfig, usual
from core.search.length import about_seconds
from core.search.saving import WorkspaceSearches
from core.search.searcher import Searcher
from core.search.snapshot import Fate, SearchRun, SearchSnapshot

__all__ = [
    "FIRST",
    "Fate",
    "Range",
    "SearchConfig",
    "SearchRun",
    "SearchSnapshot",
    "Searcher",
    "WorkspaceSearches",
    "about_seconds",
    "usual",
]
