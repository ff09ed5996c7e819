"""Chapter 6: from embeddings to probabilities and the loss, one stage after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.config import ModelConfig, RunConfig
from core.learning import mean_loss
from core.lesson.chapter import Chapter, Code
from core.models import MLP, SATURATED
from core.text import Examples

STAGES = ("embedding", "hidden", "logits", "counts", "probabilities")


@dataclass(frozen=True, eq=False)
class Pass:
    """A forward pass by hand, with all that stands between the examples and the loss.

    Where a count is too large for float32, what follows from it is inf or nan.

    Attributes:
        embedding: rows of C, float32 (N, T, D).
        hidden: tanh units, float32 (N, H).
        logits: scores, float32 (N, V).
        counts: exp of the logits, float32 (N, V).
        probabilities: counts over the sum of their row, float32 (N, V).
        nll: minus the logarithm of what the truth got, in nats, float32 (N,).
    """

    embedding: Tensor
    hidden: Tensor
    logits: Tensor
    counts: Tensor
    probabilities: Tensor
    nll: Tensor

    def stage(self, name: str) -> Tensor:
        """The tensor of one of `STAGES`."""
        tensor: Tensor = getattr(self, name)
        return tensor

    @property
    def loss(self) -> float:
        """Mean nll of all examples."""
        return self.nll.mean().item()

    @property
    def sums(self) -> str:
        """What the rows of the probabilities sum to, to the four digits that torch prints."""
        written = {f"{total:.4f}" for total in self.probabilities.sum(1).tolist()}
        sums = sorted(written, key=lambda text: (text == "nan", text))
        return f"{sums[0]} each" if len(sums) == 1 else f"{sums[0]} to {sums[-1]}"

    def n_saturated(self, row: int) -> int:
        """How many hidden units of an example are so near -1 or 1 that they hardly learn."""
        return int((self.hidden[row].abs() > SATURATED).sum())


def forward(model: MLP, examples: Examples) -> Pass:
    """Go from the contexts to the nll of every example, as the tutorial does by hand."""
    C, W1, b1, W2, b2 = model.parameters.values()
    X, Y = examples
    embedding = C[X]  # (N, T, D)
    hidden = torch.tanh(embedding.flatten(start_dim=1) @ W1 + b1)  # (N, H)
    logits = hidden @ W2 + b2  # (N, V)
    counts = logits.exp()
    probabilities = counts / counts.sum(1, keepdim=True)
    nll = -probabilities[torch.arange(len(Y)), Y].log()  # (N,)
    return Pass(embedding, hidden, logits, counts, probabilities, nll)


def losses_of_seeds(
    config: ModelConfig, vocab_size: int, examples: Examples, seeds: Iterable[int]
) -> list[float]:
    """The first loss for initial weights from each of the seeds."""
    models = (MLP(replace(config, seed=seed), vocab_size) for seed in seeds)
    return [mean_loss(model, examples) for model in models]


CHAPTER = Chapter(
    slug="forward",
    title="Forward by hand",
    see="Pick an example and a stage: follow it from its characters’ numbers to the "
    "probability of the true next character, and see what that costs.",
    paragraphs=(
        "The [[forward pass]] turns a [[context]] into a guess. Look up its [[embedding|"
        "embeddings]], lay them in one row, multiply by W1 and add the [[bias]] b1; with a "
        "[[tanh]] this is the [[hidden layer]] `h`. Multiply by W2 and add b2: these are the "
        "[[logits]], one for every character. The tutorial speaks of two hidden layers; there’s "
        "one, and then an output layer.",
        "The tutorial calls the logits probabilities. They are scores of any sign and size: "
        "unnormalised log-probabilities. `exp` makes them positive, like [[counts]]; each over "
        "the sum of its row is a [[probabilities|probability]], and every row sums to 1. Both "
        "together are called [[softmax]]. Names are not written by always taking the most "
        "probable character, which would give the same name each time. The next character is "
        "drawn, each one as often as its probability says.",
        "The [[loss]] asks: what probability did the true next character get? A probability p "
        "costs -ln p, its "
        "[[nll]]: nothing for 1, and more and more as p nears 0. The mean over all examples is "
        "the loss. The tutorial’s 17.0337 came from weights without a [[seed]] and does not "
        "repeat; with its seed the 32 examples give 17.7697.",
    ),
    question="To give each of 27 characters the same probability costs ln 27 = 3.30. Why does a "
    "network that has learned nothing start far above that?",
    answer="Its [[initial weights]] are too large. With every number drawn from N(0, 1) a logit is "
    "a sum of a hundred terms and spreads over about ten to each side of 0. `exp` turns such "
    "differences into factors of thousands and more, so one character gets nearly everything: "
    "the network is very sure, and mostly wrong. Choose the scaled initial weights in the "
    "settings: they make the first logits small, and the loss starts near ln V.",
)


def code(config: RunConfig, row: int = 0) -> Code:  # noqa: ARG001 - sizes stand in T, D, H
    """The forward pass of the first five names, and what the example in this row got."""
    return Code(
        ("five_names", "parameters"),
        f"""emb = C[X]  # (N, T, D)
h = torch.tanh(emb.view(-1, T * D) @ W1 + b1)  # (N, H), the only hidden layer
logits = h @ W2 + b2  # (N, V), scores of any sign
counts = logits.exp()  # (N, V), positive
probs = counts / counts.sum(1, keepdim=True)  # (N, V), every row sums to 1
print(emb.shape, h.shape, logits.shape, probs.shape)
print(probs.sum(1))

nll = -probs[torch.arange(len(X)), Y].log()  # (N,), what the truth got, as a cost
row = {row}
context = "".join(itos[index] for index in X[row].tolist())
print(context, "→", itos[Y[row]], probs[row, Y[row]].item(), nll[row].item())

loss = nll.mean()
print(loss, F.cross_entropy(logits, Y))  # by hand, and by the library
print(sum(p.nelement() for p in (C, W1, b1, W2, b2)))  # parameters""",
    )
