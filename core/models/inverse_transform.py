"""From scores and a random number to a token: the inverse of the cumulative probabilities."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

BLOCK = 128  # tokens of many whose probabilities are added up first


def sampled(
    logits: NDArray[np.float32], uniforms: NDArray[np.float64], temperature: float
) -> NDArray[np.int64]:
    """The first id whose cumulative probability is above the number; 0 if that is unknown.

    Args:
        logits: scores of every token, float32 (N, V).
        uniforms: a number from 0 to below 1 for each row, (N,).
        temperature: by which the scores are divided.

    Returns:
        int64 (N,).
    """
    scores = logits.astype(np.float64)
    scores -= scores.max(axis=1, keepdims=True)
    scores /= temperature
    cumulative = np.exp(scores, out=scores).cumsum(axis=1)  # (N, V), up to a factor
    # Comparisons with nan are false, so a row that holds one counts 0, the boundary.
    thresholds = uniforms[:, None] * cumulative[:, -1:]
    chosen: NDArray[np.int64] = (cumulative <= thresholds).sum(axis=1)
    return chosen


def sampled_of_many(
    logits: NDArray[np.float32], uniforms: NDArray[np.float64], temperature: float
) -> NDArray[np.int64]:
    """The same for thousands of tokens: first the block is found that holds the id.

    exp is taken in float32, of which numpy does many at once; the sums are float64.
    """
    count, vocab_size = logits.shape
    n_blocks = -(-vocab_size // BLOCK)
    scores = np.full((count, n_blocks * BLOCK), -math.inf, dtype=np.float32)
    np.subtract(logits, logits.max(axis=1, keepdims=True), out=scores[:, :vocab_size])
    if temperature != 1:
        scores /= min(max(temperature, 1e-30), 1e30)  # within float32; 0 and inf would give nan
    blocks = np.exp(scores, out=scores).reshape(count, n_blocks, BLOCK)
    cumulative = blocks.sum(axis=2, dtype=np.float64).cumsum(axis=1)  # (N, blocks)
    totals = cumulative[:, -1]
    left = uniforms * totals
    block = (cumulative <= left[:, None]).sum(axis=1)
    rows = np.arange(count)
    left -= np.where(block > 0, cumulative[rows, block - 1], 0)
    inside = blocks[rows, block].astype(np.float64).cumsum(axis=1)  # (N, BLOCK)
    # Sums in another order may differ in their last digit; an id is always found.
    left = np.minimum(left, inside[:, -1] * (1 - 2**-53))
    chosen = block * BLOCK + (inside <= left[:, None]).sum(axis=1)
    return np.where(np.isfinite(totals), chosen, 0)


def most_probable(logits: NDArray[np.float32]) -> NDArray[np.int64]:
    """The id with the highest score, int64 (N,); 0 where that is not finite."""
    return np.where(np.isfinite(logits.max(axis=1)), logits.argmax(axis=1), 0)
