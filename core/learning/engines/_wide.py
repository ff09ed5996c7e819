"""The compiled steps of `fused` for large vocabularies: in blocks of tokens, on several cores.

What is V wide is cut into blocks, and the blocks into sections. A step has two stages in which
each section is a piece of work: whoever is free takes the next one, the thread that was called or
a helper. Between the stages the caller does what is not V wide. Sums over V are kept for each
section and added up in one order, so that no bit depends on how many threads there are or on who
did what. A helper that comes late, or never, is not waited for: only pieces that it has taken are.
"""

from __future__ import annotations

import numpy as np

from core.learning.engines._instructions import (
    LANES,
    VECTORS,
    count_one,
    read,
    replace,
    step_aside,
    write,
)
from core.learning.engines._parts import (
    Floats,
    Whole,
    compiled,
    decay,
    decay_rows,
    drop_out,
    exp,
    f32,
    hidden,
    hidden_gradient,
    learn_embeddings,
    look_up,
    multiply,
    product,
    transpose,
    transpose_squares,
    width_of,
    zeros,
)

BLOCK = 240  # tokens; a block of the weights stays in a core's cache, its rows spread over it
MOST_SECTIONS = 16
ROWS_AT_ONCE = 128  # of examples whose losses are taken together
PANEL = VECTORS * LANES

# What threads tell each other: places in an int64 array, each on a line of the cache of its own.
TAKEN, OPEN, DONE = 0, 16, 32  # pieces that were taken, that may be, and that are done
CONTROL_SIZE = 48
CLOSED = -1  # as OPEN: there will be no more
PATIENCE = 2_000  # looks at a number before the core is offered to others


def scratch_size(n_tokens: int, n_inputs: int, batch_size: int) -> int:
    """How many numbers `take_steps` needs to share between threads; inputs are h and x."""
    n_blocks = -(-n_tokens // BLOCK)
    row = batch_size + 2 * LANES  # at most
    columns = row * (n_inputs + 2 + 2 * n_blocks + MOST_SECTIONS * n_inputs)
    return LANES + columns + batch_size * (n_inputs + 1 + 2 * LANES + n_blocks * BLOCK)


@compiled
def _cut(flat: Floats, at: int, rows: int, width: int) -> Floats:
    return flat[at : at + rows * width].reshape(rows, width)


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
    scratch: Floats,
    control: Whole,
    is_helper: bool,
) -> None:
    """All steps of one call, or a helper's part; brackets are the lines of `fused`'s derivation."""
    (V, D), H, T, (K, B) = C.shape, b1.shape[0], contexts.shape[1], batches.shape
    F, N, wide_b = T * D, H + W.shape[0], width_of(B)
    n_blocks = (V + BLOCK - 1) // BLOCK
    n_sections = min(n_blocks, MOST_SECTIONS)
    start = -scratch.ctypes.data % (4 * LANES) // 4
    h = _cut(scratch, start, N + 1, wide_b)  # (h, x, 1) as columns and as rows
    start += h.size
    h_rows = _cut(scratch, start, B, width_of(N + 1))
    start += h_rows.size
    tops = _cut(scratch, start, n_blocks, wide_b)
    start += tops.size
    totals = _cut(scratch, start, n_blocks, wide_b)  # in the second stage: what makes them p / B
    start += totals.size
    picked = _cut(scratch, start, 1, wide_b)[0]  # the targets' scores
    start += picked.size
    parts = _cut(scratch, start, n_sections * N, wide_b)  # of g_h
    start += parts.size
    y = scratch[start : start + n_blocks * B * BLOCK]  # a block after the other

    panels = zeros(N + 1, BLOCK + PANEL).reshape(-1)
    g = zeros(wide_b, BLOCK)
    g_columns = zeros(BLOCK, B)
    edge = zeros(N, LANES)

    if is_helper:
        looks = 0
        while True:
            is_open = read(control, OPEN)
            if is_open == CLOSED:
                return
            piece = read(control, TAKEN)
            if piece < is_open and replace(control, TAKEN, piece, piece + 1):
                k, section = piece // n_sections // 2, piece % n_sections
                if piece // n_sections % 2 == 0:
                    _score(
                        section, n_sections, W2, b2, W, targets, batches[k], h_rows,
                        panels, y, tops, totals, picked,
                    )  # fmt: skip
                else:
                    _learn(
                        section, n_sections, C, W2, b2, W, targets, batches[k], h,
                        y, totals, g, g_columns, edge, parts, learning_rates[k], weight_decay,
                    )  # fmt: skip
                count_one(control, DONE)
                looks = 0
            else:
                looks += 1
                if looks > PATIENCE:
                    step_aside()

    weights_1 = zeros(H, F + 1)  # W1'
    transpose(W1, weights_1, F, H)
    for i in range(H):
        weights_1[i, F] = b1[i]
    x, x_rows = zeros(F + 1, B), zeros(B, F + 1)
    for b in range(B):
        x[F, b] = x_rows[b, F] = h[N, b] = f32(1)
    g_h, g_x, slopes = zeros(N, B), zeros(F, B), zeros(H, B)
    wide_1 = weights_1.shape[1]
    is_masked = masks.shape[0] > 0
    opened = 0

    for k in range(K):
        lr = learning_rates[k]
        look_up(C, contexts, batches[k], x, x_rows)  # [1]
        multiply(weights_1, wide_1, 1, x, h, H, B, F + 1, f32(1), False)  # [2]
        hidden(h[:H].reshape(-1))  # [3]
        if is_masked:
            drop_out(h, masks[k], slopes)
        for i in range(H, N):
            for b in range(B):
                h[i, b] = x[i - H, b]
        transpose(h, h_rows, N + 1, B)

        opened += n_sections
        write(control, OPEN, opened)
        while True:
            piece = read(control, TAKEN)
            if piece == opened:
                break
            if replace(control, TAKEN, piece, piece + 1):
                _score(
                    piece % n_sections, n_sections, W2, b2, W, targets, batches[k], h_rows,
                    panels, y, tops, totals, picked,
                )  # fmt: skip
                count_one(control, DONE)
        _wait_until_done(control, opened)

        losses[k] = _join_softmax(tops, totals, picked, B)

        opened += n_sections
        write(control, OPEN, opened)
        while True:
            piece = read(control, TAKEN)
            if piece == opened:
                break
            if replace(control, TAKEN, piece, piece + 1):
                _learn(
                    piece % n_sections, n_sections, C, W2, b2, W, targets, batches[k], h,
                    y, totals, g, g_columns, edge, parts, lr, weight_decay,
                )  # fmt: skip
                count_one(control, DONE)
        _wait_until_done(control, opened)

        for i in range(N):
            for b in range(B):
                g_h[i, b] = parts[i, b]
        for section in range(1, n_sections):
            for i in range(N):
                for b in range(B):
                    g_h[i, b] += parts[section * N + i, b]
        if is_masked:
            for i in range(H):
                for b in range(B):
                    g_h[i, b] *= slopes[i, b]
        else:
            hidden_gradient(g_h[:H].reshape(-1), h.reshape(-1))
        for i in range(H, N):
            for b in range(B):
                g_x[i - H, b] = g_h[i, b]
        multiply(weights_1, 1, wide_1, g_h, g_x, F, B, H, f32(1), N > H)  # [10]
        keep = f32(1) - lr * weight_decay
        if keep != f32(1):
            decay(weights_1, 0, F, keep)
        multiply(g_h, wide_b, 1, x_rows, weights_1, H, F + 1, B, -lr, True)  # [9]
        learn_embeddings(C, contexts, batches[k], g_x, lr)  # [11]

    write(control, OPEN, CLOSED)
    transpose(weights_1, W1, H, F)
    for i in range(H):
        b1[i] = weights_1[i, F]


@compiled
def _wait_until_done(control: Whole, n_pieces: int) -> None:
    looks = 0
    while read(control, DONE) < n_pieces:
        looks += 1
        if looks > PATIENCE:
            step_aside()


@compiled
def _score(
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
            h_rows.reshape(-1), 0, h_rows.shape[1], 1, panels, column * (N + 1), PANEL, y, at + column, BLOCK,
            B, min(PANEL, n_tokens - column), N + 1, f32(1), False,
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
def _join_softmax(tops: Floats, totals: Floats, picked: Floats, B: int) -> np.float32:
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
def _learn(
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
    """Minus the logarithm of the probability of each target, by [1] to [5]."""
    (V, D), H, T, n_examples = C.shape, b1.shape[0], contexts.shape[1], targets.shape[0]
    F, N, n_blocks = T * D, H + W.shape[0], (V + BLOCK - 1) // BLOCK
    rows = max(1, min(ROWS_AT_ONCE, n_examples))
    weights_1 = zeros(H, F + 1)
    transpose(W1, weights_1, F, H)
    for i in range(H):
        weights_1[i, F] = b1[i]
    x, x_rows = zeros(F + 1, rows), zeros(rows, F + 1)
    h, h_rows, picked = zeros(N + 1, rows), zeros(rows, N + 1), zeros(1, rows)[0]
    for b in range(rows):
        x[F, b] = h[N, b] = f32(1)
    panels = zeros(N + 1, BLOCK + PANEL).reshape(-1)
    y = zeros(rows, BLOCK).reshape(-1)
    tops, totals = zeros(n_blocks, rows), zeros(n_blocks, rows)
    for start in range(0, n_examples, rows):
        B = min(rows, n_examples - start)
        look_up(C, contexts, np.arange(start, start + B), x, x_rows)
        multiply(weights_1, weights_1.shape[1], 1, x, h, H, B, F + 1, f32(1), False)
        hidden(h[:H].reshape(-1))
        for i in range(H, N):
            for b in range(B):
                h[i, b] = x[i - H, b]
        transpose(h, h_rows, N + 1, B)
        for block in range(n_blocks):
            low = block * BLOCK
            n_tokens = min(BLOCK, V - low)
            score_block(W2, b2, W, low, n_tokens, h_rows, B, panels, y, 0)
            for b in range(B):
                target = targets[start + b] - low
                if 0 <= target < n_tokens:
                    picked[b] = y[b * BLOCK + target]
            exp_block(y, 0, B, n_tokens, tops[block], totals[block])
        for b in range(B):
            highest, total = tops[0, b], f32(0)
            for block in range(1, n_blocks):
                highest = tops[block, b] if tops[block, b] > highest else highest
            for block in range(n_blocks):
                total += totals[block, b] * exp(tops[block, b] - highest)
            losses[start + b] = highest + np.log(total) - picked[b]
