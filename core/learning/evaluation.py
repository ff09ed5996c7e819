"""The loss of a model over many examples, in chunks small enough to stop between, and when."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.learning.engines import nll_of
from core.models import Model
from core.text import Corpus, Examples, Part, by_document, is_new

CHUNK_BYTES = 4 << 20  # of the largest intermediate tensor
MIN_CHUNK_ROWS = 128  # fewer take longer each where the vocabulary is large
N_EVALUATIONS = 20  # evenly over a run
MANY = 50_000  # examples to validate, of which a tenth says enough while a run goes
TENTH = 10
# Steps of a run so long that its first even evaluation comes later, and where that takes long.
EARLY_EVALUATIONS = tuple(n * 10**k for k in range(1, 6) for n in (1, 2, 5))
FEW_EARLY_EVALUATIONS = (100, 1_000, 10_000)


def loss_chunks(
    model: Model, examples: Examples, singles: list[Tensor] | None = None
) -> Iterator[tuple[int, float]]:
    """Sum up the loss chunk by chunk.

    Args:
        model: whose losses they are.
        examples: of any number.
        singles: takes the losses of the single examples, chunk by chunk.

    Yields:
        After each chunk, how many examples were seen and the sum of their losses in nats, each as
        often as it counts.
    """
    seen, total, at = 0, 0.0, 0
    for losses in nll_chunks(model, examples):
        if examples.weights is None:
            total += losses.sum().item()
            seen += len(losses)
        else:
            weights = examples.weights[at : at + len(losses)]
            total += (losses.double() @ weights.double()).item()
            seen += int(weights.sum())
            at += len(losses)
        if singles is not None:
            singles.append(losses)
        yield seen, total


def nll_chunks(model: Model, examples: Examples) -> Iterator[Tensor]:
    """The losses of single examples, in nats, chunk by chunk, float32."""
    nll, n_rows = nll_of(model), max(MIN_CHUNK_ROWS, CHUNK_BYTES // (4 * model.width))
    for start in range(0, len(examples.targets), n_rows):
        rows = slice(start, start + n_rows)
        with torch.no_grad():
            losses = nll(examples.contexts[rows], examples.targets[rows])
        yield losses


def example_losses(model: Model, corpus: Corpus, part: Part) -> Tensor:
    """The loss of each example of a part, in nats, float64; of all models in the same order."""
    return torch.cat(list(nll_chunks(model, corpus.examples(part, model.block_size)))).double()


def mean_loss(model: Model, examples: Examples, singles: list[Tensor] | None = None) -> float:
    """Mean loss over all examples, in nats per token; nan when there are none.

    Args:
        model: whose loss it is.
        examples: of any number.
        singles: takes the losses of the single examples, as of `loss_chunks`.
    """
    chunks = list(loss_chunks(model, examples, singles))
    return chunks[-1][1] / chunks[-1][0] if chunks else math.nan


def document_losses(corpus: Corpus, part: Part, singles: Sequence[Tensor]) -> NDArray[np.float64]:
    """The loss of each document of a part, summed over its tokens, in nats, (documents,)."""
    return by_document(corpus, part, torch.cat([torch.empty(0), *singles]).numpy())


def mean_of_new(
    corpus: Corpus, part: Part, losses: NDArray[np.floating], learned: Part = "train"
) -> float | None:
    """Mean loss over the documents of a part that are unlike all that were learned from.

    Args:
        corpus: of any tokens.
        part: of the corpus.
        losses: of each of its documents, summed over its tokens, in nats.
        learned: the part that was learned from.

    Returns:
        Nats per token; None where all documents are new, or none is.
    """
    are_new = is_new(corpus, part, learned)
    if are_new.all() or not are_new.any():
        return None
    return float(losses[are_new].sum(dtype=np.float64) / corpus.lengths(part)[are_new].sum())


def evaluation_steps(n_steps: int, *, are_many: bool = False) -> frozenset[int]:
    """After which steps of a run its validation loss is taken.

    Evenly from start to end, and by the logarithm before that, as the loss falls most at the
    start; in fewer places where `are_many` examples make each take long.

    >>> sorted(evaluation_steps(30_000))[:11]
    [0, 10, 20, 50, 100, 200, 500, 1000, 1500, 3000, 4500]
    >>> sorted(evaluation_steps(1_000_000, are_many=True))[:6]
    [0, 100, 1000, 10000, 50000, 100000]
    """
    interval = max(1, n_steps // N_EVALUATIONS)
    places = FEW_EARLY_EVALUATIONS if are_many else EARLY_EVALUATIONS
    early = [step for step in places if step < interval]
    return frozenset((*range(0, n_steps, interval), *early, n_steps))


def one_in(n: int, examples: Examples) -> Examples:
    """Every n-th example, from the first on; of weighted ones as many, evenly over what counts."""
    if n <= 1:
        return examples
    if examples.weights is not None:
        few = -(-len(examples.targets) // n)
        # One at random in each of as many equal stretches, the same ones each time.
        chances = torch.rand(few, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        places = (torch.arange(few) + chances) / few * examples.n_counted
        rows = examples.rows_at(places.long())
        return Examples(examples.contexts[rows], examples.targets[rows])
    return Examples(examples.contexts[::n].contiguous(), examples.targets[::n].contiguous())


def epoch_ends(n_steps: int, batch_size: int, n_examples: int) -> frozenset[int]:
    """After which steps as many examples were drawn as there are, and twice as many, and so on.

    None where they come more often than the evaluations of a run.

    >>> sorted(epoch_ends(n_steps=100, batch_size=32, n_examples=1000))
    [32, 63, 94]
    """
    n_epochs = n_steps * batch_size // n_examples
    if n_epochs > N_EVALUATIONS:
        return frozenset()
    return frozenset(-(-n * n_examples // batch_size) for n in range(1, n_epochs + 1))
