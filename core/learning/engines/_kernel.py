"""The compiled steps of `fused`, whose docstring derives them: all in one go on one core."""

from __future__ import annotations

import numpy as np

from core.compiling import compiled
from core.learning.engines._parts import (
    Floats,
    Whole,
    decay,
    decay_rows,
    f32,
    first_layer,
    go_down,
    go_up,
    multiply,
    scale_columns,
    softmax,
    transpose,
    zeros,
)

LOSS_BLOCK = 64  # examples; what they take on their way through stays in a core's cache


@compiled
def second_layer(W2: Floats, W: Floats, b2: Floats) -> Floats:
    """W2' (N + 1, V)."""
    (H, V), n_direct = W2.shape, W.shape[0]
    joined = zeros(H + n_direct + 1, V)
    for v in range(V):
        for i in range(H):
            joined[i, v] = W2[i, v]
        for i in range(n_direct):
            joined[H + i, v] = W[i, v]
        joined[H + n_direct, v] = b2[v]
    return joined


@compiled
def take_steps(
    C: Floats,
    W1: Floats,
    b1: Floats,
    W2: Floats,
    b2: Floats,
    W: Floats,
    contexts: Whole,
    targets: Whole,
    batches: Whole,
    learning_rates: Floats,
    weight_decay: np.float32,
    masks: Floats,
    losses: Floats,
) -> None:
    """All steps of one call; the numbers in brackets are the lines of `fused`'s derivation.

    Of a row of `batches` beyond the rates only the loss is taken, without a mask.
    """
    (V, D), H, T, (K, B) = C.shape, b1.shape[0], contexts.shape[1], batches.shape
    F, is_masked = T * D, masks.shape[0] > 0
    N = H + W.shape[0]
    weights_1, weights_2 = first_layer(W1, b1), second_layer(W2, W, b2)  # W1', W2'
    x, x_rows = zeros(F + 1, B), zeros(B, F + 1)
    for b in range(B):
        x[F, b] = x_rows[b, F] = f32(1)
    h = zeros(N + 1, B)
    for b in range(B):
        h[N, b] = f32(1)
    p, g_y = zeros(V, B), zeros(B, V)
    g_h, g_x = zeros(N, B), zeros(F, B)
    slopes, no_mask = zeros(H, B), np.empty((0, H), np.float32)
    # Not `zeros(2, B)` taken apart: numba would not know that such rows are contiguous.
    highest, total = zeros(1, B)[0], zeros(1, B)[0]
    wide_2, wide_b = weights_2.shape[1], h.shape[1]

    for k in range(K):
        is_step = k < learning_rates.shape[0]
        mask = masks[k] if is_masked and is_step else no_mask
        go_up(C, contexts, batches[k], weights_1, x, x_rows, h, H, mask, slopes)  # [1] to [3]
        multiply(weights_2, 1, wide_2, h, p, V, B, N + 1, f32(1), False)  # [4]
        loss = 0.0
        for b in range(B):
            loss -= p[targets[batches[k, b]], b]
        softmax(p, highest, total)
        for b in range(B):
            loss += highest[b] + np.log(total[b])
            total[b] = f32(1) / (total[b] * f32(B))
        losses[k] = f32(loss) / f32(B)  # [5]
        if not is_step:
            break
        lr = learning_rates[k]
        scale_columns(p, total)  # [6]
        for b in range(B):
            p[targets[batches[k, b]], b] -= f32(1) / f32(B)
        transpose(p, g_y, V, B)
        multiply(weights_2, wide_2, 1, p, g_h, N, B, V, f32(1), False)  # [8]
        keep = f32(1) - lr * weight_decay
        if keep != f32(1):
            decay(weights_2[:N], 0, V, keep)
            decay_rows(C, 0, V, keep)
        multiply(h, wide_b, 1, g_y, weights_2, N + 1, V, B, -lr, True)  # [7]
        go_down(  # [9] to [11]
            C, contexts, batches[k], weights_1, x_rows, h, H, mask, slopes, g_h, g_x, lr, keep
        )

    transpose(weights_1, W1, H, F)
    for i in range(H):
        b1[i] = weights_1[i, F]
        for v in range(V):
            W2[i, v] = weights_2[i, v]
    for i in range(H, N):
        for v in range(V):
            W[i - H, v] = weights_2[i, v]
    for v in range(V):
        b2[v] = weights_2[N, v]


@compiled
def nll(
    C: Floats,
    W1: Floats,
    b1: Floats,
    W2: Floats,
    b2: Floats,
    W: Floats,
    contexts: Whole,
    targets: Whole,
    losses: Floats,
) -> None:
    """[1] to [5] for examples in blocks, the loss of each by itself into `losses`."""
    (V, D), H, T, n_examples = C.shape, b1.shape[0], contexts.shape[1], contexts.shape[0]
    F, N, B = T * D, H + W.shape[0], LOSS_BLOCK
    weights_1, weights_2 = first_layer(W1, b1), second_layer(W2, W, b2)  # W1', W2'
    x, x_rows, h, y = zeros(F + 1, B), zeros(B, F + 1), zeros(N + 1, B), zeros(V, B)
    for b in range(B):
        x[F, b] = h[N, b] = f32(1)
    highest, total = zeros(1, B)[0], zeros(1, B)[0]
    rows, scores = np.zeros(B, np.int64), np.empty(B, np.float32)
    wide_2, no_mask = weights_2.shape[1], np.empty((0, H), np.float32)

    for start in range(0, n_examples, B):
        for b in range(B):
            rows[b] = min(start + b, n_examples - 1)  # the last block is filled up with the last
        go_up(C, contexts, rows, weights_1, x, x_rows, h, H, no_mask, no_mask)  # [1] to [3]
        multiply(weights_2, 1, wide_2, h, y, V, B, N + 1, f32(1), False)  # [4]
        for b in range(B):
            scores[b] = y[targets[rows[b]], b]
        softmax(y, highest, total)
        for b in range(min(B, n_examples - start)):
            losses[start + b] = highest[b] + f32(np.log(total[b])) - scores[b]  # [5]


@compiled
def first_bad_step(contexts: Whole, targets: Whole, batches: Whole, vocab_size: int) -> int:
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


@compiled
def is_inside(contexts: Whole, targets: Whole, vocab_size: int) -> bool:
    """Whether all of these are tokens."""
    for n in range(targets.shape[0]):
        if not 0 <= targets[n] < vocab_size:
            return False
        for t in range(contexts.shape[1]):
            if not 0 <= contexts[n, t] < vocab_size:
                return False
    return True
