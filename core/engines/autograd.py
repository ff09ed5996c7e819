"""The lesson's own loop: forward, backward by autograd, update; the reference for any engine."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from core.model import Parameters


def sgd_steps(
    parameters: Parameters,
    contexts: Tensor,
    targets: Tensor,
    batches: Tensor,
    learning_rates: Tensor,
) -> Tensor:
    """Take one step of gradient descent for each row of `batches`, in place.

    θ ← θ - lr · ∂L/∂θ, where L is the mean cross-entropy of the batch in nats per character.

    Args:
        parameters: C (V, D), W1 (T·D, H), b1 (H,), W2 (H, V), b2 (V,), float32; updated in place.
        contexts: int64 (N, T).
        targets: int64 (N,).
        batches: rows to learn from at each step, int64 (K, B).
        learning_rates: float32 (K,).

    Returns:
        The loss of each batch before its update, float32 (K,).
    """
    leaves = [tensor.detach().requires_grad_() for tensor in parameters]  # share the storage
    C, W1, b1, W2, b2 = leaves
    losses = torch.empty(len(batches))
    for k, (rows, lr) in enumerate(zip(batches, learning_rates.tolist(), strict=True)):
        x = C[contexts[rows]].view(len(rows), -1)  # (B, T·D)
        h = torch.tanh(x @ W1 + b1)  # (B, H)
        loss = F.cross_entropy(h @ W2 + b2, targets[rows])
        gradients = torch.autograd.grad(loss, leaves)
        with torch.no_grad():
            for tensor, gradient in zip(leaves, gradients, strict=True):
                tensor -= lr * gradient
        losses[k] = loss.detach()
    return losses
