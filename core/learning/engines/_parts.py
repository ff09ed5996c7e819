"""What the compiled steps are made of: products, exp, tanh, and matrices of whole vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.compiling import compiled
from core.learning.engines._instructions import (
    LANES,
    ROWS,
    SIDE,
    VECTORS,
    tile,
    transpose_square,
    two_to_the,
)

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]
f32 = np.float32

DEPTH = 256  # terms summed in one go, so that the strip of b they read stays in the first cache


@compiled
def multiply(
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
    product(
        a.reshape(-1), 0, a_row, a_term, b.reshape(-1), 0, b.shape[1], c.reshape(-1), 0, c.shape[1],
        rows, columns, terms, scale, add,
    )  # fmt: skip


@compiled
def product(
    a: Floats,
    a_at: int,
    a_row: int,
    a_term: int,
    b: Floats,
    b_at: int,
    b_term: int,
    c: Floats,
    c_at: int,
    c_row: int,
    rows: int,
    columns: int,
    terms: int,
    scale: np.float32,
    add: bool,
) -> None:
    """The same of parts of flat matrices: where each begins, and how far apart its rows stand."""
    n_tiles = (rows + ROWS - 1) // ROWS
    for k in range(0, terms, DEPTH):
        for j in range(0, columns, VECTORS * LANES):
            is_wide = VECTORS == 2 and columns - j > LANES
            i = 0
            for done in range(n_tiles):  # tiles of about the same height
                height = (rows - i + n_tiles - done - 1) // (n_tiles - done)
                tile(  # type: ignore[call-arg]
                    height + (ROWS if is_wide else 0),
                    a, a_at + i * a_row + k * a_term, a_row, a_term,
                    b, b_at + k * b_term + j, b_term,
                    c, c_at + i * c_row + j, c_row,
                    min(DEPTH, terms - k), f32(scale), add or k > 0,
                )  # fmt: skip
                i += height


EXP_LOWEST = f32(-87.3)  # below it exp is less than the smallest normal float32
LOG2_E = f32(1.4426950408889634)
LN_2_HIGH, LN_2_LOW = f32(0.693359375), f32(-2.12194440e-4)  # their sum is ln 2


@compiled
def exp(x: np.float32) -> np.float32:
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


@compiled
def tanh(x: np.float32) -> np.float32:
    """The tanh of x to 2 units in the last place (Cephes' tanhf).

    It is 1 where float32's is 1: there a unit must learn nothing, or a diverging run would stop
    being finite steps before `autograd`'s.
    """
    size = abs(x)
    t = exp(f32(-2) * size)
    far = f32(1) - f32(2) * t / (f32(1) + t)
    far = -far if x < 0 else far
    s = x * x
    p = f32(-5.70498872745e-3) * s + f32(2.06390887954e-2)
    p = p * s - f32(5.37397155531e-2)
    p = p * s + f32(1.33314422036e-1)
    p = p * s - f32(3.33332819422e-1)
    near = p * s * x + x
    return near if size < f32(0.625) else far  # nan: far


@compiled
def softmax(y: Floats, highest: Floats, total: Floats) -> None:
    """For each column of y: e^(y - highest) in place, and its total."""
    n_scores, width = y.shape
    for b in range(width):
        highest[b], total[b] = y[0, b], f32(0)
    for v in range(1, n_scores):
        for b in range(width):
            highest[b] = y[v, b] if y[v, b] > highest[b] else highest[b]
    for v in range(n_scores):
        for b in range(width):
            y[v, b] = exp(y[v, b] - highest[b])
            total[b] += y[v, b]


@compiled
def scale_columns(y: Floats, factors: Floats) -> None:
    for v in range(y.shape[0]):
        for b in range(y.shape[1]):
            y[v, b] *= factors[b]


@compiled
def hidden(a: Floats) -> None:
    for i in range(a.size):
        a[i] = tanh(a[i])


@compiled
def hidden_gradient(gradient: Floats, h: Floats) -> None:
    for i in range(gradient.size):
        gradient[i] *= f32(1) - h[i] * h[i]


@compiled
def transpose(source: Floats, target: Floats, rows: int, columns: int) -> None:
    for start in range(0, columns, LANES):  # a vector's width at a time, for the cache's sake
        for i in range(rows):
            for j in range(start, min(start + LANES, columns)):
                target[j, i] = source[i, j]


@compiled
def width_of(columns: int) -> int:
    """What a row takes: whole vectors.

    Rows a multiple of 512 bytes apart would share few places in the cache: one vector more then.
    """
    width = (columns + LANES - 1) // LANES * LANES
    return width + LANES if width % 128 == 0 else width


@compiled
def zeros(rows: int, columns: int) -> Floats:
    """A matrix whose rows are whole vectors and start on the cache's own borders."""
    width = width_of(columns)
    flat = np.zeros(rows * width + LANES, np.float32)
    start = -flat.ctypes.data % (4 * LANES) // 4
    return flat[start : start + rows * width].reshape(rows, width)


@compiled
def transpose_large(
    source: Floats, a_row: int, target: Floats, b_row: int, rows: int, columns: int
) -> None:
    """As `transpose`, for parts of flat matrices that no cache holds: whole lines at a time."""
    whole_rows, whole_columns = rows // SIDE * SIDE, columns // (2 * SIDE) * 2 * SIDE
    for j in range(0, whole_columns, 2 * SIDE):
        for i in range(0, whole_rows, SIDE):
            for k in range(j, j + 2 * SIDE, SIDE):
                transpose_square(source, i * a_row + k, a_row, target, k * b_row + i, b_row)  # type: ignore[call-arg]
        for k in range(j, j + 2 * SIDE):
            for i in range(whole_rows, rows):
                target[k * b_row + i] = source[i * a_row + k]
    for k in range(whole_columns, columns):
        for i in range(rows):
            target[k * b_row + i] = source[i * a_row + k]


@compiled
def bring_rows(W2: Floats, b2: Floats, W: Floats, rows: Floats, low: int, n_tokens: int) -> None:
    """Some rows of W2'ᵀ, one for each token."""
    (H, V), wide_n, flat = W2.shape, rows.shape[1], rows.reshape(-1)[low * rows.shape[1] :]
    N = H + W.shape[0]
    transpose_large(W2.reshape(-1)[low:], V, flat, wide_n, H, n_tokens)
    transpose_large(W.reshape(-1)[low:], V, flat[H:], wide_n, N - H, n_tokens)
    for v in range(low, low + n_tokens):
        rows[v, N] = b2[v]


@compiled
def bring_back(rows: Floats, W2: Floats, b2: Floats, W: Floats, low: int, n_tokens: int) -> None:
    """The weights from these rows."""
    (H, V), wide_n, flat = W2.shape, rows.shape[1], rows.reshape(-1)[low * rows.shape[1] :]
    N = H + W.shape[0]
    transpose_large(flat, wide_n, W2.reshape(-1)[low:], V, n_tokens, H)
    transpose_large(flat[H:], wide_n, W.reshape(-1)[low:], V, n_tokens, N - H)
    for v in range(low, low + n_tokens):
        b2[v] = rows[v, N]


@compiled
def look_up(
    C: Floats, contexts: Whole, batch: Whole, x: Floats, x_rows: Floats, mask: Floats, first: int
) -> None:
    """Line [1]: the embeddings of the batch's contexts, as columns and as rows.

    The mask's columns from the `first` on are of them, if it has so many.
    """
    (B,), T, D = batch.shape, contexts.shape[1], C.shape[1]
    for b in range(B):
        row = batch[b]
        for t in range(T):
            token = contexts[row, t]
            for d in range(D):
                x[t * D + d, b] = x_rows[b, t * D + d] = C[token, d]
    if mask.shape[1] > first:
        for b in range(B):
            for f in range(T * D):
                x_rows[b, f] *= mask[b, first + f]
        transpose(x_rows, x, B, T * D)


@compiled
def drop_out(h: Floats, mask: Floats, slopes: Floats) -> None:
    """What dropout lets pass of h (H, B), and the slope of that by a; of a mask (B, H or more)."""
    B, H = mask.shape[0], slopes.shape[0]
    for i in range(H):
        for b in range(B):
            slopes[i, b] = mask[b, i] * (f32(1) - h[i, b] * h[i, b])
            h[i, b] *= mask[b, i]


@compiled
def decay(weights: Floats, start: int, stop: int, keep: np.float32) -> None:
    """The share of columns `start` to `stop` that weight decay keeps."""
    for i in range(weights.shape[0]):
        for j in range(start, stop):
            weights[i, j] *= keep


@compiled
def decay_rows(weights: Floats, start: int, stop: int, keep: np.float32) -> None:
    """The share of rows `start` to `stop` that weight decay keeps."""
    for i in range(start, stop):
        for j in range(weights.shape[1]):
            weights[i, j] *= keep


@compiled
def learn_embeddings(
    C: Floats, contexts: Whole, batch: Whole, g_x: Floats, mask: Floats, first: int, lr: np.float32
) -> None:
    """Line [11]: each example's part, in the order of the batch; the mask is `look_up`'s."""
    (B,), T, D = batch.shape, contexts.shape[1], C.shape[1]
    if mask.shape[1] > first:
        for f in range(T * D):
            for b in range(B):
                g_x[f, b] *= mask[b, first + f]
    for b in range(B):
        row = batch[b]
        for t in range(T):
            token = contexts[row, t]
            for d in range(D):
                C[token, d] -= lr * g_x[t * D + d, b]


@compiled
def first_layer(W1: Floats, b1: Floats) -> Floats:
    """W1' (H, F + 1)."""
    F, H = W1.shape
    joined = zeros(H, F + 1)
    transpose(W1, joined, F, H)
    for i in range(H):
        joined[i, F] = b1[i]
    return joined


@compiled
def go_up(
    C: Floats,
    contexts: Whole,
    batch: Whole,
    weights_1: Floats,
    x: Floats,
    x_rows: Floats,
    h: Floats,
    H: int,
    mask: Floats,
    slopes: Floats,
) -> None:
    """Lines [1] to [3], with x below h where there are direct connections; no mask is (0, H)."""
    B, F = batch.shape[0], x.shape[0] - 1
    look_up(C, contexts, batch, x, x_rows, mask, H)
    multiply(weights_1, weights_1.shape[1], 1, x, h, H, B, F + 1, f32(1), False)
    hidden(h[:H].reshape(-1))
    if mask.shape[0] > 0:
        drop_out(h, mask, slopes)
    for i in range(H, h.shape[0] - 1):
        for b in range(B):
            h[i, b] = x[i - H, b]


@compiled
def go_down(
    C: Floats,
    contexts: Whole,
    batch: Whole,
    weights_1: Floats,
    x_rows: Floats,
    h: Floats,
    H: int,
    mask: Floats,
    slopes: Floats,
    g_h: Floats,
    g_x: Floats,
    lr: np.float32,
    keep: np.float32,
) -> None:
    """From g_h' to g_a, and lines [9] to [11]; `keep` is what weight decay leaves of W1."""
    (N, F), B = (g_h.shape[0], g_x.shape[0]), batch.shape[0]
    if mask.shape[0] > 0:
        for i in range(H):
            for b in range(B):
                g_h[i, b] *= slopes[i, b]
    else:
        hidden_gradient(g_h[:H].reshape(-1), h.reshape(-1))
    for i in range(H, N):
        for b in range(B):
            g_x[i - H, b] = g_h[i, b]
    multiply(weights_1, 1, weights_1.shape[1], g_h, g_x, F, B, H, f32(1), N > H)
    if keep != f32(1):
        decay(weights_1, 0, F, keep)
    multiply(g_h, g_h.shape[1], 1, x_rows, weights_1, H, F + 1, B, -lr, True)
    learn_embeddings(C, contexts, batch, g_x, mask, H, lr)
