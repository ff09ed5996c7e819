"""Losses that guessing and counting reach on the same text, to hold the network against."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from core.models.interpolated import (
    Interpolated,
    interpolated_documents,
    interpolated_loss,
    trigram_of,
)
from core.models.kneser_ney import (
    KneserNey,
    kneser_ney_documents,
    kneser_ney_loss,
    kneser_ney_losses,
    orders_of,
)
from core.models.levels import Floats, numbered, tallied
from core.models.ngram import NGram
from core.text import Corpus, Examples, Part, by_document, kept, per_token

_KN = "kneser_ney_"  # before the order
_INTERPOLATED = {"unigram": 1, "bigram": 2, "trigram": 3}


class Baselines(NamedTuple):
    """Losses in nats per token of guessing, and of counting with add-one smoothing."""

    uniform: float
    bigram: float
    trigram: float


class Counted(NamedTuple):
    """What one way to count reaches on the validation part.

    Attributes:
        name: as in a sentence, such as 'Kneser–Ney with n = 6'.
        loss: in nats per token.
        documents: loss of each document, summed over its tokens, float64.
    """

    name: str
    loss: float
    documents: Floats


def uniform_loss(vocab_size: int) -> float:
    """Loss of giving every token the same probability: ln V.

    >>> round(uniform_loss(27), 3)
    3.296
    """
    return math.log(vocab_size)


def baselines_of(corpus: Corpus, part: Part = "val") -> Iterator[tuple[str, float]]:
    """Losses on one part of models that learn no embeddings, the quickest first.

    'uniform', 'unigram', 'bigram' and 'trigram' (see `Interpolated`), and 'kneser_ney_3' to
    'kneser_ney_5', or 2 to 8 for characters. They count in the training part. The interpolated
    ones are weighed by the validation part, where they so have a small advantage.

    Each loss is kept with the corpus when it is there, where `known_baselines` finds it; a thread
    can let this run and stop between any two.

    Yields:
        A name and its loss in nats per token, at once if it is known.
    """
    known = _known(corpus, part)
    for name, loss in _pieces(corpus, part).items():
        if name not in known:
            known[name] = loss()
        yield name, known[name]


def known_baselines(corpus: Corpus, part: Part = "val") -> dict[str, float]:
    """The losses that `baselines_of` has found so far; computes none, and never waits."""
    return dict(_known(corpus, part))


def best_kneser_ney(losses: Mapping[str, float]) -> tuple[int, float] | None:
    """The order with the lowest loss, and the loss; None where none is known.

    >>> best_kneser_ney({"uniform": 3.3, "kneser_ney_3": 2.2, "kneser_ney_4": 2.1})
    (4, 2.1)
    """
    orders = {int(name.removeprefix(_KN)): loss for name, loss in losses.items() if _KN in name}
    return min(orders.items(), key=lambda item: item[1], default=None)


def best_counting(corpus: Corpus) -> Counted | None:
    """The lowest validation loss of all counts that pages show beside a run.

    Of characters these are bigrams and trigrams with add-one smoothing, and Kneser–Ney; they are
    counted now. Of words it's what `baselines_of` has found so far: None before its first.

    >>> best_counting(Corpus.of_words("few", ["ab", "ba"] * 10)).name
    'Kneser–Ney with n = 4'
    """
    if corpus.unit == "character":
        shown = {"the bigram": _add_one_documents(corpus, 2)}
        shown["the trigram"] = _add_one_documents(corpus, 3)
        orders = list(orders_of(corpus))
    else:
        known = known_baselines(corpus)
        shown = {
            f"the {name}": interpolated_documents(corpus, order)
            for name, order in _INTERPOLATED.items()
            if name in known
        }
        orders = [order for order in orders_of(corpus) if f"{_KN}{order}" in known]
    for order in orders:
        shown[f"Kneser–Ney with n = {order}"] = kneser_ney_documents(corpus, order)
    if not shown:
        return None
    name = min(shown, key=lambda each: float(shown[each].sum()))
    return Counted(name, per_token(corpus, "val", shown[name]), shown[name])


@kept(most=2)
def _add_one_documents(corpus: Corpus, n: int) -> Floats:
    """Losses of the validation documents by counts of the training part, as `counted` has them."""
    nll = counted(corpus, "train", n).nll(*corpus.examples("val", n - 1))
    return by_document(corpus, "val", nll)


@kept(most=1)
def best_counts_of(corpus: Corpus) -> KneserNey | Interpolated:
    """The counts that do best on the validation part; of words the trigram, which is there sooner.

    They are kept with the corpus, and count in its training part.

    >>> best_counts_of(Corpus.of_words("few", ["ab", "ba"] * 10)).order
    4
    """
    if corpus.unit == "word":
        return trigram_of(corpus)
    losses = kneser_ney_losses(corpus)
    return KneserNey(corpus, min(losses, key=losses.__getitem__))


@kept(most=24)
def counted(corpus: Corpus, part: Part, n: int) -> NGram:
    """Counts of the runs of n tokens in one part of a corpus.

    >>> counted(Corpus.of_words("two", ["ab", "ac"]), "all", n=2).table[1].tolist()  # after an a
    [0, 0, 1, 1]
    """
    # A context of 0 has no padding to keep documents apart, so it is made from one of 1.
    return NGram.fit(corpus.examples(part, max(1, n - 1)), len(corpus.vocabulary), n)


@kept(most=4)
def baseline_losses(corpus: Corpus, counted_in: Part, part: Part) -> Baselines:
    """Losses on one part of guessing, and of counting in another."""
    bigram, trigram = (
        counted(corpus, counted_in, n).loss(corpus.examples(part, n - 1)) for n in (2, 3)
    )
    return Baselines(uniform_loss(len(corpus.vocabulary)), bigram, trigram)


def lowest_possible_loss(examples: Examples) -> float:
    """The loss that no model of these contexts can pass on these very examples, in nats.

    The conditional entropy H(y | context) = -1/N Σ count(context, y) ln p(y | context), with p as
    counted without smoothing: above zero when one context has several continuations. nan when
    there are no examples.

    >>> two = Corpus.of_words("two", ["ab", "ac"])  # ln 2 for two of six: after a comes b or c
    >>> round(lowest_possible_loss(two.examples("all", block_size=1)), 3)
    0.231
    """
    if len(examples.targets) == 0:
        return math.nan
    contexts, targets = examples
    vocab_size = 1 + int(max(contexts.max(), targets.max()))
    numbers = numbered(contexts, contexts.shape[1] + 1, vocab_size).numbers[-1]
    _, context_counts = tallied(numbers, examples.weights)
    _, pair_counts = tallied(numbers * vocab_size + targets.numpy(), examples.weights)
    # The mean over examples of ln count(context) - ln count(context, y).
    entropy = np.log(context_counts) @ context_counts - np.log(pair_counts) @ pair_counts
    return max(0.0, float(entropy / examples.n_counted))


@kept(most=5)
def _known(corpus: Corpus, part: Part) -> dict[str, float]:
    """What is known by now: everyone who asks gets the same, and may add to it."""
    del corpus, part
    return {}


def _pieces(corpus: Corpus, part: Part) -> dict[str, Callable[[], float]]:
    """What gives each baseline."""
    return {
        "uniform": lambda: uniform_loss(len(corpus.vocabulary)),
        **{
            name: partial(interpolated_loss, corpus, order, part)
            for name, order in _INTERPOLATED.items()
        },
        **{
            f"{_KN}{order}": partial(kneser_ney_loss, corpus, order, part)
            for order in orders_of(corpus)
        },
    }
