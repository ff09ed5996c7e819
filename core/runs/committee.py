"""Finished runs that differ in their seeds as one model: the mean of their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from core.learning import (
    Difference,
    document_losses,
    example_losses,
    mean_of_new,
    paired_difference,
)
from core.models import Mixture, Model, best_counts_of, best_weight, mixed_nll
from core.runs.codec.corpora import fingerprint
from core.runs.record import RunRecord


@dataclass(frozen=True, slots=True, eq=False)
class Committee:
    """What several runs reach together on the validation documents.

    Attributes:
        members: the runs.
        share: of the counts that are mixed in, from 0 to 1; the members have the rest in equal
            parts.
        loss: mean in nats per token.
        new: the same over the documents that training doesn't have; None where all are such, or
            none is.
        gain: the loss less that of the best member, over the same documents.
    """

    members: tuple[RunRecord, ...]
    share: float
    loss: float
    new: float | None
    gain: Difference

    @property
    def best(self) -> RunRecord:
        """The member with the lowest validation loss."""
        return min(self.members, key=lambda run: run.validation_loss or 0.0)

    @property
    def model(self) -> Mixture:
        """It, as a model that can write."""
        models: list[Model] = [run.model for run in self.members]
        weights = [(1 - self.share) / len(models)] * len(models)
        if self.share:
            models.append(best_counts_of(self.members[0].corpus))
            weights.append(self.share)
        return Mixture(models, weights)


def committees(members: Sequence[RunRecord]) -> tuple[Committee, Committee]:
    """Judge runs together on the validation part, without counting and with it.

    The counts are `best_counts_of` the corpus, at the share that suits the validation part best.

    Args:
        members: two finished runs or more, of one corpus and split.

    Raises:
        ValueError: if they're too few, or of different tokens or splits.
    """
    corpus = members[0].corpus
    if len(members) < 2 or not all(_are_alike(run, members[0]) for run in members):
        raise ValueError("members must be two runs or more of the same tokens and split")
    examples = corpus.examples("val", members[0].config.model.block_size)
    each = [example_losses(run.model, corpus, "val") for run in members]
    together = mixed_nll(each)
    counted = example_losses(best_counts_of(corpus), corpus, "val")
    weight = best_weight(together, counted, examples.weights)
    lengths = corpus.lengths("val")
    apart = [document_losses(corpus, "val", [losses]) for losses in each]
    best = min(apart, key=lambda losses: float(losses.sum()))

    def judged(losses: Tensor, share: float) -> Committee:
        documents = document_losses(corpus, "val", [losses])
        new = mean_of_new(corpus, "val", documents, members[0].config.training.train_on)
        gain = paired_difference(documents, best, lengths)
        return Committee(tuple(members), share, examples.mean(losses), new, gain)

    mixed = mixed_nll([together, counted], [weight, 1 - weight])
    return judged(together, 0.0), judged(mixed, 1 - weight)


def _are_alike(run: RunRecord, other: RunRecord) -> bool:
    is_same_data = run.corpus is other.corpus or fingerprint(run.corpus) == fingerprint(
        other.corpus
    )
    return is_same_data and run.config.training.train_on == other.config.training.train_on
