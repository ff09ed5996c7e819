"""Table 1 of Bengio et al. (2003), on the Brown corpus, and ratios of perplexities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.config import RunConfig
from core.lesson.chapter import Code

PAPER_TYPES = 16_383  # with rare words as one; the tokens were cut a little differently


@dataclass(frozen=True)
class PaperRow:
    """A network of the paper and the perplexities that it reports.

    Attributes:
        n: words of a window, the one that is guessed among them.
        h: hidden units.
        m: numbers that stand for a word.
        is_direct: whether the embeddings are also connected to the scores directly.
        is_mixed: whether the trigram has half of the say.
        train: perplexity of training; None where the paper gives none.
    """

    name: str
    n: int
    h: int
    m: int
    is_direct: bool
    is_mixed: bool
    train: float | None
    val: float
    test: float

    @property
    def sizes(self) -> tuple[int, int, int, bool]:
        """What a network and its mixture with the trigram have in common."""
        return self.n, self.h, self.m, self.is_direct


PAPER_ROWS = (
    PaperRow("MLP1", 5, 50, 60, True, False, 182, 284, 268),
    PaperRow("MLP2", 5, 50, 60, True, True, None, 275, 257),
    PaperRow("MLP3", 5, 0, 60, True, False, 201, 327, 310),
    PaperRow("MLP4", 5, 0, 60, True, True, None, 286, 272),
    PaperRow("MLP5", 5, 50, 30, True, False, 209, 296, 279),
    PaperRow("MLP6", 5, 50, 30, True, True, None, 273, 259),
    PaperRow("MLP7", 3, 50, 30, True, False, 210, 309, 293),
    PaperRow("MLP8", 3, 50, 30, True, True, None, 284, 270),
    PaperRow("MLP9", 5, 100, 30, False, False, 175, 280, 276),
    PaperRow("MLP10", 5, 100, 30, False, True, None, 265, 252),
)

# Test perplexities; by the names that `core.models.baselines_of` gives the same models.
PAPER_BASELINES = {
    "trigram": 336.0,
    "kneser_ney_3": 323.0,
    "kneser_ney_4": 321.0,
    "kneser_ney_5": 321.0,
    "class_based": 312.0,
}
BEST_COUNTS = "kneser_ney_5"


def against_counts(perplexity: float, of_counts: float) -> float:
    """A perplexity as a share of the counts', below 1 where it is better.

    Vocabularies of different sizes make perplexities differ; their ratio suffers less.

    >>> against_counts(252, 321)  # the paper's best
    0.7850467289719626
    """
    return perplexity / of_counts


def mixing_gains(test: Callable[[PaperRow], float | None]) -> dict[str, float]:
    """By what share the trigram's half of the say lowers each network's perplexity.

    >>> round(mixing_gains(lambda row: row.test)["MLP5"], 4)  # 279 comes down to 259
    0.0717

    Args:
        test: perplexity of a row, or None where it is not known.
    """
    gains = {}
    for alone in PAPER_ROWS:
        mixed = [row for row in PAPER_ROWS if row.is_mixed and row.sizes == alone.sizes]
        if alone.is_mixed or not mixed:
            continue
        before, after = test(alone), test(mixed[0])
        if before is not None and after is not None:
            gains[alone.name] = 1 - after / before
    return gains


def code(config: RunConfig) -> Code:
    """Equation (1) with direct connections, and a network mixed with a trigram, on few words."""
    del config
    return Code(
        ("word_training",),
        """from collections import Counter

# The paper's equation (1): direct connections are one more product, U from x to the scores.
def scores_with_direct(C, H, d, U, W, b, X):
    x = C[X].flatten(1)  # (N, (n - 1) m)
    return b + x @ W + torch.tanh(d + x @ H) @ U

def n_parameters(V, n, h, m, direct):  # the paper's section 3
    inputs = (n - 1) * m
    return V * m + V * (1 + h + inputs * direct) + h * (1 + inputs)

print(f"MLP1 has {n_parameters(16_383, 5, 50, 60, True):,} parameters")

# Counts of one, two and three words, each with a fixed say; the paper fits theirs.
counts, before = [Counter() for _ in range(3)], [Counter() for _ in range(3)]
for text in train_texts:
    tokens = [".", ".", *text.split(), "."]
    for i in range(2, len(tokens)):
        for k in range(3):
            counts[k][tuple(tokens[i - k : i + 1])] += 1
            before[k][tuple(tokens[i - k : i])] += 1

def trigram(a, b, c):
    runs = (c,), (b, c), (a, b, c)
    shares = [counts[k][run] / max(1, before[k][run[:-1]]) for k, run in enumerate(runs)]
    return 0.05 / len(words) + sum(s * p for s, p in zip((0.1, 0.35, 0.5), shares))

# A network that has learned for a short time; the one of ‘Generalising’ needs no trigram any more.
early = learn_words(train_texts, steps=500)
X_words, Y_words = word_windows(val_texts)
p_network = F.softmax(word_scores(early, X_words), dim=1)[torch.arange(len(X_words)), Y_words]
p_trigram = torch.tensor([
    trigram(words[a], words[b], words[c])
    for (a, b), c in zip(X_words[:, -2:].tolist(), Y_words.tolist())
])

def perplexity(p):
    return (-p.log().mean()).exp().item()

for w in (0, 0.25, 0.5, 0.75, 1):
    mixed = w * p_network + (1 - w) * p_trigram
    print(f"network's say {w}: perplexity {perplexity(mixed):.3f}")""",
    )
