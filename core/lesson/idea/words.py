"""Chapter 2: its words and its lines of torch."""

from __future__ import annotations

from collections.abc import Collection

from core.config import RunConfig
from core.lesson.chapter import Chapter, Code
from core.lesson.generalising.network import ON_A_PLANE
from core.lesson.idea.sentence import SENTENCE
from core.lesson.idea.sizes import paper_sizes

CHAPTER = Chapter(
    slug="idea",
    title="The paper’s idea",
    see="Swap words of the sentence and see where a network has put their partners. Then compare "
    "the paper’s network with ours, in your sizes.",
    paragraphs=(
        "A table of counts knows words by their numbers alone, and number 7 is no more like 8 than "
        "like 900. Bengio and others (2003) give each word a point instead, its [[embedding]]: 30 "
        "numbers for each of 17,000 words. The points are random at first and learned with "
        "everything else. Words that are used alike end up close together, because the network "
        "gives nearby points similar answers. So what it learns about one word holds for its "
        "neighbours.",
        "The paper’s own example: having seen ‘The cat is walking in the bedroom’, the model "
        "should find ‘A dog was running in a room’ almost as likely. The tutorial quotes the "
        "second one as ‘the dog is running in a room’. If each of k words has one neighbour, a "
        "sentence that was seen speaks for 2ᵏ sentences, itself among them. The points here aren’t "
        "drawn by hand: a network learns them as you open the page, from 8,000 sentences of a "
        "small language. Ours does the same with characters in place of words.",
        "Learning means [[maximum likelihood]]: find the numbers that make the mean log-likelihood "
        "of what was seen as high as can be. That’s the same as making its negative, the "
        "[[nll]], as low as "
        "can be, and this is the [[loss]] of the next chapters. The paper may also connect the "
        "embeddings to the output directly. The tutorial doesn’t; on the Train page you can.",
    ),
    question="Which part of the paper’s network has the most parameters, and what does one more "
    "word "
    "of context cost? What would it cost in a table of counts?",
    answer="The output layer: with 100 hidden units it has 1,717,000 of 2,236,100, since every "
    "word needs a score. One more word of context adds only 30 rows to the hidden layer’s "
    "weights, 30 · 100 = 3,000 numbers: the table of embeddings is the same for every place. "
    "In a table of counts one more word makes 17,000 times as many cells.",
)


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
