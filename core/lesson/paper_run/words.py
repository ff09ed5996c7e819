"""Chapter 15: its words and its lines of torch."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.chapter import Chapter, Code

CHAPTER = Chapter(
    slug="paper_run",
    title="The paper, run",
    see="Compare the paper’s table with ours, row by row, and load any row into the Train page.",
    paragraphs=(
        "Names were the tutorial’s choice. The paper trains on the Brown corpus, a million words "
        "of American English of 1961, and counts in [[perplexity]]: e to the loss, as if the "
        "model guessed evenly among that many words. Its question was plain: does a network beat "
        "the best tables of counts? It did: 252 against 312 for the best of them.",
        "Two things are never quite the same. The paper had 16,383 types, words and marks; we cut "
        "the text a little differently and have 17,906, so our perplexities would come out "
        "higher even if all else were equal. That’s why the table also has the ratio to "
        "[[Kneser–Ney]] on the same text. And a row that was never run here says so: there are no "
        "figures that we haven’t measured.",
        "Look at three things. Every second row gives the [[trigram]] half the vote, and the "
        "mixture is better than either alone, as the two err in different places. Direct "
        "connections go from the embeddings straight to the scores. And the last two rows do "
        "without, with twice the hidden units.",
    ),
    question="Why is the mixture of network and trigram better than either, though the trigram "
    "alone is much worse? And what are direct connections good for?",
    answer="A loss counts the logarithm, so the words that cost most are those that a model "
    "thought next "
    "to impossible. Where one of the two is badly wrong, the other rarely is, and half of a good "
    "probability costs only ln 2. In the paper mixing takes 4 to 12 % off the perplexity, most "
    "where the network is weakest (MLP3, without a hidden layer). Direct connections learn fast "
    "what each word of the context says by itself. The paper found that they made training "
    "shorter, and that without them the network generalised a little better: 276 against 279 at "
    "best for m = 30, with twice the hidden units though. A public replication with Adam got 328 "
    "for that row and 273 for the short context, MLP7, where the paper has 293. So take "
    "differences of a few per cent between single runs with care, ours too.",
)


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

# A network that has learned for a short time; the one of chapter 14 needs no trigram any more.
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
