"""The compiled steps of `sampled`, whose docstring derives them: on one core, a few rows of W2."""

# mypy: disable-error-code="var-annotated"

from __future__ import annotations

import numpy as np

from core.compiling import compiled
from core.learning.engines._instructions import LANES
from core.learning.engines._parts import (
    Floats,
    Whole,
    bring_back,
    bring_rows,
    f32,
    first_layer,
    go_down,
    go_up,
    multiply,
    scale_columns,
    softmax,
    transpose,
    width_of,
    zeros,
)

# Of the generator splitmix64 (Steele, Lea and Flood 2014).
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S27, S30, S31, S32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)


def scratch_size(n_tokens: int, n_inputs: int) -> int:
    """How many numbers `take_steps` needs for W2'ᵀ; inputs are h and x."""
    return n_tokens * (n_inputs + 1 + 2 * LANES) + LANES


@compiled
def mixed(z: np.uint64) -> np.uint64:
    """A number of 64 bits that looks like chance, of any other."""
    z = (z ^ (z >> S30)) * FIRST
    z = (z ^ (z >> S27)) * SECOND
    return z ^ (z >> S31)


@compiled
def first_state(batch: Whole) -> np.uint64:
    """Where a step's draws begin: at its own examples, however the steps are cut into calls."""
    state = GOLDEN
    for b in range(batch.shape[0]):
        state = mixed(state + GOLDEN + np.uint64(batch[b]))
    return state


@compiled
def choose(
    batch: Whole, targets: Whole, lots: Whole, n_draws: int, mark: int, marks: Whole, places: Whole,
    chosen: Whole,
) -> int:  # fmt: skip
    """Fill in a step's candidates, each once: the targets, and what is drawn; how many they are."""
    n = 0
    state, n_lots = first_state(batch), np.uint64(lots.shape[0])
    for j in range(batch.shape[0] + n_draws):
        if j < batch.shape[0]:
            token = targets[batch[j]]
        else:
            state += GOLDEN
            token = lots[np.int64(((mixed(state) >> S32) * n_lots) >> S32)]
        if marks[token] != mark:
            marks[token], places[token], chosen[n] = mark, n, token
            n += 1
    return n


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
    masks: Floats,
    losses: Floats,
    lots: Whole,
    log_chances: Floats,
    n_draws: int,
    scratch: Floats,
) -> None:
    """All steps of one call; brackets are the lines of `fused`'s derivation."""
    (V, D), H, T, (K, B) = C.shape, b1.shape[0], contexts.shape[1], batches.shape
    F, N, most = T * D, H + W.shape[0], batches.shape[1] + n_draws
    wide_n = width_of(N + 1)
    start = -scratch.ctypes.data % (4 * LANES) // 4
    rows = scratch[start : start + V * wide_n].reshape(V, wide_n)  # W2'ᵀ
    bring_rows(W2, b2, W, rows, 0, V)
    weights_1 = first_layer(W1, b1)
    x, x_rows = zeros(F + 1, B), zeros(B, F + 1)
    h, h_rows = zeros(N + 1, B), zeros(B, N + 1)
    for b in range(B):
        x[F, b] = x_rows[b, F] = h[N, b] = f32(1)
    g_h, g_x, slopes = zeros(N, B), zeros(F, B), zeros(H, B)
    w, y = zeros(most, N + 1), zeros(most, B)
    highest, total = zeros(1, B)[0], zeros(1, B)[0]
    marks, places, chosen = np.zeros(V, np.int64), np.zeros(V, np.int64), np.zeros(most, np.int64)
    wide_w, wide_b = w.shape[1], h.shape[1]
    is_masked, no_mask = masks.shape[0] > 0, np.empty((0, H), np.float32)

    for k in range(K):
        lr, batch = learning_rates[k], batches[k]
        mask = masks[k] if is_masked else no_mask
        go_up(C, contexts, batch, weights_1, x, x_rows, h, H, mask, slopes)  # [1] to [3]
        transpose(h, h_rows, N + 1, B)

        n = choose(batch, targets, lots, n_draws, k + 1, marks, places, chosen)
        for j in range(n):
            token = chosen[j]
            for i in range(N + 1):
                w[j, i] = rows[token, i]
        multiply(w, wide_w, 1, h, y, n, B, N + 1, f32(1), False)  # [4]
        for j in range(n):
            chance = log_chances[chosen[j]]
            for b in range(B):
                y[j, b] -= chance
        loss = 0.0
        for b in range(B):
            loss -= y[places[targets[batch[b]]], b] + log_chances[targets[batch[b]]]
        softmax(y[:n], highest, total)
        for b in range(B):
            # The target is there for certain, so here it counts once.
            own = y[places[targets[batch[b]]], b]
            whole = total[b] - own + own * np.exp(log_chances[targets[batch[b]]])
            loss += highest[b] + np.log(whole)
            total[b] = f32(1) / (total[b] * f32(B))
        losses[k] = f32(loss) / f32(B)  # [5]
        scale_columns(y[:n], total)  # [6]
        for b in range(B):
            y[places[targets[batch[b]]], b] -= f32(1) / f32(B)
        multiply(w, 1, wide_w, y, g_h, N, B, n, f32(1), False)  # [8]
        multiply(y, wide_b, 1, h_rows, w, n, N + 1, B, -lr, True)  # [7]
        for j in range(n):
            token = chosen[j]
            for i in range(N + 1):
                rows[token, i] = w[j, i]
        go_down(  # [9] to [11]
            C, contexts, batch, weights_1, x_rows, h, H, mask, slopes, g_h, g_x, lr, f32(1)
        )

    transpose(weights_1, W1, H, F)
    for i in range(H):
        b1[i] = weights_1[i, F]
    bring_back(rows, W2, b2, W, 0, V)
