"""Saved runs: a database of them, and the thread that writes it; loaded when first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.loading import load
from core.runs.codec.corpora import reference_of
from core.runs.codec.rows import StoredRun, is_setting
from core.runs.saving import OWN

if TYPE_CHECKING:
    from core.runs.store.connection import file_of
    from core.runs.store.opening import place, url_of
    from core.runs.store.rows import RESULTS, Query
    from core.runs.store.searches import StoredSearch
    from core.runs.store.store import Limits, Store, limits_of
    from core.runs.store.writer import PROCESS, WorkspaceSaver, Writer, is_written_elsewhere

__all__ = [
    "OWN",
    "PROCESS",
    "RESULTS",
    "Limits",
    "Query",
    "Store",
    "StoredRun",
    "StoredSearch",
    "WorkspaceSaver",
    "Writer",
    "file_of",
    "is_setting",
    "is_written_elsewhere",
    "limits_of",
    "place",
    "reference_of",
    "url_of",
]

# SQLAlchemy takes a quarter of a second to load, for which no start of the server needs to wait.
_FILES = {
    "connection": ("file_of",),
    "opening": ("place", "url_of"),
    "searches": ("StoredSearch",),
    "rows": ("RESULTS", "Query"),
    "store": ("Limits", "Store", "limits_of"),
    "writer": ("PROCESS", "WorkspaceSaver", "Writer", "is_written_elsewhere"),
}


def __getattr__(name: str) -> Any:
    for file, names in _FILES.items():
        if name in names:
            return getattr(load(f"{__name__}.{file}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
