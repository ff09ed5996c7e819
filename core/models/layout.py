"""t-SNE: a map on which tokens that are near in all D dimensions are near in the plane.

van der Maaten and Hinton (2008), exact: every pair of tokens repels, so that no tree and no grid
adds an error of its own. Compiled like the quick engine, it holds no lock while it computes, and
takes about 2 s of one core for 2,000 tokens; openTSNE, tried for the same, took 17 s and would
add 200 MB to what is installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.models.embeddings import Table, product, project

P = ParamSpec("P")
R = TypeVar("R")

PERPLEXITY = 30.0  # about how many neighbours count
STEPS = 750
CHUNK_STEPS = 25  # between two looks at how far it is
_EARLY_STEPS, _EARLY_EXAGGERATION = 250, 12.0  # pulls clusters together before they settle
_EARLY_MOMENTUM, _MOMENTUM = 0.5, 0.8
_START_SPREAD = 1e-4
_LEAST_GAIN = 0.01
_BISECTIONS = 60


def tsne(
    C: Table, *, perplexity: float = PERPLEXITY, steps: int = STEPS
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Lay the tokens out by t-SNE, from their principal components; the same way every time.

    It makes KL(P || Q) small, where P says who is near whom by cosine, p_ij = (p_j|i + p_i|j) / 2n
    with p_j|i of the given perplexity, and Q the same in the plane, q_ij of 1 / (1 + |y_i - y_j|²).
    The learning rate is n / 12, as Belkina et al. (2019) advise.

    Args:
        C: embeddings, (n, D), three rows or more; rows without a direction count as the origin.
        perplexity: lowered where there are less than three times as many other tokens.
        steps: of gradient descent.

    Yields:
        After each chunk of steps: how many were taken, and the points, float32 (n, 2).

    Raises:
        ValueError: if there are fewer than three rows.
    """
    directions = _directions(C)
    n = len(directions)
    if n < 3:
        raise ValueError(f"C must have at least 3 rows, got {n}")
    near = affinities(directions, min(perplexity, (n - 1) / 3))
    rows, columns = np.nonzero(near)
    starts = np.searchsorted(rows, np.arange(n + 1)).astype(np.int64)
    columns, weights = columns.astype(np.int64), near[rows, columns].astype(np.float32)

    start = project(directions).points.astype(np.float64)
    points = (start * (_START_SPREAD / (start[:, 0].std() or 1.0))).astype(np.float32)
    velocity, gains = np.zeros_like(points), np.ones_like(points)
    # `learning_rate` of others' code holds the 4 of the gradient too.
    rate = max(n / _EARLY_EXAGGERATION, 50.0)
    for done in range(0, steps, CHUNK_STEPS):
        until = min(done + CHUNK_STEPS, steps)
        for step in range(done, until):
            is_early = step < min(_EARLY_STEPS, steps // 3)
            gradient = _gradient(
                points, starts, columns, weights, _EARLY_EXAGGERATION if is_early else 1.0
            )
            agrees = np.sign(gradient) == np.sign(velocity)
            gains = np.maximum(np.where(agrees, gains * 0.8, gains + 0.2), _LEAST_GAIN)
            momentum = _EARLY_MOMENTUM if is_early else _MOMENTUM
            velocity = (momentum * velocity - rate * gains * gradient).astype(np.float32)
            points = points + velocity
            points -= points.mean(axis=0)
        yield until, points.copy()


def affinities(directions: NDArray[np.float32], perplexity: float) -> NDArray[np.float32]:
    """The symmetric p_ij, adding up to 1, zero but for near ones; float32 (n, n).

    p_j|i falls with the squared distance d², as e^(-β_i d²) over the 3 · perplexity nearest of i,
    with the β_i at which its entropy is ln perplexity.
    """
    n = len(directions)
    n_near = min(n - 1, math.ceil(3 * perplexity))
    squares = np.square(directions).sum(axis=1)
    joint = np.zeros((n, n), dtype=np.float32)
    for start in range(0, n, 500):
        block = np.arange(start, min(start + 500, n))
        away = squares[block, None] + squares - 2 * product(directions[block], directions.T)
        away[block - start, block] = np.inf
        nearest = np.argpartition(away, n_near - 1, axis=1)[:, :n_near]
        found = np.take_along_axis(away, nearest, axis=1).astype(np.float64)
        joint[block[:, None], nearest] = _conditional(found, perplexity)
    joint = joint + joint.T
    shared: NDArray[np.float32] = joint / joint.sum()
    return shared


def _conditional(away: NDArray[np.float64], perplexity: float) -> NDArray[np.float64]:
    """Each row's p of its squared distances, by bisection of ln β; (n, k)."""
    away = np.maximum(away, 0.0)
    away = away - away.min(axis=1, keepdims=True)
    scale = away.mean(axis=1, keepdims=True)
    away = away / np.where(scale > 0, scale, 1.0)
    low, high = np.full((len(away), 1), -30.0), np.full((len(away), 1), 30.0)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        shares = np.exp(-np.exp(middle) * away)
        shares /= shares.sum(axis=1, keepdims=True)
        entropy = -(shares * np.log(np.maximum(shares, 1e-300))).sum(axis=1, keepdims=True)
        is_wide = entropy > math.log(perplexity)
        low, high = np.where(is_wide, middle, low), np.where(is_wide, high, middle)
    found: NDArray[np.float64] = shares
    return found


def _directions(C: Table) -> NDArray[np.float32]:
    table = np.asarray(C, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        directions = table / np.linalg.norm(table, axis=1, keepdims=True)
    return np.where(np.isfinite(directions), directions, 0.0).astype(np.float32)


def _compiled(function: Callable[P, R]) -> Callable[P, R]:
    """One thread, without the interpreter's lock; kept on the disk where that can be written."""
    return cast(
        "Callable[P, R]", njit(nogil=True, fastmath=True, error_model="numpy", cache=True)(function)
    )


@_compiled
def _gradient(
    points: NDArray[np.float32],
    starts: NDArray[np.int64],
    columns: NDArray[np.int64],
    weights: NDArray[np.float32],
    exaggeration: float,
) -> NDArray[np.float32]:
    """∂KL/∂y_i = 4 Σ_j (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|²); float32 (n, 2).

    Args:
        points: y, (n, 2).
        starts: where in `columns` and `weights` the neighbours of each token begin, (n + 1,).
        columns: the j with p_ij > 0.
        weights: these p_ij.
        exaggeration: factor of all p_ij.
    """
    n = len(points)
    x, y = points[:, 0].copy(), points[:, 1].copy()
    one = np.float32(1)
    pushes = np.empty((n, 2), dtype=np.float32)
    total = np.float32(0)
    for i in range(n):
        xi, yi = x[i], y[i]
        near, right, up = np.float32(0), np.float32(0), np.float32(0)
        for j in range(n):
            dx, dy = xi - x[j], yi - y[j]
            q = one / (one + dx * dx + dy * dy)
            near += q
            right += q * q * dx
            up += q * q * dy
        total += near - one  # without the token itself
        pushes[i, 0], pushes[i, 1] = right, up
    gradient = np.empty((n, 2), dtype=np.float32)
    for i in range(n):
        right, up = np.float32(0), np.float32(0)
        for k in range(starts[i], starts[i + 1]):
            dx, dy = x[i] - x[columns[k]], y[i] - y[columns[k]]
            pull = weights[k] / (one + dx * dx + dy * dy)
            right += pull * dx
            up += pull * dy
        gradient[i, 0] = 4 * (exaggeration * right - pushes[i, 0] / total)
        gradient[i, 1] = 4 * (exaggeration * up - pushes[i, 1] / total)
    return gradient
