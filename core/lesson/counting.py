"""Chapter 1: tables of counts, how fast they grow, and where they stop to generalise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from core.baselines import NgramCounts
from core.config import RunConfig
from core.dataset import BOUNDARY, Dataset, Part
from core.lesson.chapter import Chapter, Code

SMALLEST_N, LARGEST_N = 2, 6
N_NAMES = 6
LONGEST_NAME = 16  # a name without an end would fill the page

CHAPTER = Chapter(
    slug="counting",
    title="Why not count?",
    see="Move n and pick a character: one page of the table of counts, the names that it writes, "
    "and the losses. Watch where the orange line turns up.",
    paragraphs=(
        "The plainest model of names counts. A [[bigram]] table has a row for each character and "
        "a column for each that may come next; a row over its sum gives the chances of the next "
        "character, and drawing from them again and again writes a name. [[add-one smoothing]] "
        "counts everything once more than it was seen, so that nothing gets the probability 0.",
        "One character of [[context]] says little, so names from bigrams are poor. More context "
        "means a larger table: an [[n-gram]] looks back n - 1 characters and has Vⁿ cells. The "
        "tutorial says that two characters of context make a matrix of 27². Those are its rows; "
        "each has 27 columns, so there are 27³ = 19,683 cells, and 27² are the bigram’s.",
        "The table grows and the list of names does not. Soon almost every cell is one that was "
        "never seen, and there the count says nothing: this is the [[curse of dimensionality]]. "
        "Names that come upon such a context run wild. "
        "The [[validation loss]] shows it. It falls with each character of context, and then it "
        "rises, because what was counted does not [[generalise]] to names that were not.",
    ),
    question="With more context even the training loss rises here, though every training name was "
    "counted. How can that be?",
    answer="It is the smoothing. Where a context was seen c times, a character that always "
    "followed it gets (c + 1) / (c + V), not 1: after a context that was seen once, in these "
    "27 characters, 2 / 28 = 7 %. The longer the context, the rarer it is, and the more of "
    "its probability goes to what was never seen. Without smoothing the training loss "
    "would fall on, and the validation loss would be infinite as soon as one run of characters "
    "were new. Other ways of smoothing, such as falling back on shorter contexts, are better, but "
    "none of them knows that one character is like another. That is the next chapter.",
)


@dataclass(frozen=True)
class Table:
    """How large a table of n-grams is, and how good a model it makes.

    Attributes:
        n: characters in a run; n - 1 of them are context.
        n_cells: how many runs there could be, Vⁿ.
        n_seen: how many different ones occur in all words.
        train_loss: of add-one counts in the training words, on these, in nats per character.
        val_loss: of the same counts on the validation words.
    """

    n: int
    n_cells: int
    n_seen: int
    train_loss: float
    val_loss: float

    @property
    def never_seen(self) -> float:
        """Share of the cells that no word has."""
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


@lru_cache(maxsize=4)
def tables(dataset: Dataset) -> tuple[Table, ...]:
    """The tables of n from 1 to 6, counted in these words."""
    return tuple(_table(dataset, n) for n in range(1, LARGEST_N + 1))


def best(found: Sequence[Table]) -> Table:
    """The table with the lowest validation loss."""
    return min(found, key=lambda table: table.val_loss)


def page(dataset: Dataset, n: int, character: str) -> Page:
    """The page of the table of n-grams on which the character's row has most counts.

    Pages from the middle of words are preferred to those that begin with the boundary, on which
    a row stands for much less context than it could.

    Args:
        dataset: words to count.
        n: 2 or more.
        character: last one of the context; the boundary for the start of a name.
    """
    grams = ngrams(dataset, "all", n)
    size, row = len(dataset.vocabulary), dataset.vocabulary.stoi[character]
    before, last, following = grams.keys // size**2, grams.keys // size % size, grams.keys % size
    candidates, which = np.unique(before[last == row], return_inverse=True)
    totals = np.bincount(which, weights=grams.counts[last == row])
    is_inside = np.array([0 not in _digits(key, size, n - 2) for key in candidates.tolist()])
    chosen = int(candidates[np.where(is_inside | ~is_inside.any(), totals, 0).argmax()])
    counts = np.zeros((size, size), dtype=np.int64)
    is_here = before == chosen
    counts[last[is_here], following[is_here]] = grams.counts[is_here]
    text = dataset.vocabulary.decode(_digits(chosen, size, n - 2))
    return Page(text, row, counts, grams.probabilities(text + character))


def draw_names(dataset: Dataset, n: int, seed: int, count: int = N_NAMES) -> list[str]:
    """Names drawn from the counts of n-grams in all words, cut at 16 characters."""
    generator = torch.Generator().manual_seed(seed)
    return ngrams(dataset, "all", n).sample(count, generator, max_length=LONGEST_NAME)


@lru_cache(maxsize=24)
def ngrams(dataset: Dataset, part: Part, n: int) -> NgramCounts:
    """Counts in one part of the words; shared by everyone who asks for the same."""
    return NgramCounts.from_words(dataset.part(part), dataset.vocabulary, n)


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
    context = (BOUNDARY * n + before + character)[1 - n :]
    return Code(
        ("imports", "vocabulary", "split"),
        f"""from collections import Counter
from math import log

n = {n}  # characters in a run: n - 1 of context, and the next one

def runs(words):
    for word in words:
        text = "." * (n - 1) + word + "."
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
row = torch.tensor([seen[{context!r} + character] for character in itos])
print(row)  # one row of the table
print((row + 1) / (row.sum() + V))  # its probabilities

g = torch.Generator().manual_seed({name_seed})
drawn = []
for _ in range({N_NAMES}):
    name = "." * (n - 1)
    for u in torch.rand({LONGEST_NAME}, generator=g, dtype=torch.float64):
        probs = [probability(name[1 - n :] + character) for character in itos]
        index = int((torch.tensor(probs, dtype=torch.float64).cumsum(0) <= u).sum())
        if index == 0:
            break
        name += itos[index]
    drawn.append(name[n - 1 :])
print(drawn)""",
    )


def _digits(key: int, base: int, count: int) -> list[int]:
    return [key // base**place % base for place in reversed(range(count))]


def _table(dataset: Dataset, n: int) -> Table:
    grams, learnt = ngrams(dataset, "all", n), ngrams(dataset, "train", n)
    train_loss, val_loss = (learnt.loss(dataset.part(part)) for part in ("train", "val"))
    return Table(n, grams.n_possible, grams.n_seen, train_loss, val_loss)
