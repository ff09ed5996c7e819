"""Chapter 2: its lines of torch."""

from __future__ import annotations

from collections.abc import Collection

from core.config import RunConfig
from core.lesson.chapter import Code
from core.lesson.generalising.network import ON_A_PLANE
from core.lesson.idea.sentence import SENTENCE
from core.lesson.idea.sizes import paper_sizes


def code(
    config: RunConfig, swapped: Collection[int] = (1, 3), paper_hidden: int = 100, seed: int = 1
) -> Code:
    """The sentences, the words as points, both networks' sizes, and the likelihood."""
    del config
    choices = [
        f'["{word.seen}", "{word.partner}"]' if place in swapped else f'["{word.seen}"]'
        for place, word in enumerate(SENTENCE)
    ]
    paper = paper_sizes(paper_hidden)
    sizes = f"V={paper.vocab_size:_}, D={paper.n_embd}, T={paper.block_size}, H={paper_hidden}"
    return Code(
        ("five_names", "model", "word_training"),
        f"""from itertools import product

swaps = [
    {", ".join(choices[:4])},
    {", ".join(choices[4:])},
]
spoken_for = [" ".join(choice) for choice in product(*swaps)]
print(len(spoken_for), spoken_for[-1])

plane = learn_words(
    train_texts, D=2, seed={seed}, steps={ON_A_PLANE["steps"]:_},
    batch_size={ON_A_PLANE["batch_size"]}, spread=0.1,  # all words begin near the middle
)
points = plane[0]  # (words, 2)
for word in ["cat", "bedroom", "is"]:
    nearest = torch.cdist(points[number[word]][None], points)[0].argsort()
    print(word, [words[i] for i in nearest[1:5].tolist()])

def parameters_of(V, D, T, H):
    return {{"C": V * D, "W1": T * D * H, "b1": H, "W2": H * V, "b2": V}}

paper = parameters_of({sizes})
ours = parameters_of(V, D, T, H)
print(paper, sum(paper.values()))
print(ours, sum(ours.values()), sum(p.nelement() for p in [C, W1, b1, W2, b2]))

log_probs = F.log_softmax(scores([C, W1, b1, W2, b2], X), dim=1)
log_likelihood = log_probs[torch.arange(len(Y)), Y].mean()
print(log_likelihood, -log_likelihood)  # as high as can be, as low as can be: the same
print(F.cross_entropy(scores([C, W1, b1, W2, b2], X), Y))  # the loss""",
    )
