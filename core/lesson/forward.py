"""From embeddings to probabilities and the loss, one stage after the other."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.config import RunConfig
from core.lesson.chapter import Code
from core.models import MLP, SATURATED
from core.text import Examples

STAGES = ("embedding", "hidden", "logits", "counts", "probabilities")


@dataclass(frozen=True, eq=False)
class Pass:
    """A forward pass by hand, with everything between the examples and the loss.

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
    """Compute the nll of every example step by step, as the tutorial does by hand."""
    C, W1, b1, W2, b2 = model.parameters.values()
    X, Y = examples
    embedding = C[X]  # (N, T, D)
    hidden = torch.tanh(embedding.flatten(start_dim=1) @ W1 + b1)  # (N, H)
    logits = hidden @ W2 + b2  # (N, V)
    counts = logits.exp()
    probabilities = counts / counts.sum(1, keepdim=True)
    nll = -probabilities[torch.arange(len(Y)), Y].log()  # (N,)
    return Pass(embedding, hidden, logits, counts, probabilities, nll)


def code(config: RunConfig, row: int = 0) -> Code:  # noqa: ARG001 - sizes stand in T, D, H
    """The forward pass of the first five names, and the loss of the example in this row."""
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
