"""The mixture of a run's network with counting, as the paper's even models are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.config import Mix
from core.learning.evaluation import nll_chunks
from core.models import Model, best_weight, mixed_nll, trigram_of
from core.text import Corpus, Examples, Part


@dataclass(frozen=True, slots=True)
class MixedLoss:
    """What network and interpolated trigram reach together (Bengio et al. 2003, section 4.2).

    Attributes:
        weight: of the network; the trigram has the rest.
        loss: mean over the examples, in nats per token.
    """

    weight: float
    loss: float


def mixed_loss(
    model: Model, corpus: Corpus, mix: Mix, part: Part = "val", weight: float | None = None
) -> Iterator[MixedLoss | None]:
    """Take the loss of the mixture over one part, in chunks.

    Args:
        model: the network.
        corpus: whose training part the trigram counts.
        mix: 'half', or 'fitted' to the part itself, which is to be the validation part.
        part: of the corpus.
        weight: of the network, where it was fitted before.

    Yields:
        None after each chunk of work, and the loss at the end; nothing for 'none'.
    """
    if mix == "none":
        return
    trigram = trigram_of(corpus)
    yield None
    examples = corpus.examples(part, max(model.block_size, trigram.block_size))
    losses: list[Tensor] = []
    for one in (model, trigram):
        chunks = []
        for chunk in nll_chunks(one, _seen_by(one, examples)):
            chunks.append(chunk)
            yield None
        losses.append(torch.cat(chunks))
    if weight is None:
        weight = best_weight(*losses) if mix == "fitted" else 0.5
    mixed = mixed_nll([loss.double() for loss in losses], [weight, 1 - weight])
    yield MixedLoss(weight, mixed.mean().item())


def _seen_by(model: Model, examples: Examples) -> Examples:
    """With as many of the last tokens as the model takes."""
    first = examples.contexts.shape[1] - model.block_size
    return Examples(examples.contexts[:, first:].contiguous(), examples.targets)
