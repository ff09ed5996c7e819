"""The lesson's own loop: forward, backward by autograd, update; the reference for any engine."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.learning.engines._seam import Loss
from core.learning.optimisers import Optimiser, Tensors


def take_steps(
    loss_of: Loss,
    parameters: Mapping[str, Tensor],
    optimiser: Optimiser,
    optimiser_state: Tensors,
    contexts: Tensor,
    targets: Tensor,
    batches: Tensor,
    learning_rates: Tensor,
    masks: Tensor | None = None,
    n_threads: int = 1,  # noqa: ARG001 - torch's own threads are set once in a process
    looks_ahead: bool = False,
) -> tuple[Tensor, Tensors]:
    """Take one step for each row of `batches`, in place: any model, any optimiser.

    Args:
        loss_of: the mean loss of a batch, as a function of the parameters.
        parameters: by name, float32; updated in place.
        optimiser: makes updates of gradients.
        optimiser_state: of the optimiser before these steps; left as it is.
        contexts: int64 (N, T).
        targets: int64 (N,).
        batches: rows to learn from at each step, int64 (K, B).
        learning_rates: float32 (K,).
        masks: of dropout, what each hidden unit's output is multiplied by, float32 (K, B, H), and
            then, if they are masked, the numbers of the context's embeddings, (K, B, H + T·D).
        n_threads: that it may compute in.
        looks_ahead: only where the engine can; this one cannot.

    Returns:
        The loss of each batch before its update, float32 (K,), and the optimiser's new state.
    """
    assert not looks_ahead
    leaves = {name: t.detach().requires_grad_() for name, t in parameters.items()}  # same storage
    losses = torch.empty(len(batches))
    for k, (rows, lr) in enumerate(zip(batches, learning_rates.tolist(), strict=True)):
        mask = () if masks is None else (masks[k],)
        loss = loss_of(leaves, contexts[rows], targets[rows], *mask)
        gradients = dict(
            zip(leaves, torch.autograd.grad(loss, tuple(leaves.values())), strict=True)
        )
        with torch.no_grad():
            updates, optimiser_state = optimiser.update(gradients, optimiser_state, lr, leaves)
            for name, tensor in leaves.items():
                tensor += updates[name]
        losses[k] = loss.detach()
    return losses, optimiser_state
