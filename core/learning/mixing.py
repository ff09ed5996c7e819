"""The mixture of a run's network with counting, as the paper's even models are, or a better one."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.config import Mix
from core.learning.evaluation import document_losses, mean_of_new, nll_chunks
from core.models import (
    Interpolated,
    KneserNey,
    Model,
    best_weight,
    kneser_ney_loss,
    mixed_nll,
    orders_of,
    trigram_of,
)
from core.text import Corpus, Examples, Part


@dataclass(frozen=True, slots=True)
class MixedLoss:
    """What network and counts reach together (Bengio et al. 2003, section 4.2).

    Attributes:
        weight: of the network; the counts have the rest.
        loss: mean over the examples, in nats per token.
        order: n of the counts; the trigram's is 3.
        new: the mean over the documents that the counts' training part doesn't have; None where
            all are such, or none is.
    """

    weight: float
    loss: float
    order: int = 3
    new: float | None = None


def mixed_loss(
    model: Model, corpus: Corpus, mix: Mix, part: Part = "val", weight: float | None = None
) -> Iterator[MixedLoss | None]:
    """Take the loss of the mixture over one part, in chunks.

    Args:
        model: the network.
        corpus: whose training part the counts are of.
        mix: with the trigram by 'half', or 'fitted' to the part itself, which is to be the
            validation part; with 'kneser_ney' of the best order, fitted too.
        part: of the corpus.
        weight: of the network, where it was fitted before.

    Yields:
        None after each chunk of work, and the loss at the end; nothing for 'none'.
    """
    if mix == "none":
        return
    counts = yield from _counts(corpus, mix)
    examples = corpus.examples(part, max(model.block_size, counts.block_size))
    losses: list[Tensor] = []
    for one in (model, counts):
        chunks = []
        for chunk in nll_chunks(one, _seen_by(one, examples)):
            chunks.append(chunk)
            yield None
        losses.append(torch.cat(chunks))
    by_network, by_counts = losses
    if weight is None:
        weight = 0.5 if mix == "half" else best_weight(by_network, by_counts, examples.weights)
    mixed = mixed_nll([by_network.double(), by_counts.double()], [weight, 1 - weight])
    new = mean_of_new(corpus, part, document_losses(corpus, part, [mixed]))
    yield MixedLoss(weight, examples.mean(mixed), counts.order, new)


def _counts(corpus: Corpus, mix: Mix) -> Generator[None, None, Interpolated | KneserNey]:
    """What the network is mixed with; yields after each chunk of work."""
    if mix != "kneser_ney":
        yield None
        return trigram_of(corpus)
    losses: dict[int, float] = {}
    for order in orders_of(corpus):
        losses[order] = kneser_ney_loss(corpus, order)
        yield None
    return KneserNey(corpus, min(losses, key=losses.__getitem__))


def _seen_by(model: Model, examples: Examples) -> Examples:
    """With as many of the last tokens as the model takes."""
    first = examples.contexts.shape[1] - model.block_size
    return Examples(examples.contexts[:, first:].contiguous(), examples.targets, examples.weights)
