"""Names that are in two parts of the list: how many there are, and what a loss owes to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.models import kneser_ney_documents, kneser_ney_losses
from core.text import Corpus, is_new


@dataclass(frozen=True)
class Leakage:
    """The validation loss of one model by whether training has the name too, nats a character.

    Attributes:
        known: on names that training has.
        new: on the others.
        all: on both.
    """

    name: str
    known: float
    new: float
    all: float

    @property
    def losses(self) -> tuple[float, float, float]:
        """All three, in this order."""
        return self.known, self.new, self.all


def shares(corpus: Corpus) -> tuple[int, int, float]:
    """How many validation names training has too, of how many, and their share of the examples."""
    are_new, n_examples = is_new(corpus, "val"), corpus.lengths("val")
    share = n_examples[~are_new].sum() / max(1, n_examples.sum())
    return int((~are_new).sum()), len(are_new), float(share)


def leakage(
    corpus: Corpus, networks: Iterable[tuple[str, NDArray[np.floating] | None]]
) -> list[Leakage]:
    """What counting and networks owe to the names that training has; none where it has none.

    Args:
        corpus: the names.
        networks: name and loss of each validation name, summed over its characters.
    """
    are_new, n_examples = is_new(corpus, "val"), corpus.lengths("val")
    if are_new.all() or not are_new.any():
        return []
    orders = kneser_ney_losses(corpus)
    best = min(orders, key=orders.__getitem__)
    models = [(f"Kneser–Ney, n = {best}", kneser_ney_documents(corpus, best)), *networks]

    def mean(losses: NDArray[np.floating], where: NDArray[np.bool_]) -> float:
        return float(losses[where].sum(dtype=np.float64) / n_examples[where].sum())

    return [
        Leakage(name, mean(losses, ~are_new), mean(losses, are_new), mean(losses, are_new | True))
        for name, losses in models
        if losses is not None
    ]
