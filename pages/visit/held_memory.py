"""How much memory a visitor holds, approximately: runs, sweeps, searches, words, uploads."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch

from core.text import Corpus, is_built_in

LOOKED_AT = 1000  # of many things in a row; the rest is taken to be as large as these
EXAMPLE_BYTES = 8  # of each id of a context and of its target
_EVERYBODYS = {"Store"}  # by its name, as a start of the server needs no database


def size_of(held: object) -> int:
    """Bytes of arrays, weights and texts that something refers to, each counted once.

    What all visitors share is not counted: the texts that come with the app, and classes.

    >>> size_of([np.zeros(1000), np.zeros(1000)]) // 1000
    16
    """
    return _size(held, set())


def examples_bytes(corpus: Corpus, block_size: int) -> int:
    """What the examples of a text take that a run of this context length makes of it."""
    return len(corpus.ids) * (block_size + 1 + corpus.is_weighted) * EXAMPLE_BYTES


def _size(held: object, seen: set[int]) -> int:
    if id(held) in seen or isinstance(held, type):
        return 0
    seen.add(id(held))
    if isinstance(held, np.ndarray):
        return held.nbytes if held.base is None else _size(held.base, seen)
    if isinstance(held, torch.Tensor):
        storage = held.untyped_storage()
        is_new = storage.data_ptr() not in seen
        seen.add(storage.data_ptr())
        return storage.nbytes() if is_new else 0
    if isinstance(held, str | bytes | int | float):
        return sys.getsizeof(held)
    if isinstance(held, Mapping):
        return _of_many(held.values(), seen) + _of_many(held.keys(), seen)
    if isinstance(held, list | tuple | set | frozenset):
        return 8 * len(held) + _of_many(held, seen)
    if isinstance(held, Corpus) and is_built_in(held):
        return 0
    return _of_many(_parts(held), seen)


def _of_many(held: Collection[object], seen: set[int]) -> int:
    looked_at = sum(_size(each, seen) for each in islice(held, LOOKED_AT))
    return looked_at * len(held) // min(len(held), LOOKED_AT) if held else 0


def _parts(held: object) -> list[Any]:
    """What an object of ours refers to; others have no arrays, or are everybody's."""
    kind = type(held)
    if not kind.__module__.startswith(("core.", "pages.")) or kind.__qualname__ in _EVERYBODYS:
        return []
    names: Iterable[str] = vars(held) if hasattr(held, "__dict__") else ()
    if is_dataclass(held):
        names = {*names, *(field.name for field in fields(held))}
    return [getattr(held, name, None) for name in names]
