"""The table of embeddings as a map: its projection to the plane, neighbours, and kinds apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.models._plane import compiled_basis, compiled_points, compiled_turn

Table = Tensor | NDArray[np.float32] | NDArray[np.float64]  # (V, D)
Metric = Literal["euclidean", "cosine"]
Number = TypeVar("Number", np.float32, np.float64)

# A map holds the first so many tokens, of running text the most frequent ones; their points are
# 16 KB, half of what a frame may weigh.
MAP_TOKENS = 2_000
# Kinds that say nothing of how a token is used.
WITHOUT_USE = frozenset({"boundary", "rare", "other"})
RARE = 1 / 500  # of the tokens that training has
HARDLY = 0.25  # of how far a token in the middle moved
FEW = 24  # dimensions, of whose covariance the eigenvectors are soon found
SHUFFLES = 400
_BLOCK_ROWS = 500  # of similarities at a time, so that no table of them is V by V


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


@dataclass(frozen=True, slots=True)
class SameKind:
    """How often a token's nearest neighbour is of its own kind.

    Attributes:
        share: of the tokens, from 0 to 1.
        chance: the same if the neighbour were any other token with the same probability.
    """

    share: float
    chance: float


def stayed(C: Table, start: Table, counts: NDArray[np.int64]) -> list[int]:
    """The rare tokens that training hardly moved, as few steps have pulled at them.

    Args:
        C: embeddings now, (V, D).
        start: the same before the first step.
        counts: how often training has each token, (V,).

    Returns:
        Ids of tokens that are fewer than one in 500 and moved less than a quarter of what a
        token in the middle did, the rarest first; none before anything moved.

    >>> C = np.array([[1.0], [2.0], [3.0]])
    >>> stayed(C, C * [[0], [0], [1]], counts=np.array([900, 900, 1]))
    [2]
    """
    moved = np.linalg.norm(np.asarray(C) - np.asarray(start), axis=1)
    found = (counts < RARE * counts.sum()) & (moved < HARDLY * np.median(moved))
    return [i for i in np.argsort(counts).tolist() if found[i]]


def project(
    C: Table, basis_of: Table | None = None, before: NDArray[np.float32] | None = None
) -> Projection:
    """Put the tokens in the plane so that distances suffer least.

    One dimension lies on the line y = 0, and two are placed as they are. More are projected on
    their first two principal components: the eigenvectors of the covariance, each turned so that
    its largest entry is positive, or all in their plane so that the points lie as near as they can
    to earlier ones.

    >>> project(np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 3.0]])).points.tolist()
    [[-1.0, 0.0], [1.0, 0.0]]

    Args:
        C: embeddings, (V, D). Rows that are not finite get points that are not finite, and have
            no say in the basis.
        basis_of: another table (V', D) whose basis is taken.
        before: where the same tokens lay a little earlier, float32 (V, 2).

    Raises:
        ValueError: if a table is not two-dimensional, their D differ, or `before` isn't (V, 2).
    """
    table = _as_array(C)
    basis, mean = _basis(table if basis_of is None else _as_array(basis_of))
    if len(mean) != table.shape[1]:
        raise ValueError(f"basis_of must have {table.shape[1]} columns, got {len(mean)}")
    points = _in_plane(table, basis, mean)
    if before is not None and len(mean) > 2:
        turn = turn_onto(points, before)
        points, basis = turned(points, turn), basis @ turn
    finite = _finite_rows(table)
    total = float(finite.var(axis=0).sum()) if len(finite) else 0.0
    seen = _finite_rows(points.astype(np.float64))
    x, y = seen.var(axis=0) / total if total > 0 and len(seen) else (0.0, 0.0)
    return Projection(points, (float(x), float(y)), basis, mean)


def placed(C: Table, before: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """The points of `project`, float32 (V, 2), without what else it finds.

    Raises:
        ValueError: if the table is not two-dimensional, or `before` isn't (V, 2).
    """
    table = _as_array(C)
    points = _in_plane(table, *_basis(table))
    return points if before is None or table.shape[1] <= 2 else aligned(points, before)


def apply(projection: Projection, C: Table) -> NDArray[np.float32]:
    """Points of another table, such as an earlier one, in the same basis; float32 (V, 2).

    Raises:
        ValueError: if the table is not (V, D) with the D of the projection.
    """
    table = _as_array(C)
    if table.shape[1] != len(projection.mean):
        raise ValueError(f"C must have {len(projection.mean)} columns, got {table.shape[1]}")
    return _in_plane(table, projection.basis, projection.mean)


def aligned(points: NDArray[np.float32], previous: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn or mirror the points about the origin to lie as near as they can to the previous ones.

    The orthogonal Procrustes problem (Schönemann 1966): R = U Vᵀ with U S Vᵀ = pointsᵀ previous
    makes |points R - previous| smallest, and keeps every distance.

    >>> before = np.array([[1.0, 0.0], [0.0, 2.0]], dtype=np.float32)
    >>> np.allclose(aligned(-before, before), before)
    True

    Raises:
        ValueError: if the two do not have the same shape.
    """
    return turned(points, turn_onto(points, previous))


def turned(points: NDArray[np.float32], turn: NDArray[np.float64]) -> NDArray[np.float32]:
    """The points (V, 2) times a matrix (2, 2), float32."""
    return _in_plane(points.astype(np.float64), turn, _ORIGIN)


def turn_onto(points: NDArray[np.float32], previous: NDArray[np.float32]) -> NDArray[np.float64]:
    """The turn of `aligned`, an orthogonal matrix (2, 2), to be applied to other points too.

    Raises:
        ValueError: if the two do not have the same shape.
    """
    if points.shape != previous.shape:
        raise ValueError(f"points must have the shape {previous.shape}, got {points.shape}")
    found = np.empty((2, 2))
    compiled_turn()(np.ascontiguousarray(points), np.ascontiguousarray(previous), found)
    return found


def nearest(
    C: Table, index: int, count: int, metric: Metric = "euclidean"
) -> list[tuple[int, float]]:
    """The tokens nearest to one, without itself, nearest first.

    >>> nearest(np.array([[0.0], [3.0], [1.0]]), index=0, count=2)
    [(2, 1.0), (1, 3.0)]

    Args:
        C: embeddings, (V, D).
        index: of the token.
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
            values = product(table, table[index]) / (lengths * lengths[index])
            order = np.argsort(-values, kind="stable")
    others = (int(i) for i in order if i != index and math.isfinite(values[i]))
    return [(i, float(values[i])) for i in islice(others, max(0, count))]


def separation(
    C: Table, kinds: Sequence[str], one: str = "vowel", other: str = "consonant"
) -> float:
    """How far the tokens of one kind have moved together, from -1 to 1: near 0 at random.

    The mean over that kind of their silhouette (Rousseeuw 1987), (b - a) / max(a, b), where a is
    the mean distance to the others of the kind and b to those of the other kind. nan when there
    are fewer than two of the one or none of the other, or when one of them is not finite.

    >>> separation(np.array([[0.0], [0.0], [5.0]]), ["vowel", "vowel", "consonant"])
    1.0

    Args:
        C: embeddings, (V, D).
        kinds: of each token, V of them.
        one: the kind whose tokens may have moved together.
        other: the kind that they may have moved away from.
    """
    table, are_ones = _of_two_kinds(C, kinds, one, other)
    return float(_silhouettes(table, are_ones[None])[0])


def separation_of_shuffled(
    C: Table, kinds: Sequence[str], one: str = "vowel", other: str = "consonant"
) -> tuple[float, float]:
    """Between what nineteen in twenty of the separations lie if the kinds are dealt out at random.

    A separation within it says nothing of the kinds. The shuffles are the same each time.
    (nan, nan) where `separation` is nan.

    >>> low, high = separation_of_shuffled(np.eye(9), ["vowel"] * 3 + ["consonant"] * 6)
    >>> low <= 0 <= high  # all are equally far apart
    True
    """
    table, are_ones = _of_two_kinds(C, kinds, one, other)
    random = np.random.default_rng(0)
    dealt = np.array([random.permutation(are_ones) for _ in range(SHUFFLES)])
    low, high = np.quantile(_silhouettes(table, dealt), [0.025, 0.975])
    return float(low), float(high)


def _of_two_kinds(
    C: Table, kinds: Sequence[str], one: str, other: str
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The tokens of these kinds, (n, D), and which of them are of the first one."""
    has_say = [i for i, kind in enumerate(kinds) if kind in {one, other}]
    return _as_array(C)[has_say], np.array([kinds[i] == one for i in has_say], dtype=np.bool_)


def _silhouettes(table: NDArray[np.float64], are_ones: NDArray[np.bool_]) -> NDArray[np.float64]:
    """`separation` for each way to deal out the kinds, (ways, n); as many are ones in each."""
    n_ones = int(are_ones[0].sum())
    n_others = len(table) - n_ones
    if n_ones < 2 or n_others < 1 or not np.isfinite(table).all():
        return np.full(len(are_ones), math.nan)
    distances = _distances(table, table)
    within = are_ones @ distances / (n_ones - 1)  # from each token
    between = ~are_ones @ distances / n_others
    widest = np.maximum(within, between)
    each = (between - within) / np.where(widest > 0, widest, 1.0)
    found: NDArray[np.float64] = np.mean(each, axis=1, where=are_ones)
    return found


def same_kind(C: Table, kinds: Sequence[str], metric: Metric = "cosine") -> SameKind | None:
    """Share of tokens whose nearest neighbour is of the same kind, beside chance.

    With n_k tokens of kind k, n in all, chance is Σ n_k (n_k - 1) / (n (n - 1)). Tokens that are
    not finite, have no direction, or are of a kind in `WITHOUT_USE` are left out, as neighbours
    too. Of tokens that are equally near the first one counts.

    >>> C = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])
    >>> same_kind(C, ["noun", "noun", "verb", "verb"])
    SameKind(share=1.0, chance=0.3333333333333333)

    Args:
        C: embeddings, (V, D).
        kinds: of each token, V of them.
        metric: by which the nearest is the nearest.

    Returns:
        None where fewer than two kinds are left to tell apart.

    Raises:
        ValueError: if there is not a kind for each row.
    """
    of, nearest = _neighbours(C, kinds, metric)
    counts, n = np.bincount(of, minlength=1), len(of)
    if np.count_nonzero(counts) < 2:
        return None
    chance = float((counts * (counts - 1)).sum() / (n * (n - 1)))
    return SameKind(int((of[nearest] == of).sum()) / n, chance)


def same_kind_of_shuffled(
    C: Table, kinds: Sequence[str], metric: Metric = "cosine"
) -> tuple[float, float]:
    """Between what nineteen in twenty of such shares lie if the kinds are dealt out at random.

    A share within it says nothing of the kinds. The shuffles are the same each time. (nan, nan)
    where `same_kind` is None.

    >>> C = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])
    >>> same_kind_of_shuffled(C, ["noun", "noun", "verb", "verb"])
    (0.0, 1.0)
    """
    of, nearest = _neighbours(C, kinds, metric)
    if len(set(of.tolist())) < 2:
        return math.nan, math.nan
    random = np.random.default_rng(0)
    dealt = (random.permutation(of) for _ in range(SHUFFLES))
    low, high = np.quantile([(each[nearest] == each).mean() for each in dealt], [0.025, 0.975])
    return float(low), float(high)


def _neighbours(
    C: Table, kinds: Sequence[str], metric: Metric
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of the tokens that have a say, the number of each kind, and the place of the nearest."""
    table = _as_array(C)
    if len(kinds) != len(table):
        raise ValueError(f"kinds must be {len(table)} of them, got {len(kinds)}")
    names = {kind: number for number, kind in enumerate(sorted(set(kinds) - WITHOUT_USE))}
    of = np.array([names.get(kind, -1) for kind in kinds])
    lengths = np.linalg.norm(table, axis=1)
    has_say = (of >= 0) & np.isfinite(lengths) & (lengths > 0)
    of = of[has_say]
    n = len(of)
    places, penalties = table[has_say].astype(np.float32), np.zeros(n, dtype=np.float32)
    if metric == "cosine":
        places /= lengths[has_say, None].astype(np.float32)
    else:  # |a - b|² is least where a·b - |b|²/2 is most
        penalties = (places**2).sum(axis=1) / 2
    found = np.zeros(n, dtype=np.int64)
    for start in range(0, n, _BLOCK_ROWS):
        rows = np.arange(start, min(start + _BLOCK_ROWS, n))
        similarities = product(places[rows], places.T) - penalties
        similarities[rows - start, rows] = -np.inf
        found[rows] = similarities.argmax(axis=1)
    return of, found


def product(a: NDArray[Number], b: NDArray[Number]) -> NDArray[Number]:
    """The matrix product on one thread.

    numpy's BLAS shares a product among all cores; where others train on them its threads wait for
    each other, and a product of 1 ms took 100.
    """
    found: NDArray[Number] = (torch.from_numpy(a) @ torch.from_numpy(b)).numpy()
    return found


def _as_array(C: Table) -> NDArray[np.float64]:
    array = C.detach().cpu().numpy() if isinstance(C, Tensor) else np.asarray(C)
    if array.ndim != 2 or array.shape[1] < 1:
        raise ValueError(f"C must be (V, D), got {array.shape}")
    return array.astype(np.float64)


def _basis(table: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Directions (D, 2) and mean (D,) by which a table is put in the plane."""
    n_embd = table.shape[1]
    finite = _finite_rows(table)
    if n_embd <= 2 or len(finite) < 2:
        return np.eye(n_embd, 2), np.zeros(n_embd)
    if n_embd <= FEW:
        mean, vectors = np.empty(n_embd), np.empty((n_embd, 2))
        compiled_basis()(np.ascontiguousarray(finite), mean, vectors)
        return vectors, mean
    mean = finite.mean(axis=0)
    # Of D by D numbers, which for many tokens is 20 times as quick as the singular vectors.
    centred = finite - mean
    covariance = torch.from_numpy(product(centred.T, centred))
    components = torch.linalg.eigh(covariance)[1].numpy().T[:-3:-1]  # (2, D), largest first
    largest = np.abs(components).argmax(axis=1)
    signs = np.where(components[[0, 1], largest] < 0, -1.0, 1.0)
    return (components * signs[:, None]).T, mean


def _finite_rows(table: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", over="ignore"):
        is_finite = np.isfinite(table.sum(axis=1))
    return table if is_finite.all() else table[is_finite]


def _in_plane(
    table: NDArray[np.float64], basis: NDArray[np.float64], mean: NDArray[np.float64]
) -> NDArray[np.float32]:
    found = np.empty((len(table), 2), np.float32)
    compiled_points()(np.ascontiguousarray(table), np.ascontiguousarray(basis), mean, found)
    return found


_ORIGIN = np.zeros(2)


def _distances(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    distances: NDArray[np.float64] = np.linalg.norm(a[:, None] - b[None], axis=2)
    return distances
