"""The loss of a model over many examples, in pieces small enough to stop between, and when."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F

from core.dataset import Examples
from core.model import MLP

PIECE_BYTES = 4 << 20  # of the largest intermediate tensor
N_EVALUATIONS = 20  # evenly over a run
EARLY_EVALUATIONS = (100, 1_000, 10_000)  # of a run so long that its first even one comes later


def loss_pieces(model: MLP, examples: Examples) -> Iterator[tuple[int, float]]:
    """Sum up the cross-entropy piece by piece.

    Yields:
        After each piece, how many examples were seen and the sum of their losses in nats.
    """
    widest = max(model.config.n_hidden, model.config.block_size * model.config.n_embd)
    n_rows = max(1, PIECE_BYTES // (4 * max(widest, model.vocab_size)))
    seen, total = 0, 0.0
    with torch.no_grad():
        for start in range(0, len(examples.targets), n_rows):
            contexts = examples.contexts[start : start + n_rows]
            targets = examples.targets[start : start + n_rows]
            total += F.cross_entropy(model.logits(contexts), targets, reduction="sum").item()
            seen += len(targets)
            yield seen, total


def mean_loss(model: MLP, examples: Examples) -> float:
    """Mean cross-entropy over all examples, in nats per character; nan when there are none."""
    pieces = list(loss_pieces(model, examples))
    return pieces[-1][1] / pieces[-1][0] if pieces else math.nan


def evaluation_steps(n_steps: int) -> frozenset[int]:
    """After which steps of a run its validation loss is taken.

    Evenly from start to end, and a few times before that, as the loss falls most at the start.
    """
    interval = max(1, n_steps // N_EVALUATIONS)
    early = [step for step in EARLY_EVALUATIONS if step < interval]
    return frozenset((*range(0, n_steps, interval), *early, n_steps))
