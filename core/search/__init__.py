"""Search: the settings that reach the lowest validation loss, by Optuna."""

from core.search.config import FIRST, How, Objective, Range, SearchConfig, usual
from core.search.searcher import Fate, Searcher, SearchRun, SearchSnapshot

__all__ = [
    "FIRST",
    "Fate",
    "How",
    "Objective",
    "Range",
    "SearchConfig",
    "SearchRun",
    "SearchSnapshot",
    "Searcher",
    "usual",
]
