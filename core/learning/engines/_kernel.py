"""The compiled steps of `fused`, whose docstring derives them: all in one go on one core."""

from __future__ import annotations

import numpy as np

from core.compiling import compiled
from core.learning.engines._parts import (
    Floats,
    Whole,
    decay,
    decay_rows,
    drop_out,
    f32,
    hidden,
    hidden_gradient,
    learn_embeddings,
    look_up,
    multiply,
    scale_columns,
    softmax,
    transpose,
    zeros,
)

LOSS_BLOCK = 64  # examples; what they take on their way through stays in a core's cache


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
    slopes = zeros(H, B)
    # Not `zeros(2, B)` taken apart: numba would not know that such rows are contiguous.
    highest, total = zeros(1, B)[0], zeros(1, B)[0]
    wide_1, wide_2, wide_b = weights_1.shape[1], weights_2.shape[1], h.shape[1]

    for k in range(K):
        look_up(C, contexts, batches[k], x, x_rows)  # [1]
        multiply(weights_1, wide_1, 1, x, h, H, B, F + 1, f32(1), False)  # [2]
        hidden(h[:H].reshape(-1))  # [3]
        is_step = k < learning_rates.shape[0]
        if is_masked and is_step:
            drop_out(h, masks[k], slopes)
        for i in range(H, N):
            for b in range(B):
                h[i, b] = x[i - H, b]
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
        if is_masked:
            for i in range(H):
                for b in range(B):
                    g_h[i, b] *= slopes[i, b]
        else:
            hidden_gradient(g_h[:H].reshape(-1), h.reshape(-1))
        keep = f32(1) - lr * weight_decay
        if keep != f32(1):
            decay(weights_2[:N], 0, V, keep)
            decay_rows(C, 0, V, keep)
        multiply(h, wide_b, 1, g_y, weights_2, N + 1, V, B, -lr, True)  # [7]
        for i in range(H, N):
            for b in range(B):
                g_x[i - H, b] = g_h[i, b]
        multiply(weights_1, 1, wide_1, g_h, g_x, F, B, H, f32(1), N > H)  # [10]
        if keep != f32(1):
            decay(weights_1, 0, F, keep)
        multiply(g_h, wide_b, 1, x_rows, weights_1, H, F + 1, B, -lr, True)  # [9]
        learn_embeddings(C, contexts, batches[k], g_x, lr)  # [11]

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
    wide_1, wide_2 = weights_1.shape[1], weights_2.shape[1]

    for start in range(0, n_examples, B):
        for b in range(B):
            rows[b] = min(start + b, n_examples - 1)  # the last block is filled up with the last
        look_up(C, contexts, rows, x, x_rows)  # [1]
        multiply(weights_1, wide_1, 1, x, h, H, B, F + 1, f32(1), False)  # [2]
        hidden(h[:H].reshape(-1))  # [3]
        for i in range(H, N):
            for b in range(B):
                h[i, b] = x[i - H, b]
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
