"""One step in slow motion: an example of its batch on the way forward, and what moves for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from core.config import TrainingConfig
from core.learning import GradientDescent
from core.models import MLP, Inside, Parameters, activations
from core.text import Examples, Vocabulary

# The part of the network that a stage is about.
Phase = Literal["batch", "embeddings", "hidden", "scores", "loss", "gradient", "update"]
MOST_DRAWN = 1 << 26  # random numbers that are drawn again to find a batch; 0.3 s


@dataclass(frozen=True, eq=False)
class StepExplained:
    """One update, and what it means for one example of its batch.

    Attributes:
        batch: what it learns from, contexts (B, T) and targets (B,).
        example: which of them is followed.
        lr: learning rate.
        before, after: the pass of that example with the weights before and after.
        gradients: ∂L/∂θ of the mean loss of the batch, by name.
        weights: after the update, by name.
        loss_before, loss_after: mean loss of the batch, in nats per token.
    """

    batch: Examples
    example: int
    lr: float
    before: Inside
    after: Inside
    gradients: Parameters
    weights: Parameters
    loss_before: float
    loss_after: float

    @property
    def target(self) -> int:
        """Id of what followed in the example."""
        return int(self.batch.targets[self.example])

    @property
    def errors(self) -> Tensor:
        """∂L/∂logits of the example alone: its probabilities, less 1 at the target, (V,)."""
        found = torch.from_numpy(self.before.probabilities.copy())
        found[self.target] -= 1
        return found


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a step.

    Attributes:
        phase: what it is about.
        title: a few words.
        code: its line of the tutorial's loop.
        text: what happens, with this step's numbers.
    """

    phase: Phase
    title: str
    code: str
    text: str


def rows_of_step(config: TrainingConfig, n_examples: int, step: int) -> Tensor | None:
    """The rows that the update after `step` others learns from; they follow from the seed.

    Args:
        config: of the run.
        n_examples: that it learns from.
        step: updates before.

    Returns:
        int64 (B,); None where it would take long to draw all batches before it again.
    """
    if config.batch_size >= n_examples:
        return torch.arange(n_examples)
    if (step + 1) * config.batch_size > MOST_DRAWN:
        return None
    generator = torch.Generator().manual_seed(config.seed)
    shape = (step + 1, config.batch_size)
    return torch.randint(0, n_examples, shape, generator=generator)[-1].clone()


def telling_example(batch: Examples) -> int:
    """The first example of a batch whose context is within its document, or the first of all."""
    within = (batch.contexts != 0).all(dim=1).nonzero()
    return int(within[0]) if len(within) else 0


def is_explained(config: TrainingConfig) -> bool:
    """Whether a step follows from weights, batch and rate alone: gradient descent, no dropout."""
    is_masked = config.dropout or config.embedding_dropout
    return config.optimiser == "descent" and not is_masked


def explain_step(
    model: MLP, batch: Examples, lr: float, *, example: int = 0, weight_decay: float = 0.0
) -> StepExplained:
    """Take one step of gradient descent apart; the model stays as it is.

    Args:
        model: with the weights before the step.
        batch: what the step learns from.
        lr: its learning rate.
        example: which of these to follow.
        weight_decay: λ, for every matrix.
    """
    leaves = {name: t.detach().clone().requires_grad_() for name, t in model.parameters.items()}
    loss = model.loss_of(leaves, *batch)
    found = torch.autograd.grad(loss, tuple(leaves.values()), allow_unused=True)
    gradients = Parameters(
        {
            name: torch.zeros_like(leaf) if g is None else g
            for (name, leaf), g in zip(leaves.items(), found, strict=True)
        }
    )
    with torch.no_grad():
        updates, _ = GradientDescent(weight_decay).update(gradients, {}, lr, leaves)
        weights = Parameters({name: leaf + updates[name] for name, leaf in leaves.items()})
        after = MLP(model.config, model.vocab_size, weights)
        context = batch.contexts[example].tolist()
        return StepExplained(
            batch,
            example,
            lr,
            activations(model, context),
            activations(after, context),
            gradients,
            weights,
            loss.item(),
            model.loss_of(weights, *batch).item(),
        )


def stages(
    explained: StepExplained, vocabulary: Vocabulary, step: int, units: Sequence[int]
) -> list[Stage]:
    """What happens in a step, in its order and with its numbers.

    Args:
        explained: the step.
        vocabulary: of the tokens.
        step: number of this update, from 1.
        units: numbers of the hidden units that can be shown, the others are not spoken of.
    """
    before, target = explained.before, explained.target
    B, T = explained.batch.contexts.shape
    D = before.embeddings.shape[1]
    labels = vocabulary.labels
    context = vocabulary.shown(before.context)
    right = f"“{labels[target]}”"
    p = float(before.probabilities[target])
    row = ", ".join(_number(value) for value in before.embeddings[0, :4].tolist())
    found = [
        Stage(
            "batch",
            "A batch is drawn",
            f"rows = torch.randint(0, len(X), ({B},))",
            f"Step {step:,} learns from {B:,} random example{'s' if B > 1 else ''}. Follow "
            f"number {explained.example + 1}: after “{context}” came {right}.",
        ),
        Stage(
            "embeddings",
            "Look up the embeddings",
            "emb = C[X[rows]]",
            f"Each token of “{context}” picks its row of C: “{labels[before.context[0]]}”, at the "
            f"left, is ({row}{', …' if D > 4 else ''}). Side by side they’re the {T * D} inputs.",
        ),
    ]
    if len(units):
        loud = max(units, key=lambda unit: abs(float(before.hidden[unit])))
        found.append(
            Stage(
                "hidden",
                "The hidden units answer",
                f"h = torch.tanh(emb.view(-1, {T * D}) @ W1 + b1)",
                f"Every unit weighs the inputs. For unit {loud} they add up to "
                f"{_number(before.sums[loud])}, and tanh squeezes that to "
                f"{_number(before.hidden[loud])}.",
            )
        )
    best = int(before.probabilities.argmax())
    said = "It’s the favourite" if best == target else f"The favourite is “{labels[best]}”"
    return [
        *found,
        Stage(
            "scores",
            "Scores become probabilities",
            f"logits = {_scores(explained, T * D)}",
            f"{right} gets a score of {_number(before.logits[target])}, and by softmax a "
            f"probability of {_percent(p)}. {said}, with "
            f"{_percent(float(before.probabilities[best]))}.",
        ),
        Stage(
            "loss",
            "How wrong was that?",
            "loss = F.cross_entropy(logits, Y[rows])",
            f"Only the right answer counts: −ln {_short(p)} = {_loss(p)}. The mean over the batch, "
            f"{explained.loss_before:.3f}, is the loss of this step.",
        ),
        Stage(
            "gradient",
            "The gradient: which way is up?",
            "loss.backward()",
            f"For each score it’s the probability, less 1 for the right one: {right} {_short(p)} − "
            f"1 = {_number(float(explained.errors[target]), 3)}. The chain rule takes that back to "
            "every weight. The lines show how far each one will move, the whole batch considered.",
        ),
        Stage(
            "update",
            "Every weight moves a little",
            f"for p in parameters: p.data += -{explained.lr:g} * p.grad",
            _moved(explained, units, right),
        ),
    ]


def largest_move(
    explained: StepExplained, units: Sequence[int]
) -> tuple[str, tuple[int, ...]] | None:
    """The weight to the scores, out of these units or of W, with the largest gradient.

    Returns:
        Name of its tensor and its index there; None where the output weights are the embeddings.
    """
    if len(units) and "W2" in explained.gradients:
        some = explained.gradients["W2"][list(units)].abs()
        row, token = divmod(int(some.argmax()), some.shape[1])
        return "W2", (units[row], token)
    if not len(units):
        some = explained.gradients["W"].abs()
        return "W", divmod(int(some.argmax()), some.shape[1])
    return None


def _scores(explained: StepExplained, n_inputs: int) -> str:
    parts = []
    if len(explained.before.hidden):
        parts.append("h @ W2" if "W2" in explained.gradients else "h @ C.T")
    if "W" in explained.gradients:
        parts.append(f"emb.view(-1, {n_inputs}) @ W")
    return " + ".join([*parts, "b2"])


def _moved(explained: StepExplained, units: Sequence[int], right: str) -> str:
    before, after, target = explained.before, explained.after, explained.target
    found = largest_move(explained, units)
    moved = ""
    if found is not None:
        name, at = found
        old = float({"W2": before.W2, "W": before.W}[name][at])
        new = float(explained.weights[name][at])
        g = float(explained.gradients[name][at])
        moved = (
            f"{name}[{at[0]}, {at[1]}], for one, has a gradient of {_number(g, 4)} and goes from "
            f"{_number(old, 4)} to {_number(new, 4)}. "
        )
    p, p_after = (float(inside.probabilities[target]) for inside in (before, after))
    return (
        f"{moved}Asked again, the network gives {right} {_percent(p_after)} instead of "
        f"{_percent(p)}, and this batch costs {explained.loss_after:.3f} instead of "
        f"{explained.loss_before:.3f}."
    )


def _number(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}".replace("-", "−")


def _percent(p: float) -> str:
    return f"{100 * p:.1f} %" if p >= 0.0005 else _short(p)


def _short(p: float) -> str:
    return f"{p:.3f}" if p >= 0.0005 else f"{p:.1e}".replace("-", "−")


def _loss(p: float) -> str:
    return f"{-math.log(p):.3f}" if p > 0 else "∞"
