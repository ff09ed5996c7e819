"""Steps of gradient descent that leave the embeddings as they are, with the gradients by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import Tensor


def take_steps(
    parameters: Mapping[str, Tensor],
    contexts: Tensor,
    targets: Tensor,
    batches: Tensor,
    learning_rates: Iterable[float],
) -> Tensor:
    """Take one step for each row of `batches`, in place, of all parameters but C.

    What the engines do, but for C's gradient, which is neither taken nor used; the other
    gradients are those of `core.lesson.backward`. Autograd would take about five times as long.

    Args:
        parameters: C (V, D), W1 (T·D, H), b1 (H,), W2 (H, V) and b2 (V,), float32.
        contexts: int64 (N, T).
        targets: int64 (N,).
        batches: rows to learn from at each step, int64 (K, B).
        learning_rates: K of them.

    Returns:
        The loss of each batch before its update, float32 (K,).
    """
    C, W1, b1, W2, b2 = (
        parameters[name].detach().numpy() for name in ("C", "W1", "b1", "W2", "b2")
    )
    X, Y = contexts.numpy(), targets.numpy()
    losses = np.empty(len(batches), dtype=np.float32)
    for k, (rows, lr) in enumerate(zip(batches.numpy(), learning_rates, strict=True)):
        x = C[X[rows]].reshape(len(rows), -1)
        h = np.tanh(x @ W1 + b1)
        y = h @ W2 + b2
        y -= y.max(axis=1, keepdims=True)
        p = np.exp(y)
        sums = p.sum(axis=1, keepdims=True)
        each, right = np.arange(len(rows)), Y[rows]
        losses[k] = (np.log(sums[:, 0]) - y[each, right]).mean()
        g_y = p / sums
        g_y[each, right] -= 1
        g_y /= len(rows)
        g_z = (g_y @ W2.T) * (1 - h * h)
        rate = np.float32(lr)
        W2 -= rate * (h.T @ g_y)
        b2 -= rate * g_y.sum(axis=0)
        W1 -= rate * (x.T @ g_z)
        b1 -= rate * g_z.sum(axis=0)
    return torch.from_numpy(losses)
