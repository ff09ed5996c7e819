"""Kept runs: a database of them, and the thread that writes it."""

from core.runs.store.opening import PLACE, file_of, place, url_of
from core.runs.store.rows import COLUMNS, RESULTS, Query, StoredRun, is_setting
from core.runs.store.store import Limits, Store
from core.runs.store.writer import PROCESS, WorkspaceKeeper, Writer

__all__ = [
    "COLUMNS",
    "PLACE",
    "PROCESS",
    "RESULTS",
    "Limits",
    "Query",
    "Store",
    "StoredRun",
    "WorkspaceKeeper",
    "Writer",
    "file_of",
    "is_setting",
    "place",
    "url_of",
]
