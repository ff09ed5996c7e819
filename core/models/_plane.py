"""Putting a table of embeddings in the plane, compiled.

A live map needs it ten times a second for each who looks on. By numpy's and torch's operations each
map waited up to four times for the interpreter's lock; these keep it, for some 0.02 ms of names.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from core.compiling import HELD, compiled, from_cache, machine_code

Doubles = NDArray[np.float64]

MOST_SWEEPS = 50  # after about six there is nothing left to turn
EPSILON = 1e-16  # of the two numbers on the diagonal: by then a turn changes no bit of them
_BASIS = "void(float64[:, ::1], float64[::1], float64[:, ::1])"
_TURN = "void(float32[:, ::1], float32[:, ::1], float64[:, ::1])"
_POINTS = "void(float64[:, ::1], float64[:, ::1], float64[::1], float32[:, ::1])"


@cache
def compiled_basis() -> Callable[[Doubles, Doubles, Doubles], None]:
    """The compiled `basis`, from the cache on disk if there is one that works."""
    return from_cache(partial(machine_code, basis, _BASIS, HELD))


@cache
def compiled_turn() -> Callable[[NDArray[np.float32], NDArray[np.float32], Doubles], None]:
    """The compiled `turn`, likewise."""
    return from_cache(partial(machine_code, turn, _TURN, HELD))


@cache
def compiled_points() -> Callable[[Doubles, Doubles, Doubles, NDArray[np.float32]], None]:
    """The compiled `points`, likewise."""
    return from_cache(partial(machine_code, points, _POINTS, HELD))


def basis(table: Doubles, mean: Doubles, vectors: Doubles) -> None:
    """Mean of the rows, and the two eigenvectors of their covariance with the largest eigenvalues.

    Args:
        table: finite, (V, D), D > 1.
        mean: (D,), written.
        vectors: (D, 2), written, the one with the largest eigenvalue first; each is turned so that
            its largest entry is positive.
    """
    V, D = table.shape
    mean[:] = 0
    for v in range(V):
        for d in range(D):
            mean[d] += table[v, d] / V
    A = np.zeros((D, D))
    for v in range(V):
        for i in range(D):
            for j in range(D):
                A[i, j] += (table[v, i] - mean[i]) * (table[v, j] - mean[j])
    Q = np.eye(D)
    for _ in range(MOST_SWEEPS):
        if not _sweep(A, Q):
            break
    sizes = np.diag(A).copy()
    for axis in range(2):
        found = sizes.argmax()
        sizes[found] = -np.inf  # by rounding, another one may be a little below 0
        largest = np.abs(Q[found]).argmax()
        vectors[:, axis] = Q[found] * math.copysign(1.0, Q[found, largest])


@compiled
def _sweep(A: Doubles, Q: Doubles) -> bool:
    """Make each number beside the diagonal zero once, by a rotation; whether one was not yet.

    Jacobi's method (Golub and Van Loan, Matrix Computations, section 8.5). The numbers on the
    diagonal become the eigenvalues of the symmetric A, the rows of Q its eigenvectors.
    """
    D, has_turned = len(A), False
    for p in range(D - 1):
        for q in range(p + 1, D):
            if abs(A[p, q]) <= EPSILON * math.sqrt(abs(A[p, p] * A[q, q])):
                continue
            has_turned = True
            cot = (A[q, q] - A[p, p]) / (2 * A[p, q])  # of twice the angle
            tan = math.copysign(1.0, cot) / (abs(cot) + math.hypot(1.0, cot))
            cos = 1 / math.hypot(1.0, tan)
            sin = tan * cos
            for k in range(D):
                A[k, p], A[k, q] = cos * A[k, p] - sin * A[k, q], sin * A[k, p] + cos * A[k, q]
            for k in range(D):
                A[p, k], A[q, k] = cos * A[p, k] - sin * A[q, k], sin * A[p, k] + cos * A[q, k]
                Q[p, k], Q[q, k] = cos * Q[p, k] - sin * Q[q, k], sin * Q[p, k] + cos * Q[q, k]
            A[p, q] = A[q, p] = 0.0
    return has_turned


def turn(now: NDArray[np.float32], before: NDArray[np.float32], found: Doubles) -> None:
    """The turn or mirroring of the plane, (2, 2), that brings points nearest to earlier ones.

    nowᵀ before = ((a, b), (c, d)) = U S Vᵀ. In the plane U Vᵀ is the turn or the mirroring with the
    larger trace of its product with that, and the angle of each is known. Points that are not
    finite have no say.
    """
    a = b = c = d = 0.0
    for i in range(len(now)):
        x, y, u, v = np.float64(now[i, 0]), np.float64(now[i, 1]), before[i, 0], before[i, 1]
        if math.isfinite(x + y + u + v):
            a, b, c, d = a + x * u, b + x * v, c + y * u, d + y * v
    if math.hypot(a + d, b - c) >= math.hypot(a - d, b + c):
        angle, mirrored = math.atan2(b - c, a + d), 1.0
    else:
        angle, mirrored = math.atan2(b + c, a - d), -1.0
    cos, sin = math.cos(angle), math.sin(angle)
    found[0, 0], found[0, 1] = cos, sin
    found[1, 0], found[1, 1] = -mirrored * sin, mirrored * cos


def points(table: Doubles, vectors: Doubles, mean: Doubles, found: NDArray[np.float32]) -> None:
    """The rows of a table less a mean, times two vectors, (V, 2)."""
    V, D = table.shape
    for v in range(V):
        x = y = 0.0
        for d in range(D):
            x += (table[v, d] - mean[d]) * vectors[d, 0]
            y += (table[v, d] - mean[d]) * vectors[d, 1]
        found[v, 0], found[v, 1] = x, y
