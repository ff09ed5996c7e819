"""Search: the settings that reach the lowest validation loss, by Optuna."""

from core.search.config import FIRST, How, Objective, Range, SearchConfig, usual
from core.search.kept import WorkspaceSearches
from core.search.searcher import Searcher, SearchKeeper
from core.search.snapshot import Fate, SearchRun, SearchSnapshot

__all__ = [
    "FIRST",
    "Fate",
    "How",
    "Objective",
    "Range",
    "SearchConfig",
    "SearchKeeper",
    "SearchRun",
    "SearchSnapshot",
    "Searcher",
    "WorkspaceSearches",
    "usual",
]
