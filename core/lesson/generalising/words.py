"""Chapter 14: its words and its lines of torch."""

from __future__ import annotations

from collections.abc import Sequence

from core.config import RunConfig
from core.lesson.chapter import Chapter, Code
from core.lesson.generalising.network import Change
from core.text import PAPERS_SENTENCE, small_language

CHAPTER = Chapter(
    slug="generalising",
    title="Generalising",
    see="Guess what the trigram says after ‘a dog was running in a’. Then take something away from "
    "the network, and see what it still knows.",
    paragraphs=(
        "‘A dog was running in a …’ Room? Garden? You know what may come, though you’ve never read "
        "this sentence. In the small language of this page ‘in a’ occurs nowhere, not once in "
        "8,000 sentences. A [[trigram]] looks at the last two words, has never seen them together, "
        "and falls back on what follows ‘a’ anywhere: cats, cakes, guitars.",
        "The network hasn’t seen ‘in a’ either. But it has seen ‘in the’ and ‘in my’, and ‘a’ is "
        "used much like ‘the’ and ‘my’. So their [[embedding|embeddings]] lead to similar answers, "
        "and what it learned about one holds for the other: it can [[generalise]]. That’s the "
        "paper’s "
        "idea of chapter 2, and here it’s measured: how much probability goes to words of the "
        "right kind.",
        "Then the experiments. Freeze the embeddings where chance put them, give each word one "
        "number only, or take the paper’s own sentence out. Not all of them turn out as you’d "
        "think, and one [[seed]] proves nothing: try others.",
    ),
    question="Take ‘the cat is walking in the bedroom’ out, and next to nothing changes. Is "
    "that evidence against the paper? And why does the network do so well with frozen embeddings?",
    answer="No. One sentence in 8,000 isn’t what teaches the network. Thousands of others put dogs "
    "where cats are and rooms where bedrooms are, and any few of them will do: that’s what makes "
    "it robust. The paper’s pair of sentences explains the idea, it isn’t the evidence. As for "
    "frozen embeddings: random points still tell the words apart, and the hidden layer can learn "
    "which of them go together; 137 words aren’t many. But nothing makes that easy. Over ten seeds "
    "the right kind gets 0.86 on average as it is, 0.61 with frozen embeddings, 0.53 with one "
    "number a word, and 0.07 from the trigram. Each seed alone puts the first before the others.",
)


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
