"""Chapter 14: its lines of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.config import RunConfig
from core.lesson.chapter import Code
from core.lesson.generalising.network import Change
from core.text import PAPERS_SENTENCE, small_language


def code(
    config: RunConfig,
    change: Change = "none",
    seed: int = 1,
    beginning: str = "a dog was running in a",
    right: Sequence[str] = (),
) -> Code:
    """Training with this change, what follows a beginning, and what the counts say of it.

    Args:
        config: not used: the network of this chapter has settings of its own.
        change: to the network or to what it learns from.
        seed: of weights and batches.
        beginning: of a sentence.
        right: words of the kind that must follow; those of the language's own question if empty.
    """
    del config
    kind = right or next(q.right for q in small_language().questions if q.context == beginning)
    options = "" if seed == 1 else f", seed={seed}"
    options += {"frozen": ", learns_C=False", "one_number": ", D=1"}.get(change, "")
    learnt_from = "train_texts"
    if change == "without":
        learnt_from = f'[text for text in train_texts if text != "{PAPERS_SENTENCE}"]'
    is_shared = change == "none" and seed == 1
    trained = "" if is_shared else f"network = learn_words({learnt_from}{options})\n\n"
    return Code(
        ("word_network",) if is_shared else ("word_training",),
        f'''from collections import Counter

right = {list(kind)}
beginning = "{beginning}"

{trained}p = next_words(network, beginning)
print([(words[i], round(p[i].item(), 3)) for i in p.topk(8).indices.tolist()])
print("network:", sum(p[number[word]].item() for word in right))

# What a table of counts knows: nothing after the last two words, all of it after the last one.
before, last = beginning.split()[-2:]
follow = Counter(), Counter()
for text in train_texts:
    tokens = [".", ".", *text.split(), "."]
    for a, b, c in zip(tokens, tokens[1:], tokens[2:]):
        follow[0][c] += (a, b) == (before, last)
        follow[1][c] += b == last
seen, after_last = (sum(counts.values()) for counts in follow)
print(f"'{{before}} {{last}}' occurs {{seen}} times; after '{{last}}' alone:",
      sum(follow[1][word] for word in right) / after_last)''',
    )
