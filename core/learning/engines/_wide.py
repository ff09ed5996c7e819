"""The compiled steps of `fused` for large vocabularies: in blocks of tokens, on several cores.

What is V wide is cut into blocks, and the blocks into sections. A step visits each block once: the
update of the step before and the scores of this one. Each section is a piece of work: whoever is
free takes the next one, the thread that was called or a helper. Between two steps the caller does
what is not V wide; after the last all sections are visited once more. Sums over V are kept for each
section and added up in one order, so that no bit depends on how many threads there are or on who
did what. A helper that comes late, or never, is not waited for: only pieces that it has taken are.
"""

# mypy takes an intrinsic's first parameter for one of its callers'.
# mypy: disable-error-code="call-arg, var-annotated"

from __future__ import annotations

import numpy as np

from core.compiling import compiled
from core.learning.engines._blocks import (
    BLOCK,
    PANEL,
    TOKENS,
    exp_block,
    join_sections,
    score_block,
    visit,
)
from core.learning.engines._instructions import LANES, count_one, read, replace, step_aside, write
from core.learning.engines._parts import (
    Floats,
    Whole,
    decay_rows,
    exp,
    f32,
    first_layer,
    go_down,
    go_up,
    transpose,
    width_of,
    zeros,
)

MOST_SECTIONS = 16
ROWS_AT_ONCE = 128  # of examples whose losses are taken together

# What threads tell each other: places in an int64 array, each on a line of the cache of its own.
TAKEN, OPEN, DONE = 0, 16, 32  # pieces that were taken, that may be, and that are done
CONTROL_SIZE = 48
CLOSED = -1  # as OPEN: there will be no more
PATIENCE = 2_000  # looks at a number before the core is offered to others


def scratch_size(n_tokens: int, n_inputs: int, batch_size: int) -> int:
    """How many numbers `take_steps` needs to share between threads; inputs are h and x."""
    n_blocks, row = -(-n_tokens // TOKENS), batch_size + 2 * LANES  # at most
    inputs = n_inputs + 1 + 2 * LANES
    columns = n_inputs + 4 + n_blocks + n_tokens + MOST_SECTIONS * (n_inputs + 2)
    return LANES + row * columns + (n_tokens + batch_size) * inputs


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
    n_blocks = (V + TOKENS - 1) // TOKENS
    n_sections = min(n_blocks, MOST_SECTIONS)
    start = -scratch.ctypes.data % (4 * LANES) // 4
    rows = _cut(scratch, start, V, width_of(N + 1))  # W2'ᵀ
    start += rows.size
    h = _cut(scratch, start, N + 1, wide_b)  # (h, x, 1) as columns
    start += h.size
    h_rows = _cut(scratch, start, B, width_of(N + 1))  # and as rows, of the step before
    start += h_rows.size
    y = _cut(scratch, start, V, wide_b)
    start += y.size
    tops = _cut(scratch, start, n_blocks, wide_b)
    start += tops.size
    section_tops = _cut(scratch, start, n_sections, wide_b)
    start += section_tops.size
    section_totals = _cut(scratch, start, n_sections, wide_b)
    start += section_totals.size
    parts = _cut(scratch, start, n_sections * N, wide_b)  # of g_h
    start += parts.size
    picked, highest, shares = _cut(scratch, start, 3, wide_b)  # picked: the targets' scores

    if is_helper:
        looks = 0
        while True:
            is_open = read(control, OPEN)
            if is_open == CLOSED:
                return
            piece = read(control, TAKEN)
            if piece < is_open and replace(control, TAKEN, piece, piece + 1):
                visit(
                    piece % n_sections, n_sections, piece // n_sections, W2, b2, W, targets,
                    batches, learning_rates, weight_decay, rows, h, h_rows, y, tops, highest,
                    shares, section_tops, section_totals, picked, parts,
                )  # fmt: skip
                count_one(control, DONE)
                looks = 0
            else:
                looks += 1
                if looks > PATIENCE:
                    step_aside()

    weights_1 = first_layer(W1, b1)
    x, x_rows = zeros(F + 1, B), zeros(B, F + 1)
    for b in range(B):
        x[F, b] = x_rows[b, F] = h[N, b] = f32(1)
    g_h, g_x, slopes = zeros(N, B), zeros(F, B), zeros(H, B)
    no_mask = np.empty((0, H), np.float32)
    is_masked = masks.shape[0] > 0
    decayed = np.zeros(V, np.int64)  # steps whose decay each row of C has had
    tokens, opened = np.zeros(0, np.int64), 0

    for k in range(K + 1):
        if k < K:
            tokens = contexts[batches[k]].reshape(-1)
            _catch_up(C, tokens, decayed, learning_rates[:k], weight_decay)
            mask = masks[k] if is_masked else no_mask
            go_up(C, contexts, batches[k], weights_1, x, x_rows, h, H, mask, slopes)  # [1] to [3]

        opened += n_sections
        write(control, OPEN, opened)
        while True:
            piece = read(control, TAKEN)
            if piece == opened:
                break
            if replace(control, TAKEN, piece, piece + 1):
                visit(
                    piece % n_sections, n_sections, k, W2, b2, W, targets, batches,
                    learning_rates, weight_decay, rows, h, h_rows, y, tops, highest, shares,
                    section_tops, section_totals, picked, parts,
                )  # fmt: skip
                count_one(control, DONE)
        _wait_until_done(control, opened)
        if k == K:
            break

        losses[k] = join_sections(
            rows, targets, batches[k], section_tops, section_totals, picked, highest, shares,
            parts, g_h,
        )  # fmt: skip
        transpose(h, h_rows, N + 1, B)
        lr = learning_rates[k]
        keep = f32(1) - lr * weight_decay
        _catch_up(C, tokens, decayed, learning_rates[: k + 1], weight_decay)
        go_down(  # [9] to [11]
            C, contexts, batches[k], weights_1, x_rows, h, H, mask, slopes, g_h, g_x, lr, keep
        )

    write(control, OPEN, CLOSED)
    transpose(weights_1, W1, H, F)
    for i in range(H):
        b1[i] = weights_1[i, F]
    _catch_up(C, np.arange(V), decayed, learning_rates, weight_decay)


@compiled
def _catch_up(
    C: Floats, tokens: Whole, decayed: Whole, rates: Floats, weight_decay: np.float32
) -> None:
    """Let rows of C decay as often as the other weights have: most steps don't read them."""
    if weight_decay != f32(0):
        for token in tokens:
            for k in range(decayed[token], rates.shape[0]):
                decay_rows(C, token, token + 1, f32(1) - rates[k] * weight_decay)
            decayed[token] = rates.shape[0]


@compiled
def _wait_until_done(control: Whole, n_pieces: int) -> None:
    looks = 0
    while read(control, DONE) < n_pieces:
        looks += 1
        if looks > PATIENCE:
            step_aside()


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
    weights_1 = first_layer(W1, b1)
    x, x_rows = zeros(F + 1, rows), zeros(rows, F + 1)
    h, h_rows, picked = zeros(N + 1, rows), zeros(rows, N + 1), zeros(1, rows)[0]
    for b in range(rows):
        x[F, b] = h[N, b] = f32(1)
    panels = zeros(N + 1, BLOCK + PANEL).reshape(-1)
    y = zeros(rows, BLOCK).reshape(-1)
    tops, totals = zeros(n_blocks, rows), zeros(n_blocks, rows)
    no_mask = np.empty((0, H), np.float32)
    for start in range(0, n_examples, rows):
        B = min(rows, n_examples - start)
        batch = np.arange(start, start + B)
        go_up(C, contexts, batch, weights_1, x, x_rows, h, H, no_mask, no_mask)
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
