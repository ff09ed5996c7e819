"""Chapter 9: its words and its lines of torch."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.chapter import Chapter, Code
from core.lesson.overfit.fit import LONGEST

CHAPTER = Chapter(
    slug="overfit",
    title="Overfit 32 examples",
    see="Move the steps from 10 to 10,000: the training loss sinks towards a floor and never gets "
    "below it. Watch what unseen names cost in the meantime.",
    paragraphs=(
        "The tutorial’s first training: ten [[step|steps]] of [[gradient descent]] on the examples "
        "of the first five names, all of them in every step. It calls each step an [[epoch]]. That "
        "is once through all examples, so here the word fits; with a [[minibatch]] it doesn’t.",
        "More steps bring the loss down to a floor that is not zero. Five names begin with five "
        "different letters, so `...` has five right answers, and no model can know which is "
        "meant. The best is a probability of 1/5 for each, a loss of ln 5 in five examples of 32: "
        "5 · ln 5 / 32 = 0.2515. Your words have a floor of their own.",
        "The tutorial says that these steps [[overfit]]. It is the [[training loss]] alone that "
        "nears its floor, and not in ten steps: 4.41 is still worse than guessing evenly, ln 27 = "
        "3.30. Has it learned names, or only these five? The [[validation loss]] tells: the "
        "same weights on names they’ve never seen.",
    ),
    question="Could a larger network get below the floor? Would a longer context?",
    answer="A larger network would not: two examples with the same context get the same "
    "probabilities, whatever computes them. The floor belongs to the examples and to the context "
    "length. A longer context can lower it, where it tells cases apart: in the tutorial’s five "
    "names it is 0.875 at T = 1, where `a` has several followers, and 0.2515 from T = 2 on. The "
    "first letter stays a guess at any length, as there’s nothing before it.",
)


def code(config: RunConfig, steps: int = 1_000, lr: float = 0.1) -> Code:
    """The run, the floor, and what the model gives and writes.

    Args:
        config: sizes and seed are read from the shared lines before.
        steps: on all examples of the first five names.
        lr: learning rate.
    """
    del config  # the shared lines before hold it
    return Code(
        ("five_names", "split", "training"),
        f"""from collections import Counter
from math import log

fitted = initial_parameters()
losses = train(fitted, X, Y, [{lr:.10g}] * {steps:_}, batch_size=len(X))
print(losses[:10])

contexts = [tuple(context) for context in X.tolist()]
seen = Counter(contexts)
pairs = Counter(zip(contexts, Y.tolist()))
lowest = sum(n * log(seen[context] / n) for (context, _), n in pairs.items()) / len(X)
train_loss, val_loss = mean_loss(fitted, X, Y), mean_loss(fitted, X_val, Y_val)
print(lowest, train_loss, val_loss)

with torch.no_grad():
    probs = F.softmax(scores(fitted, torch.tensor([[0] * T])), dim=1)[0]  # of a first letter
print({{itos[y]: (n / seen[c], probs[y].item()) for (c, y), n in pairs.items() if not any(c)}})

g = torch.Generator().manual_seed(seed)
written = []
for _ in range(10):
    context, name = [0] * T, ""
    while len(name) < {LONGEST}:
        with torch.no_grad():
            p = F.softmax(scores(fitted, torch.tensor([context])), dim=1)
        i = torch.multinomial(p, 1, generator=g).item()
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    written.append(name)
print(written)""",
    )
