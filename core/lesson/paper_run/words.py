"""Chapter 15: its lines of torch."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.chapter import Code


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
