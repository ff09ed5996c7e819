"""Chapter 1: its words and its lines of torch."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.chapter import Chapter, Code
from core.lesson.counting.tables import LONGEST_NAME, N_NAMES
from core.text import BOUNDARY

CHAPTER = Chapter(
    slug="counting",
    title="Why not count?",
    see="Move n and pick a character: one page of the table of counts, the names that it writes, "
    "and the losses. Watch where the orange line turns up.",
    paragraphs=(
        "The plainest model of names counts. A [[bigram]] table has a row for each character and "
        "a column for each that may come next; dividing a row by its sum gives the probabilities "
        "of the next character, and sampling from them again and again writes a name. [[add-one "
        "smoothing]] counts everything once more than it was seen, so that nothing gets the "
        "probability 0.",
        "One character of [[context]] says little, so names from bigrams are poor. More context "
        "means a larger table: an [[n-gram]] looks back n - 1 characters and has Vⁿ cells. The "
        "tutorial says that two characters of context make a matrix of 27². Those are its rows; "
        "each has 27 columns, so there are 27³ = 19,683 cells, and 27² are the bigram’s.",
        "The table grows, but the list of names doesn’t. Soon almost every cell is one that was "
        "never seen, and there the count says nothing: this is the [[curse of dimensionality]]. "
        "Names that run into such a context go wild. "
        "The [[validation loss]] shows it. It falls with each character of context, and then it "
        "rises. Not only because counts fail to [[generalise]]: the training loss rises too, as "
        "the smoothing gives ever more probability to what was never seen.",
    ),
    question="With more context even the training loss rises here, though every training name was "
    "counted. How can that be?",
    answer="It is the smoothing. Where a context was seen c times, a character that always "
    "followed it gets (c + 1) / (c + V), not 1: after a context that was seen once, in these 27 "
    "characters, 2 / 28 = 7 %. The longer the context, the rarer it is, and the more of its "
    "probability goes to what was never seen. Without smoothing the training loss would fall on, "
    "and the validation loss would be infinite as soon as one run of characters were new. The "
    "dotted line is [[Kneser–Ney]], which falls back on shorter contexts instead: in the "
    "tutorial’s names it gets to 1.96 at n = 6, far below the tutorial’s network, which ends at "
    "2.35. So counting is a hard rival where there are 27 characters and plenty of names: only the "
    "larger network at the end of chapter 13 draws level with it. But it keeps 118,970 counts for "
    "that, where the tutorial’s network has 3,481 numbers, and no count knows that one character "
    "is like another. "
    "With 17,000 words, where nearly every context is new, that is what decides. And the two err "
    "in different places: the paper found that a mixture of both is better than either.",
)


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
