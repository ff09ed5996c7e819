"""Tables of counts, how fast they grow, and where they stop generalising."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.config import RunConfig
from core.lesson.chapter import Code
from core.models import counted, generate, kneser_ney_losses
from core.text import Corpus, Part, kept

SMALLEST_N, LARGEST_N = 2, 6
N_NAMES = 6
LONGEST_NAME = 16  # a name without an end would fill the page


@dataclass(frozen=True)
class Table:
    """Size of a table of n-grams, and its losses as a model.

    Attributes:
        n: characters in a run; n - 1 of them are context.
        n_cells: how many runs there could be, Vⁿ.
        n_seen: how many different ones occur in all words.
        train_loss: of add-one counts in the training words, on these, in nats per character.
        val_loss: of the same counts on the validation words.
        kneser_ney_loss: on these too, of the same runs and all shorter ones with Kneser–Ney
            smoothing; None at n = 1, which has none to fall back on.
    """

    n: int
    n_cells: int
    n_seen: int
    train_loss: float
    val_loss: float
    kneser_ney_loss: float | None

    @property
    def never_seen(self) -> float:
        """Share of the cells that were never seen."""
        return 1 - self.n_seen / self.n_cells


@dataclass(frozen=True, eq=False)
class Page:
    """The part of a table whose contexts differ in their last character only.

    Attributes:
        before: the first n - 2 characters of its contexts; empty for bigrams.
        row: index of the row that is looked at.
        counts: by last character of the context and next one, int64 (V, V).
        probabilities: of the next character after this row's context, float64 (V,), with add-one
            smoothing.
    """

    before: str
    row: int
    counts: NDArray[np.int64]
    probabilities: NDArray[np.float64]


@kept(most=1)
def tables(corpus: Corpus) -> tuple[Table, ...]:
    """The tables of n from 1 to 6, counted in these words."""
    return tuple(_table(corpus, n) for n in range(1, LARGEST_N + 1))


def best(found: Sequence[Table]) -> Table:
    """The table with the lowest validation loss by add-one counts."""
    return min(found, key=lambda table: table.val_loss)


def best_smoothed(found: Sequence[Table]) -> Table:
    """The table with the lowest validation loss by Kneser–Ney."""
    return min(found[1:], key=lambda table: table.kneser_ney_loss or table.val_loss)


def page(corpus: Corpus, n: int, character: str) -> Page:
    """The page of the table of n-grams that has most counts in the character's row.

    Pages from the middle of words are preferred to those that begin with the boundary, on which
    a row stands for much less context than it could.

    Args:
        corpus: words to count.
        n: 2 or more.
        character: last one of the context; the boundary for the start of a name.
    """
    grams = counted(corpus, "all", n)
    size, row = len(corpus.vocabulary), corpus.vocabulary.stoi[character]
    before, last, following = grams.keys // size**2, grams.keys // size % size, grams.keys % size
    candidates, which = np.unique(before[last == row], return_inverse=True)
    totals = np.bincount(which, weights=grams.counts[last == row])
    is_inside = np.array([0 not in _digits(key, size, n - 2) for key in candidates.tolist()])
    chosen = int(candidates[np.where(is_inside | ~is_inside.any(), totals, 0).argmax()])
    counts = np.zeros((size, size), dtype=np.int64)
    is_here = before == chosen
    counts[last[is_here], following[is_here]] = grams.counts[is_here]
    shown = _digits(chosen, size, n - 2)
    probabilities = grams.probabilities(torch.tensor([[*shown, row]]))[0]
    return Page(corpus.vocabulary.decode(shown), row, counts, probabilities)


def sample_names(corpus: Corpus, n: int, seed: int) -> list[str]:
    """Names sampled from the counts of n-grams in all words, cut at 16 characters."""
    generator = torch.Generator().manual_seed(seed)
    model = counted(corpus, "all", n)
    return generate(model, corpus.vocabulary, N_NAMES, 1.0, generator, max_length=LONGEST_NAME)


def _digits(key: int, base: int, count: int) -> list[int]:
    return [key // base**place % base for place in reversed(range(count))]


def _table(corpus: Corpus, n: int) -> Table:
    grams, learnt = counted(corpus, "all", n), counted(corpus, "train", n)
    parts: tuple[Part, ...] = ("train", "val")
    train_loss, val_loss = (learnt.loss(corpus.examples(p, learnt.block_size)) for p in parts)
    smoothed = kneser_ney_losses(corpus).get(n)
    return Table(n, grams.n_possible, grams.n_seen, train_loss, val_loss, smoothed)


def code(
    config: RunConfig, n: int = 2, before: str = "", character: str = "e", name_seed: int = 1
) -> Code:
    """Count runs of n characters, take the losses, and draw names.

    Args:
        config: not asked for anything, since counting has no settings.
        n: characters in a run.
        before: the n - 2 characters before the last one of the context whose row is printed.
        character: the last one of that context.
        name_seed: of the names.
    """
    del config
    context = (before + character)[1 - n :]
    missing = f"end * {n - 1 - len(context)} + " if len(context) < n - 1 else ""
    return Code(
        ("imports", "vocabulary", "split"),
        f"""from collections import Counter
from math import log

n = {n}  # characters in a run: n - 1 of context, and the next one

def runs(words):
    for word in words:
        text = end * (n - 1) + word + end
        for i in range(len(word) + 1):
            yield text[i : i + n]

def count(words):
    seen = Counter(runs(words))
    before = Counter(run[:-1] for run in runs(words))  # how often each context stands
    return lambda run: (seen[run] + 1) / (before[run[:-1]] + V), seen  # add-one smoothing

def loss(probability, words):
    nll = [-log(probability(run)) for run in runs(words)]
    return sum(nll) / len(nll)

probability, _ = count(shuffled[:first])
train_loss = loss(probability, shuffled[:first])
val_loss = loss(probability, shuffled[first:second])
print(f"train {{train_loss:.4f}}, validation {{val_loss:.4f}}, guessing {{log(V):.4f}}")

probability, seen = count(names)
print(f"{{V**n:,}} cells, {{len(seen):,}} of them seen")
row = torch.tensor([seen[{missing}{context!r} + character] for character in itos])
print(row)  # one row of the table
print((row + 1) / (row.sum() + V))  # its probabilities

g = torch.Generator().manual_seed({name_seed})
drawn = []
for _ in range({N_NAMES}):
    name = end * (n - 1)
    for u in torch.rand({LONGEST_NAME}, generator=g, dtype=torch.float64):
        probs = [probability(name[1 - n :] + character) for character in itos]
        index = int((torch.tensor(probs, dtype=torch.float64).cumsum(0) <= u).sum())
        if index == 0:
            break
        name += itos[index]
    drawn.append(name[n - 1 :])
print(drawn)""",
    )
