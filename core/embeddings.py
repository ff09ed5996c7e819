"""The table of embeddings as a map: its projection to the plane, neighbours and history."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.dataset import BOUNDARY, Vocabulary

Table = Tensor | NDArray[np.float32] | NDArray[np.float64]  # (V, D)
Kind = Literal["boundary", "vowel", "consonant", "other"]
Metric = Literal["euclidean", "cosine"]

# Latin, Greek and Cyrillic, with the letters that Unicode does not take apart.
VOWELS = frozenset("aeiouy" + "æœøıəɛɔ" + "αεηιουω" + "аеиоуыэюяіє")


@dataclass(frozen=True, eq=False)
class Projection:
    """A table in the plane, and the basis that put it there.

    Attributes:
        points: float32 (V, 2).
        explained: share of the table's variance along each of the two axes.
        basis: directions of the two axes, float64 (D, 2).
        mean: what is subtracted first, float64 (D,).
    """

    points: NDArray[np.float32]
    explained: tuple[float, float]
    basis: NDArray[np.float64]
    mean: NDArray[np.float64]


def project(C: Table, basis_of: Table | None = None) -> Projection:
    """Put the characters in the plane so that distances suffer least.

    One dimension is drawn on the line y = 0 and two as they are. More are projected on their first
    two principal components: the right singular vectors of the centred table, each turned so that
    its largest entry is positive.

    Args:
        C: embeddings, (V, D). Rows that are not finite get points that are not finite, and have
            no say in the basis.
        basis_of: another table (V', D) whose basis is taken.

    Raises:
        ValueError: if a table is not two-dimensional, or their D differ.
    """
    table = _as_array(C)
    basis, mean = _basis(table if basis_of is None else _as_array(basis_of))
    if len(mean) != table.shape[1]:
        raise ValueError(f"basis_of must have {table.shape[1]} columns, got {len(mean)}")
    points = _in_plane(table, basis, mean)
    finite = np.isfinite(table).all(axis=1)
    total = float(table[finite].var(axis=0).sum()) if finite.any() else 0.0
    x, y = points[finite].var(axis=0) / total if total > 0 else (0.0, 0.0)
    return Projection(points.astype(np.float32), (float(x), float(y)), basis, mean)


def apply(projection: Projection, C: Table) -> NDArray[np.float32]:
    """Points of another table, such as an earlier one, in the same basis; float32 (V, 2).

    Raises:
        ValueError: if the table is not (V, D) with the D of the projection.
    """
    table = _as_array(C)
    if table.shape[1] != len(projection.mean):
        raise ValueError(f"C must have {len(projection.mean)} columns, got {table.shape[1]}")
    return _in_plane(table, projection.basis, projection.mean).astype(np.float32)


def aligned(points: NDArray[np.float32], previous: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn or mirror the points about the origin to lie as near as they can to the previous ones.

    The orthogonal Procrustes problem (Schönemann 1966): R = U Vᵀ with U S Vᵀ = pointsᵀ previous
    makes |points R - previous| smallest, and keeps every distance.

    Raises:
        ValueError: if the two do not have the same shape.
    """
    if points.shape != previous.shape:
        raise ValueError(f"points must have the shape {previous.shape}, got {points.shape}")
    now, before = points.astype(np.float64), previous.astype(np.float64)
    finite = np.isfinite(now).all(axis=1) & np.isfinite(before).all(axis=1)
    U, _, Vt = np.linalg.svd(now[finite].T @ before[finite])
    with np.errstate(invalid="ignore"):
        turned: NDArray[np.float32] = (now @ (U @ Vt)).astype(np.float32)
    return turned


def nearest(
    C: Table, index: int, count: int, metric: Metric = "euclidean"
) -> list[tuple[int, float]]:
    """The characters nearest to one, without itself, nearest first.

    Args:
        C: embeddings, (V, D).
        index: of the character.
        count: how many at most; rows that are not finite are left out.
        metric: 'euclidean' gives distances, 'cosine' cosine similarities.

    Returns:
        Pairs of an index and its distance (rising) or similarity (falling).

    Raises:
        IndexError: if the index is not a row of the table.
    """
    table = _as_array(C)
    if not 0 <= index < len(table):
        raise IndexError(f"index must be from 0 to {len(table) - 1}, got {index}")
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        if metric == "euclidean":
            values = np.linalg.norm(table - table[index], axis=1)
            order = np.argsort(values, kind="stable")
        else:
            lengths = np.linalg.norm(table, axis=1)
            values = (table @ table[index]) / (lengths * lengths[index])
            order = np.argsort(-values, kind="stable")
    others = [int(i) for i in order if i != index and math.isfinite(values[i])]
    return [(i, float(values[i])) for i in others[: max(0, count)]]


def kind_of(character: str) -> Kind:
    """Tell the boundary, vowels, consonants and everything else apart, in either case.

    Accents are taken off first, so 'é' is a vowel as 'e' is. 'y' is a vowel, as in 'lynn', but
    the short 'й' is a consonant. Letters of other scripts than Latin, Greek and Cyrillic are
    'other', with the apostrophe, the hyphen and digits.
    """
    if character == BOUNDARY:
        return "boundary"
    base = unicodedata.normalize("NFD", character)[:1].lower()[:1]
    if character in {"й", "Й"}:
        return "consonant"
    if base in VOWELS:
        return "vowel"
    script = unicodedata.name(base, "").split(" ")[0] if base.isalpha() else ""
    return "consonant" if script in {"LATIN", "GREEK", "CYRILLIC"} else "other"


def separation(C: Table, vocabulary: Vocabulary) -> float:
    """How far the vowels have moved together, from -1 to 1: near 0 for random embeddings.

    The mean over the vowels of their silhouette (Rousseeuw 1987), (b - a) / max(a, b), where a is
    the mean distance to the other vowels and b to the consonants. nan when there are fewer than
    two vowels or no consonant, or when one of them is not finite.
    """
    table = _as_array(C)
    kinds = [kind_of(character) for character in vocabulary.itos]
    vowels = table[[i for i, kind in enumerate(kinds) if kind == "vowel"]]
    consonants = table[[i for i, kind in enumerate(kinds) if kind == "consonant"]]
    if len(vowels) < 2 or len(consonants) < 1:
        return math.nan
    if not (np.isfinite(vowels).all() and np.isfinite(consonants).all()):
        return math.nan
    within = _distances(vowels, vowels).sum(axis=1) / (len(vowels) - 1)
    between = _distances(vowels, consonants).mean(axis=1)
    widest = np.maximum(within, between)
    return float(np.mean((between - within) / np.where(widest > 0, widest, 1.0)))


class History:
    """Snapshots of the table over a run, thinned so that they never take more room.

    The steps are cut into cells of `spacing` steps and the first table offered in each cell is
    kept. When `capacity` cells are filled the spacing doubles: of tables offered at every step,
    every second is dropped. What is kept depends on the steps that were offered and on nothing
    else, and the first one always stays.
    """

    def __init__(self, capacity: int = 128) -> None:
        """Keep at most `capacity` snapshots, two or more."""
        if capacity < 2:
            raise ValueError(f"capacity must be at least 2, got {capacity}")
        self._capacity = capacity
        self._spacing = 1
        # Replaced as a whole and never changed, so that another thread may read at any time.
        self._kept: tuple[tuple[int, NDArray[np.float32]], ...] = ()

    @property
    def next_due(self) -> int:
        """The first step at which a table will be kept."""
        if not self._kept:
            return 0
        return (self._kept[-1][0] // self._spacing + 1) * self._spacing

    def add(self, step: int, C: Table) -> bool:
        """Keep a copy of the table if its step is due; steps must not go back.

        Returns:
            Whether it was kept.

        Raises:
            ValueError: if the step is before the last one kept, or negative.
        """
        last = self._kept[-1][0] if self._kept else 0
        if step < last:
            raise ValueError(f"step must be at least {last}, got {step}")
        if step < self.next_due:
            return False
        kept = self._kept
        while len(kept) >= self._capacity:
            self._spacing *= 2
            kept = _first_of_each_cell(kept, self._spacing)
        # The wider cell may hold a snapshot already.
        has_room = not kept or kept[-1][0] // self._spacing < step // self._spacing
        self._kept = (*kept, (step, _frozen_copy(C))) if has_room else kept
        return has_room

    def snapshots(
        self, latest: tuple[int, Table] | None = None
    ) -> tuple[tuple[int, NDArray[np.float32]], ...]:
        """What was kept, by rising step: pairs of a step and a read-only table, float32 (V, D).

        Args:
            latest: a step and its table, put at the end if the step is after all that were kept.
        """
        kept = self._kept
        if latest is None or (kept and latest[0] <= kept[-1][0]):
            return kept
        return (*kept, (latest[0], _frozen_copy(latest[1])))


def _as_array(C: Table) -> NDArray[np.float64]:
    array = C.detach().cpu().numpy() if isinstance(C, Tensor) else np.asarray(C)
    if array.ndim != 2 or array.shape[1] < 1:
        raise ValueError(f"C must be (V, D), got {array.shape}")
    return array.astype(np.float64)


def _frozen_copy(C: Table) -> NDArray[np.float32]:
    copy = _as_array(C).astype(np.float32)
    copy.flags.writeable = False
    return copy


def _basis(table: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Directions (D, 2) and mean (D,) by which a table is put in the plane."""
    n_embd = table.shape[1]
    finite = table[np.isfinite(table).all(axis=1)]
    if n_embd <= 2 or len(finite) < 2:
        return np.eye(n_embd, 2), np.zeros(n_embd)
    mean = finite.mean(axis=0)
    components = np.linalg.svd(finite - mean)[2][:2]  # (2, D)
    largest = np.abs(components).argmax(axis=1)
    signs = np.where(components[[0, 1], largest] < 0, -1.0, 1.0)
    return (components * signs[:, None]).T, mean


def _in_plane(
    table: NDArray[np.float64], basis: NDArray[np.float64], mean: NDArray[np.float64]
) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        points: NDArray[np.float64] = (table - mean) @ basis
    return points


def _distances(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    distances: NDArray[np.float64] = np.linalg.norm(a[:, None] - b[None], axis=2)
    return distances


def _first_of_each_cell(
    kept: tuple[tuple[int, NDArray[np.float32]], ...], spacing: int
) -> tuple[tuple[int, NDArray[np.float32]], ...]:
    first: dict[int, tuple[int, NDArray[np.float32]]] = {}
    for step, table in kept:
        first.setdefault(step // spacing, (step, table))
    return tuple(first.values())
