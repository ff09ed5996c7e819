"""Search: the settings that reach the lowest validation loss, by Optuna."""

from core.search.config import How, Objective, Range, SearchConfig
from core.search.searcher import Fate, Searcher, SearchRun, SearchSnapshot

__all__ = [
    "Fate",
    "How",
    "Objective",
    "Range",
    "SearchConfig",
    "SearchRun",
    "SearchSnapshot",
    "Searcher",
]
