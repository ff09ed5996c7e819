"""The compiled way of writing texts with a small model: all of them in one call, without BLAS."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.compiling import compiled
from core.learning.engines._parts import Floats, Whole, f32, hidden


@compiled
def write(
    C: Floats,
    W1: Floats,
    b1: Floats,
    W2: Floats,
    b2: Floats,
    W: Floats,
    context: Whole,
    uniforms: NDArray[np.float64],
    ids: Whole,
) -> None:
    """Ids of texts until the boundary, by the inverse transform, into `ids` (N, L), zeros before.

    The weights are as `fused` has them; `context` holds the T tokens before the first one of each
    text, and `uniforms` numbers in [0, 1), (N, L).
    """
    (V, D), H, T = C.shape, b1.shape[0], context.shape[0]
    before, x = np.empty(T, np.int64), np.empty(T * D, np.float32)
    h, y, cumulative = np.empty(H, np.float32), np.empty(V, np.float32), np.empty(V, np.float64)
    for n in range(ids.shape[0]):
        before[:] = context
        for step in range(ids.shape[1]):
            for t in range(T):
                for d in range(D):
                    x[t * D + d] = C[before[t], d]
            score(x, W1, b1, W2, b2, W, h, y)
            chosen = first_above(y, uniforms[n, step], cumulative)
            if chosen == 0:
                break
            ids[n, step] = chosen
            for t in range(T - 1):
                before[t] = before[t + 1]
            before[T - 1] = chosen


@compiled
def score(
    x: Floats, W1: Floats, b1: Floats, W2: Floats, b2: Floats, W: Floats, h: Floats, y: Floats
) -> None:
    """Score one example: y = b2 + W x + W2ᵀ tanh(b1 + W1ᵀ x), into `y`."""
    H, V = h.shape[0], y.shape[0]
    for i in range(H):
        h[i] = b1[i]
    for f in range(x.shape[0]):
        for i in range(H):
            h[i] += x[f] * W1[f, i]
    hidden(h)
    for v in range(V):
        y[v] = b2[v]
    for i in range(H):
        for v in range(V):
            y[v] += h[i] * W2[i, v]
    for f in range(W.shape[0]):
        for v in range(V):
            y[v] += x[f] * W[f, v]


@compiled
def first_above(y: Floats, uniform: float, cumulative: NDArray[np.float64]) -> int:
    """The first id whose cumulative probability is above the number; 0 if that is unknown."""
    highest = y[0]
    for v in range(1, y.shape[0]):
        if not y[v] <= highest:
            highest = y[v]  # nan too
    total = 0.0
    for v in range(y.shape[0]):
        total += np.exp(np.float64(y[v]) - np.float64(highest))
        cumulative[v] = total
    threshold, chosen = uniform * total, 0
    while chosen < y.shape[0] and cumulative[chosen] <= threshold:
        chosen += 1
    return chosen if f32(total) == f32(total) else 0
