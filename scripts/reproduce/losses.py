"""Losses of a network over whole parts of a corpus, on several cores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from core.learning.engines import fused
from core.models import Model, nll_of
from core.text import Examples

ROWS = 4096  # of one piece of work


def losses(model: Model, examples: Examples, n_threads: int = 1) -> Tensor:
    """Minus the logarithm of the probability of each target, in nats, float32 (N,).

    No number depends on the number of threads.
    """
    if not fused.serves_losses(model):
        return nll_of(model, *examples)

    def piece(start: int) -> Tensor:
        rows = slice(start, start + ROWS)
        return fused.nll(model.parameters, examples.contexts[rows], examples.targets[rows])

    with ThreadPoolExecutor(n_threads) as pool:
        return torch.cat([*pool.map(piece, range(0, len(examples.targets), ROWS))])


def mean_loss(model: Model, examples: Examples, n_threads: int = 1) -> float:
    """Mean of `losses`, in nats per token."""
    return losses(model, examples, n_threads).double().mean().item()
