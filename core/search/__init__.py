"""Search: the settings that reach the lowest validation loss, by Optuna."""

from core.search.config import FIRST, How, Objective, Range, SearchConfig, usual
from core.search.saving import WorkspaceSearches
from core.search.searcher import Searcher, SearchSaver
from core.search.snapshot import Fate, SearchRun, SearchSnapshot

__all__ = [
    "FIRST",
    "Fate",
    "How",
    "Objective",
    "Range",
    "SearchConfig",
    "SearchRun",
    "SearchSaver",
    "SearchSnapshot",
    "Searcher",
    "WorkspaceSearches",
    "usual",
]
