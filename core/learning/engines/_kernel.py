"""The compiled steps of `fused`, whose docstring derives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.learning.engines._instructions import LANES, ROWS, VECTORS, tile, two_to_the

P = ParamSpec("P")
R = TypeVar("R")
Floats = NDArray[np.float32]
Whole = NDArray[np.int64]
f32 = np.float32

DEPTH = 256  # terms summed in one go, so that the strip of b they read stays in the first cache

# Sums may be fused with products; nan and inf keep their meaning. Division by zero is inf, as in C.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}


def _compiled(function: Callable[P, R]) -> Callable[P, R]:
    return cast("Callable[P, R]", njit(**OPTIONS)(function))


@_compiled
def take_steps(
    C: Floats,
    W1: Floats,
    b1: Floats,
    W2: Floats,
    b2: Floats,
    contexts: Whole,
    targets: Whole,
    batches: Whole,
    learning_rates: Floats,
    losses: Floats,
) -> int:
    """All steps of one call; the numbers in brackets are the lines of `fused`'s derivation.

    Returns:
        -1, or the first step with an index out of range; then nothing has been changed.
    """
    bad = _first_bad_step(contexts, targets, batches, C.shape[0])
    if bad >= 0:
        return bad
    (V, D), H, T, (K, B) = C.shape, b1.shape[0], contexts.shape[1], batches.shape
    F = T * D
    weights_1 = _zeros(H, F + 1)  # W1ᵀ, and b1 as its last column
    _transpose(W1, weights_1, F, H)
    for i in range(H):
        weights_1[i, F] = b1[i]
    weights_2 = _zeros(H + 1, V)  # W2, and b2 as its last row
    for i in range(H):
        for v in range(V):
            weights_2[i, v] = W2[i, v]
    for v in range(V):
        weights_2[H, v] = b2[v]
    x, x_rows = _zeros(F + 1, B), _zeros(B, F + 1)
    for b in range(B):
        x[F, b] = x_rows[b, F] = f32(1)
    h = _zeros(H + 1, B)
    for b in range(B):
        h[H, b] = f32(1)
    p, g_y = _zeros(V, B), _zeros(B, V)
    g_a, g_x = _zeros(H, B), _zeros(F, B)
    # Not `_zeros(2, B)` taken apart: numba would not know that such rows are contiguous.
    highest, total = _zeros(1, B)[0], _zeros(1, B)[0]
    wide_1, wide_2, wide_b = weights_1.shape[1], weights_2.shape[1], h.shape[1]

    for k in range(K):
        lr = learning_rates[k]
        for b in range(B):  # [1]
            row = batches[k, b]
            for t in range(T):
                character = contexts[row, t]
                for d in range(D):
                    x[t * D + d, b] = x_rows[b, t * D + d] = C[character, d]
        _multiply(weights_1, wide_1, 1, x, h, H, B, F + 1, f32(1), False)  # [2]
        _hidden(h[:H].reshape(-1))  # [3]
        _multiply(weights_2, 1, wide_2, h, p, V, B, H + 1, f32(1), False)  # [4]
        loss = 0.0
        for b in range(B):
            loss -= p[targets[batches[k, b]], b]
        _softmax(p, highest, total)
        for b in range(B):
            loss += highest[b] + np.log(total[b])
            total[b] = f32(1) / (total[b] * f32(B))
        losses[k] = f32(loss) / f32(B)  # [5]
        _scale_columns(p, total)  # [6]
        for b in range(B):
            p[targets[batches[k, b]], b] -= f32(1) / f32(B)
        _transpose(p, g_y, V, B)
        _multiply(weights_2, wide_2, 1, p, g_a, H, B, V, f32(1), False)  # [8]
        _hidden_gradient(g_a.reshape(-1), h.reshape(-1))
        _multiply(h, wide_b, 1, g_y, weights_2, H + 1, V, B, -lr, True)  # [7]
        _multiply(weights_1, 1, wide_1, g_a, g_x, F, B, H, f32(1), False)  # [10]
        _multiply(g_a, wide_b, 1, x_rows, weights_1, H, F + 1, B, -lr, True)  # [9]
        for b in range(B):  # [11]
            row = batches[k, b]
            for t in range(T):
                character = contexts[row, t]
                for d in range(D):
                    C[character, d] -= lr * g_x[t * D + d, b]

    _transpose(weights_1, W1, H, F)
    for i in range(H):
        b1[i] = weights_1[i, F]
        for v in range(V):
            W2[i, v] = weights_2[i, v]
    for v in range(V):
        b2[v] = weights_2[H, v]
    return -1


@_compiled
def _multiply(
    a: Floats,
    a_row: int,
    a_term: int,
    b: Floats,
    c: Floats,
    rows: int,
    columns: int,
    terms: int,
    scale: np.float32,
    add: bool,
) -> None:
    """c[i, j] = Σ_k a[i, k] b[k, j], or with `add` c[i, j] += scale · Σ_k a[i, k] b[k, j].

    a[i, k] stands at i · a_row + k · a_term, so that a transposed matrix needs no copy; b and c are
    row by row, and their rows have room for `columns` rounded up to whole vectors.
    """
    n_tiles = (rows + ROWS - 1) // ROWS
    for k in range(0, terms, DEPTH):
        for j in range(0, columns, VECTORS * LANES):
            is_wide = VECTORS == 2 and columns - j > LANES
            i = 0
            for done in range(n_tiles):  # tiles of about the same height
                height = (rows - i + n_tiles - done - 1) // (n_tiles - done)
                tile(  # type: ignore[call-arg]
                    height + (ROWS if is_wide else 0),
                    a, i * a_row + k * a_term, a_row, a_term,
                    b, k * b.shape[1] + j, b.shape[1],
                    c, i * c.shape[1] + j, c.shape[1],
                    min(DEPTH, terms - k), f32(scale), add or k > 0,
                )  # fmt: skip
                i += height


EXP_LOWEST = f32(-87.3)  # below it exp is less than the smallest normal float32
LOG2_E = f32(1.4426950408889634)
LN_2_HIGH, LN_2_LOW = f32(0.693359375), f32(-2.12194440e-4)  # their sum is ln 2


@_compiled
def _exp(x: np.float32) -> np.float32:
    """eˣ for x ≤ 0 to 2 units in the last place: 2ⁿ eʳ with x = n ln 2 + r (Cephes' expf)."""
    inside = x if x > EXP_LOWEST else EXP_LOWEST
    n = np.floor(inside * LOG2_E + f32(0.5))
    r = inside - n * LN_2_HIGH - n * LN_2_LOW
    p = f32(1.9875691500e-4) * r + f32(1.3981999507e-3)
    p = p * r + f32(8.3334519073e-3)
    p = p * r + f32(4.1665795894e-2)
    p = p * r + f32(1.6666665459e-1)
    p = p * r + f32(5.0000001201e-1)
    power = (p * r * r + r + f32(1)) * two_to_the(n)  # type: ignore[call-arg]
    return power if x > EXP_LOWEST else (f32(0) if x <= EXP_LOWEST else x)  # x: nan


@_compiled
def _tanh(x: np.float32) -> np.float32:
    """The tanh of x to 2 units in the last place (Cephes' tanhf).

    It is 1 where float32's is 1: there a unit must learn nothing, or a diverging run would stop
    being finite steps before `autograd`'s.
    """
    size = abs(x)
    t = _exp(f32(-2) * size)
    far = f32(1) - f32(2) * t / (f32(1) + t)
    far = -far if x < 0 else far
    s = x * x
    p = f32(-5.70498872745e-3) * s + f32(2.06390887954e-2)
    p = p * s - f32(5.37397155531e-2)
    p = p * s + f32(1.33314422036e-1)
    p = p * s - f32(3.33332819422e-1)
    near = p * s * x + x
    return near if size < f32(0.625) else far  # nan: far


@_compiled
def _softmax(y: Floats, highest: Floats, total: Floats) -> None:
    """For each column of y: e^(y - highest) in place, and its total."""
    n_scores, width = y.shape
    for b in range(width):
        highest[b], total[b] = y[0, b], f32(0)
    for v in range(1, n_scores):
        for b in range(width):
            highest[b] = y[v, b] if y[v, b] > highest[b] else highest[b]
    for v in range(n_scores):
        for b in range(width):
            y[v, b] = _exp(y[v, b] - highest[b])
            total[b] += y[v, b]


@_compiled
def _scale_columns(y: Floats, factors: Floats) -> None:
    for v in range(y.shape[0]):
        for b in range(y.shape[1]):
            y[v, b] *= factors[b]


@_compiled
def _hidden(a: Floats) -> None:
    for i in range(a.size):
        a[i] = _tanh(a[i])


@_compiled
def _hidden_gradient(gradient: Floats, h: Floats) -> None:
    for i in range(gradient.size):
        gradient[i] *= f32(1) - h[i] * h[i]


@_compiled
def _transpose(source: Floats, target: Floats, rows: int, columns: int) -> None:
    for start in range(0, columns, LANES):  # a vector's width at a time, for the cache's sake
        for i in range(rows):
            for j in range(start, min(start + LANES, columns)):
                target[j, i] = source[i, j]


@_compiled
def _zeros(rows: int, columns: int) -> Floats:
    """A matrix whose rows are whole vectors and start on the cache's own borders.

    Rows a multiple of 512 bytes apart would share few places in the cache: one vector more then.
    """
    width = (columns + LANES - 1) // LANES * LANES
    if width % 128 == 0:
        width += LANES
    flat = np.zeros(rows * width + LANES, np.float32)
    start = -flat.ctypes.data % (4 * LANES) // 4
    return flat[start : start + rows * width].reshape(rows, width)


@_compiled
def _first_bad_step(contexts: Whole, targets: Whole, batches: Whole, vocab_size: int) -> int:
    """The first step that reads outside of the tables, or -1."""
    for k in range(batches.shape[0]):
        for b in range(batches.shape[1]):
            row = batches[k, b]
            if not 0 <= row < targets.shape[0] or not 0 <= targets[row] < vocab_size:
                return k
            for t in range(contexts.shape[1]):
                if not 0 <= contexts[row, t] < vocab_size:
                    return k
    return -1
