"""Losses of a network over whole parts of a corpus, on several cores."""

from __future__ import annotations

from torch import Tensor

from core.learning.engines import nll_of
from core.models import Model
from core.text import Examples


def losses(model: Model, examples: Examples, n_threads: int = 1) -> Tensor:
    """Minus the logarithm of the probability of each target, in nats, float32 (N,).

    No number depends on the number of threads.
    """
    return nll_of(model, n_threads)(*examples)


def mean_loss(model: Model, examples: Examples, n_threads: int = 1) -> float:
    """Mean of `losses`, in nats per token."""
    return losses(model, examples, n_threads).double().mean().item()
