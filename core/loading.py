"""Loads what takes long only when it is needed, and in one thread at a time.

SQLAlchemy, and Optuna on it, have modules that import each other. Two threads that load them at
once, each from another end, would get halves of them.
"""

from __future__ import annotations

import threading
from importlib import import_module
from types import ModuleType

_LOCK = threading.RLock()


def load(name: str) -> ModuleType:
    """A module, whole.

    >>> load("json").dumps([1])
    '[1]'
    """
    with _LOCK:
        return import_module(name)
