"""Longer work in pieces, each on a seat of its own, so that pages still answer."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from torch import Tensor

from core.config import EngineName
from core.dataset import Examples
from core.engines import ENGINES
from core.model import Parameters
from core.seats import SEATS
from core.training import CHUNK_SECONDS, MAX_CHUNK_EXAMPLES, Batches

Piece = TypeVar("Piece")


def seated(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same pieces, each made while a seat is held; none is held in between."""
    waiting = iter(pieces)
    while True:
        with SEATS.taken():
            made = list(_first(waiting))
        if not made:
            return
        yield made[0]


def steps(
    parameters: Parameters,
    examples: Examples,
    batches: Batches,
    rates: Tensor,
    *,
    engine: EngineName = "fused",
    chunk_seconds: float = CHUNK_SECONDS,
) -> Iterator[Tensor]:
    """Take a step at each rate, in place, in chunks of about this time.

    Args:
        parameters: changed in place.
        examples: X int64 (N, T) and Y int64 (N,).
        batches: give the rows of each step.
        rates: float32 (K,).
        engine: that takes them.
        chunk_seconds: of one chunk; a step that takes longer is a chunk of its own.

    Yields:
        The losses of the next steps, float32; K of them in all.
    """
    taken, n_steps = 0, 1
    while taken < len(rates):
        chosen = rates[taken : taken + n_steps]
        rows = batches.draw(len(chosen))
        with SEATS.taken():
            started = time.perf_counter()
            losses = ENGINES[engine](parameters, *examples, rows, chosen)
            seconds = max(time.perf_counter() - started, 1e-6)
        taken += len(chosen)
        fitting = int(len(chosen) * chunk_seconds / seconds)
        n_steps = max(1, min(4 * len(chosen), fitting, MAX_CHUNK_EXAMPLES // rows.shape[1]))
        yield losses


def _first(pieces: Iterator[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        yield piece
        return
