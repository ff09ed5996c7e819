"""What `_wide` does with blocks of tokens: their scores, the softmax over them, their updates."""

from __future__ import annotations

import numpy as np

from core.compiling import compiled
from core.learning.engines._instructions import LANES, VECTORS
from core.learning.engines._parts import (
    Floats,
    Whole,
    bring_back,
    bring_rows,
    decay,
    exp,
    f32,
    product,
    scale_columns,
    zeros,
)

TOKENS = 64  # of a block: its rows stay in a core's first caches for all that a step does with them
BLOCK = 240  # the same where only losses are taken, of weights as they lie
LOWEST = f32(-3e38)
PANEL = VECTORS * LANES  # columns of a tile


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
def visit(
    section: int,
    n_sections: int,
    k: int,
    W2: Floats,
    b2: Floats,
    W: Floats,
    targets: Whole,
    batches: Whole,
    learning_rates: Floats,
    weight_decay: np.float32,
    rows: Floats,
    h: Floats,
    h_rows: Floats,
    y: Floats,
    tops: Floats,
    highest: Floats,
    shares: Floats,
    section_tops: Floats,
    section_totals: Floats,
    picked: Floats,
    parts: Floats,
) -> None:
    """All that step k has to do with the blocks of one section, each of them visited once.

    First [6] and [7] of the step before, then [4] and [8] of this one with e^(y - top) for g_y,
    where a block's top is the highest score of its section up to there. The first step brings the
    weights into rows of tokens, and the one after the last brings them back.
    """
    (V, _), (K, B), N, wide_b = rows.shape, batches.shape, h.shape[0] - 1, h.shape[1]
    top, total = section_tops[section], section_totals[section]
    flat_h, flat_h_rows = h.reshape(-1), h_rows.reshape(-1)
    flat_rows, flat_y, flat_parts = rows.reshape(-1), y.reshape(-1), parts.reshape(-1)
    wide_n, wide_h, part = rows.shape[1], h_rows.shape[1], section * N * wide_b
    factors = np.empty(B, np.float32)
    n_blocks = tops.shape[0]
    first = section * n_blocks // n_sections
    for block in range(first, (section + 1) * n_blocks // n_sections):
        low = block * TOKENS
        n_tokens = min(TOKENS, V - low)
        scores = y[low : low + n_tokens]
        if k == 0:
            bring_rows(W2, b2, W, rows, low, n_tokens)
        else:
            lr, batch = learning_rates[k - 1], batches[k - 1]
            for b in range(B):
                factors[b] = exp(tops[block, b] - highest[b]) * shares[b]
            scale_columns(scores[:, :B], factors)  # [6]
            for b in range(B):
                target = targets[batch[b]] - low
                if 0 <= target < n_tokens:
                    scores[target, b] -= f32(1) / f32(B)
            keep = f32(1) - lr * weight_decay
            if keep != f32(1):
                decay(rows[low : low + n_tokens], 0, N, keep)
            product(  # [7]
                flat_y, low * wide_b, wide_b, 1, flat_h_rows, 0, wide_h,
                flat_rows, low * wide_n, wide_n, n_tokens, N + 1, B, -lr, True,
            )  # fmt: skip
        if k == K:
            bring_back(rows, W2, b2, W, low, n_tokens)
            continue

        product(  # [4]
            flat_rows, low * wide_n, wide_n, 1, flat_h, 0, wide_b,
            flat_y, low * wide_b, wide_b, n_tokens, B, N + 1, f32(1), False,
        )  # fmt: skip
        for b in range(B):
            target = targets[batches[k, b]] - low
            if 0 <= target < n_tokens:
                picked[b] = scores[target, b]
        if block == first:
            for b in range(B):
                top[b], total[b] = LOWEST, f32(0)
        for b in range(B):
            factors[b] = top[b]
        for v in range(n_tokens):
            for b in range(B):
                top[b] = scores[v, b] if scores[v, b] > top[b] else top[b]
        is_higher = False
        for b in range(B):
            is_higher = is_higher or top[b] != factors[b]
            factors[b] = exp(factors[b] - top[b])
            total[b] *= factors[b]
            tops[block, b] = top[b]
        for v in range(n_tokens):
            for b in range(B):
                scores[v, b] = exp(scores[v, b] - top[b])
                total[b] += scores[v, b]
        if is_higher and block > first:
            scale_columns(parts[section * N : (section + 1) * N, :B], factors)
        product(  # [8]
            flat_rows, low * wide_n, 1, wide_n, flat_y, low * wide_b, wide_b,
            flat_parts, part, wide_b, N, B, n_tokens, f32(1), block > first,
        )  # fmt: skip


@compiled
def join_sections(
    rows: Floats,
    targets: Whole,
    batch: Whole,
    section_tops: Floats,
    section_totals: Floats,
    picked: Floats,
    highest: Floats,
    shares: Floats,
    parts: Floats,
    g_h: Floats,
) -> np.float32:
    """The loss [5] and g_h [8] of what the sections found; what makes e^(y - M) p / B."""
    (n_sections, _), N, (B,) = section_tops.shape, g_h.shape[0], batch.shape
    total = zeros(1, B)[0]
    for b in range(B):
        highest[b] = section_tops[0, b]
    for section in range(1, n_sections):
        for b in range(B):
            top = section_tops[section, b]
            highest[b] = top if top > highest[b] else highest[b]
    for section in range(n_sections):
        for b in range(B):
            total[b] += section_totals[section, b] * exp(section_tops[section, b] - highest[b])
    loss = 0.0
    for b in range(B):
        loss += highest[b] + np.log(total[b]) - picked[b]
        shares[b] = f32(1) / (total[b] * f32(B))
        row = rows[targets[batch[b]]]
        for i in range(N):
            g_h[i, b] = -row[i] / f32(B)
    for section in range(n_sections):
        for b in range(B):
            total[b] = exp(section_tops[section, b] - highest[b]) * shares[b]
        for i in range(N):
            for b in range(B):
                g_h[i, b] += parts[section * N + i, b] * total[b]
    return f32(loss) / f32(B)
