"""The loss of a model over many examples, in chunks small enough to stop between, and when."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.learning.engines import losses_profit_from_threads, nll_of
from core.models import Model
from core.text import Corpus, Examples, Part, by_document, is_new

CHUNK_BYTES = 4 << 20  # of the largest intermediate tensor
MIN_CHUNK_ROWS = 128  # fewer take longer each where the vocabulary is large
CHUNKS_A_THREAD = 4  # at once, where several share them: one that is late holds up the others less
N_EVALUATIONS = 20  # evenly over a run
# Steps of a run so long that its first even evaluation comes later.
EARLY_EVALUATIONS = tuple(n * 10**k for k in range(1, 6) for n in (1, 2, 5))

MANY = 50_000  # examples to validate, of which some say enough while a run goes
SOME = 10_000
LEARNED_A_LOOK = 3 * SOME  # examples, at least on average: an evaluation is no more than a part
FEWEST_EVALUATIONS = 5  # of many examples, however short the run is
MOST_EVALUATIONS = 16  # of them, beside the first steps'

Others = Callable[[], AbstractContextManager[int]]  # how many threads may help, while it is held


def nobody() -> AbstractContextManager[int]:
    """No other threads."""
    return nullcontext(0)


def loss_chunks(
    model: Model,
    examples: Examples,
    singles: list[Tensor] | None = None,
    others: Others = nobody,
) -> Iterator[tuple[int, float]]:
    """Sum up the loss chunk by chunk.

    Args:
        model: whose losses they are.
        examples: of any number.
        singles: takes the losses of the single examples, chunk by chunk.
        others: threads that may help; no bit depends on them.

    Returns:
        After each chunk, how many examples were seen and the sum of their losses in nats.
    """

    def chunks() -> Iterator[Tensor]:
        for losses in nll_chunks(model, examples, others):
            if singles is not None:
                singles.append(losses)
            yield losses

    return running_sums(chunks(), examples)


def running_sums(chunks: Iterable[Tensor], examples: Examples) -> Iterator[tuple[int, float]]:
    """How many of the examples were seen after each chunk of losses, and the sum of these.

    Each as often as it counts.
    """
    seen, total, at = 0, 0.0, 0
    for losses in chunks:
        if examples.weights is None:
            total += losses.sum().item()
            seen += len(losses)
        else:
            weights = examples.weights[at : at + len(losses)]
            total += (losses.double() @ weights.double()).item()
            seen += int(weights.sum())
            at += len(losses)
        yield seen, total


def nll_chunks(model: Model, examples: Examples, others: Others = nobody) -> Iterator[Tensor]:
    """The losses of single examples, in nats, chunk by chunk, float32.

    The chunks are the same whether other threads help or not.
    """
    n_rows = max(MIN_CHUNK_ROWS, CHUNK_BYTES // (4 * model.width))
    if not losses_profit_from_threads(model):
        others = nobody
    start = 0
    while start < len(examples.targets):
        with others() as n_others, torch.no_grad():
            n_chunks = CHUNKS_A_THREAD * (1 + n_others) if n_others else 1
            rows = slice(start, start + n_chunks * n_rows)
            losses = nll_of(model, 1 + n_others)(examples.contexts[rows], examples.targets[rows])
        start += len(losses)
        yield from (losses[at : at + n_rows] for at in range(0, len(losses), n_rows))


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


def evaluation_steps(n_steps: int) -> frozenset[int]:
    """After which steps of a run its validation loss is taken.

    Evenly from start to end, and by the logarithm before that, as the loss falls most at the
    start.

    >>> sorted(evaluation_steps(30_000))[:11]
    [0, 10, 20, 50, 100, 200, 500, 1000, 1500, 3000, 4500]
    """
    interval = max(1, n_steps // N_EVALUATIONS)
    early = [step for step in EARLY_EVALUATIONS if step < interval]
    return frozenset((*range(0, n_steps, interval), *early, n_steps))


def few_evaluation_steps(n_steps: int, batch_size: int) -> frozenset[int]:
    """The same where each takes long: further apart from one to the next, and fewer in a short run.

    By the square of their number: by the logarithm half of them came within the first tenth of the
    steps, and took more of a run's first ten seconds than its steps did.

    >>> sorted(few_evaluation_steps(100_000, 32))[:8]
    [0, 100, 391, 1562, 3516, 6250, 9766, 14062]
    >>> sorted(few_evaluation_steps(1_000, 32))
    [0, 40, 160, 360, 640, 1000]
    """
    affordable = n_steps * batch_size // LEARNED_A_LOOK
    n_parts = min(max(affordable, FEWEST_EVALUATIONS), MOST_EVALUATIONS)
    late = {round(n_steps * (part / n_parts) ** 2) for part in range(1, n_parts + 1)}
    early = [10**k for k in range(2, 6) if 10**k < min(late)]
    return frozenset((0, *early, *late))


def some_of(n: int, examples: Examples, learned: Examples) -> Examples:
    """About n of them, or all if there are no more; the same ones each time.

    Every so many in the order of how often their target occurs in what is learned, and then of how
    often the token before it does. So there are as many easy and hard ones as among all, and
    10,000 of Brown's 200,000 err by 0.009 nats, where any 10,000 err by 0.032. Of weighted
    ones, one at random in each of n equal stretches of the list that they stand for.
    """
    every = len(examples.targets) // n
    if every <= 1:
        return examples
    if examples.weights is not None:
        chances = torch.rand(n, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        places = (torch.arange(n) + chances) / n * examples.n_counted
        rows = examples.rows_at(places.long())
        return Examples(examples.contexts[rows], examples.targets[rows])
    before, targets = examples.contexts[:, -1], examples.targets
    n_tokens = 1 + int(max(before.max(), targets.max()))
    often = torch.bincount(learned.targets, minlength=n_tokens)
    key = often[targets] * (1 + len(learned.targets)) + often[before]
    rows = torch.argsort(key, stable=True)[every // 2 :: every].sort().values
    return Examples(examples.contexts[rows], targets[rows])
