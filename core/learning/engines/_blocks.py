"""What `_wide` does with blocks of tokens: their scores, the softmax over them, their updates."""

from __future__ import annotations

import numpy as np

from core.compiling import compiled
from core.learning.engines._instructions import LANES, VECTORS
from core.learning.engines._parts import (
    Floats,
    Whole,
    decay,
    decay_rows,
    exp,
    f32,
    product,
    transpose_squares,
    zeros,
)

BLOCK = 240  # tokens; a block of the weights stays in a core's cache, its rows spread over it
PANEL = VECTORS * LANES  # columns of a tile


@compiled
def score(
    section: int,
    n_sections: int,
    W2: Floats,
    b2: Floats,
    W: Floats,
    targets: Whole,
    batch: Whole,
    h_rows: Floats,
    panels: Floats,
    y: Floats,
    tops: Floats,
    totals: Floats,
    picked: Floats,
) -> None:
    """[4] for the blocks of one section: e^(y - top) in place of y, the top and their total."""
    (n_blocks, _), V, B = tops.shape, b2.shape[0], batch.shape[0]
    for block in range(section * n_blocks // n_sections, (section + 1) * n_blocks // n_sections):
        low = block * BLOCK
        n_tokens = min(BLOCK, V - low)
        at = block * B * BLOCK
        score_block(W2, b2, W, low, n_tokens, h_rows, B, panels, y, at)
        for b in range(B):
            target = targets[batch[b]] - low
            if 0 <= target < n_tokens:
                picked[b] = y[at + b * BLOCK + target]
        exp_block(y, at, B, n_tokens, tops[block], totals[block])


@compiled
def score_block(
    W2: Floats,
    b2: Floats,
    W: Floats,
    low: int,
    n_tokens: int,
    h_rows: Floats,
    B: int,
    panels: Floats,
    y: Floats,
    at: int,
) -> None:
    """The scores of some tokens for each of B rows (h, x, 1); -inf up to whole vectors.

    The weights are first brought together in panels as wide as a tile, so that the product finds
    them in the cache whatever V is: rows of W2 may be any power of two apart.
    """
    H, N = W2.shape[0], W2.shape[0] + W.shape[0]
    for i in range(H):
        _pack(W2[i], low, n_tokens, panels, i, N + 1)
    for i in range(H, N):
        _pack(W[i - H], low, n_tokens, panels, i, N + 1)
    _pack(b2, low, n_tokens, panels, N, N + 1)
    if n_tokens % PANEL > 0:
        last = (n_tokens // PANEL * (N + 1) + N) * PANEL
        for j in range(n_tokens % PANEL, PANEL):
            panels[last + j] = f32(-np.inf)
    for column in range(0, n_tokens, PANEL):
        product(
            h_rows.reshape(-1), 0, h_rows.shape[1], 1, panels, column * (N + 1), PANEL,
            y, at + column, BLOCK, B, min(PANEL, n_tokens - column), N + 1, f32(1), False,
        )  # fmt: skip


@compiled
def _pack(row: Floats, low: int, n_tokens: int, panels: Floats, i: int, n_rows: int) -> None:
    """Put part of a row of the weights into row i of each panel."""
    whole = n_tokens // PANEL
    for part in range(whole):
        source, target = low + part * PANEL, (part * n_rows + i) * PANEL
        for j in range(PANEL):
            panels[target + j] = row[source + j]
    source, target = low + whole * PANEL, (whole * n_rows + i) * PANEL
    for j in range(n_tokens - whole * PANEL):
        panels[target + j] = row[source + j]


@compiled
def exp_block(y: Floats, at: int, B: int, n_tokens: int, tops: Floats, totals: Floats) -> None:
    """e^(y - top) in place of y, with the highest y of each row as `tops`, and the totals.

    Sums and tops are taken lane by lane, and then over the lanes.
    """
    lanes = np.empty(LANES, np.float32)
    width = (n_tokens + LANES - 1) // LANES * LANES
    for b in range(B):
        row = y[at + b * BLOCK : at + b * BLOCK + width]
        for j in range(LANES):
            lanes[j] = row[j]
        for column in range(LANES, width, LANES):
            for j in range(LANES):
                value = row[column + j]
                lanes[j] = value if value > lanes[j] else lanes[j]
        top = lanes[0]
        for j in range(1, LANES):
            top = lanes[j] if lanes[j] > top else top
        tops[b] = top
        shift = f32(0) if top == f32(-np.inf) else top
        for j in range(width):
            row[j] = exp(row[j] - shift)
        for j in range(LANES):
            lanes[j] = row[j]
        for column in range(LANES, width, LANES):
            for j in range(LANES):
                lanes[j] += row[column + j]
        total = lanes[0]
        for j in range(1, LANES):
            total += lanes[j]
        totals[b] = total


@compiled
def join_softmax(tops: Floats, totals: Floats, picked: Floats, B: int) -> np.float32:
    """The loss [5]; and in place of each block's total, what makes its numbers p / B."""
    n_blocks = tops.shape[0]
    highest, total = zeros(1, B)[0], zeros(1, B)[0]
    for b in range(B):
        highest[b] = tops[0, b]
    for block in range(1, n_blocks):
        for b in range(B):
            highest[b] = tops[block, b] if tops[block, b] > highest[b] else highest[b]
    for block in range(n_blocks):
        for b in range(B):
            tops[block, b] = exp(tops[block, b] - highest[b])
            total[b] += totals[block, b] * tops[block, b]
    loss = 0.0
    for b in range(B):
        loss += highest[b] + np.log(total[b]) - picked[b]
        total[b] = f32(1) / (total[b] * f32(B))
    for block in range(n_blocks):
        for b in range(B):
            totals[block, b] = tops[block, b] * total[b]
    return f32(loss) / f32(B)


@compiled
def learn(
    section: int,
    n_sections: int,
    C: Floats,
    W2: Floats,
    b2: Floats,
    W: Floats,
    targets: Whole,
    batch: Whole,
    h: Floats,
    y: Floats,
    factors: Floats,
    g: Floats,
    g_columns: Floats,
    edge: Floats,
    parts: Floats,
    lr: np.float32,
    weight_decay: np.float32,
) -> None:
    """[6] to [8] for the blocks of one section; its part of g_h goes to `parts`."""
    (n_blocks, wide_b), (H, V), B = factors.shape, W2.shape, batch.shape[0]
    F, wide_g = W.shape[0], g_columns.shape[1]
    N, keep = H + F, f32(1) - lr * weight_decay
    sums = np.empty(BLOCK, np.float32)
    flat_2, flat_direct, flat_h, flat_g = (
        W2.reshape(-1),
        W.reshape(-1),
        h.reshape(-1),
        g.reshape(-1),
    )
    flat_columns, flat_parts, flat_edge = g_columns.reshape(-1), parts.reshape(-1), edge.reshape(-1)
    first_block = section * n_blocks // n_sections
    for block in range(first_block, (section + 1) * n_blocks // n_sections):
        low, at = block * BLOCK, block * B * BLOCK
        n_tokens = min(BLOCK, V - low)
        for b in range(B):  # [6]
            factor, first = factors[block, b], at + b * BLOCK
            for j in range((n_tokens + LANES - 1) // LANES * LANES):
                g[b, j] = y[first + j] * factor
            target = targets[batch[b]] - low
            if 0 <= target < n_tokens:
                g[b, target] -= f32(1) / f32(B)
        transpose_squares(g, BLOCK, g_columns, wide_g, B, n_tokens)
        is_later, part = block > first_block, section * N * wide_b
        product(
            flat_2, low, V, 1, flat_columns, 0, wide_g, flat_parts, part, wide_b,
            H, B, n_tokens, f32(1), is_later,
        )  # fmt: skip  # [8]
        product(
            flat_direct, low, V, 1, flat_columns, 0, wide_g, flat_parts, part + H * wide_b, wide_b,
            F, B, n_tokens, f32(1), is_later,
        )  # fmt: skip
        if keep != f32(1):
            decay(W2, low, low + n_tokens, keep)
            decay(W, low, low + n_tokens, keep)
            decay_rows(C, low, low + n_tokens, keep)
        whole = n_tokens // LANES * LANES  # [7]
        product(flat_h, 0, wide_b, 1, flat_g, 0, BLOCK, flat_2, low, V, H, whole, B, -lr, True)
        product(
            flat_h, H * wide_b, wide_b, 1, flat_g, 0, BLOCK, flat_direct, low, V,
            F, whole, B, -lr, True,
        )  # fmt: skip
        if whole < n_tokens:
            product(
                flat_h, 0, wide_b, 1, flat_g, whole, BLOCK, flat_edge, 0, LANES,
                N, 1, B, f32(1), False,
            )  # fmt: skip
            for j in range(n_tokens - whole):
                for i in range(H):
                    W2[i, low + whole + j] -= lr * edge[i, j]
                for i in range(F):
                    W[i, low + whole + j] -= lr * edge[H + i, j]
        for j in range(n_tokens):
            sums[j] = f32(0)
        for b in range(B):
            for j in range(n_tokens):
                sums[j] += g[b, j]
        for j in range(n_tokens):
            b2[low + j] -= lr * sums[j]
