"""Chapter 8: the gradient of every number in three ways, one update, and why it is cleared."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.dataset import Examples
from core.lesson.backward_code import code
from core.lesson.chapter import Chapter
from core.model import MLP, Parameters

__all__ = ["CHAPTER", "code"]

CHAPTER = Chapter(
    slug="backward",
    title="Backward, one step",
    see="Pick a tensor and see its gradient, found in three ways; then step along it, and see "
    "where the loss goes.",
    paragraphs=(
        "The [[backward pass]] finds for each of the [[parameters]] how the loss changes as that "
        "number grows: its [[gradient]]. With `requires_grad = True` torch writes down every "
        "operation on the way to the loss ([[autograd]]). `loss.backward()` goes through them from "
        "the end, by the chain rule, and leaves in `p.grad` a tensor of the shape of `p`. The same "
        "rule written out by hand takes ten lines; a [[finite difference]] only tries.",
        "An [[update]] moves each number against its gradient, by the [[learning rate]] times it. "
        "The gradient is true only where it was taken: a short step lowers the loss, a long one "
        "can land higher than it began. A number with gradient 0 stays, such as the rows of C "
        "whose characters stand in no context.",
        "torch adds each new gradient to the one that is there, so it is dropped before every way "
        "back ([[zero the gradients]]). The tutorial updates `p.data`, which autograd does not "
        "watch: changed between forward and backward, the gradients come out wrong without a word. "
        "`with torch.no_grad():` is today’s way. The numbers are the same, and torch refuses to go "
        "back over a tensor that was changed.",
    ),
    question="A finite difference needs no calculus and no way back. Why does nobody train by it?",
    answer="Each number takes two forward passes of its own: 6,962 for the tutorial’s 3,481 "
    "numbers, for a single step. A backward pass costs about two forward passes and finds all the "
    "gradients at once, however many there are. The difference is also never exact: with a large ε "
    "the loss bends in between, with a small one the digits that both losses share cancel. It is a "
    "good check of a few numbers of a gradient by hand, and that is what it is used for.",
)
TENSORS = Parameters._fields


@dataclass(frozen=True, eq=False)
class Gradients:
    """The gradient of the mean cross-entropy for all parameters, found twice.

    Attributes:
        loss: in nats per character, where the gradients were taken.
        by_autograd: what `loss.backward()` leaves in each `p.grad`.
        by_hand: what `by_hand` computes.
    """

    loss: float
    by_autograd: Parameters
    by_hand: Parameters

    def largest_difference(self, tensor: str) -> float:
        """Between the two, over all numbers of the tensor with this name."""
        return float(
            (getattr(self.by_autograd, tensor) - getattr(self.by_hand, tensor)).abs().max()
        )


@dataclass(frozen=True, eq=False)
class Update:
    """One step along the gradient.

    Attributes:
        loss_before, loss_after: in nats per character.
        changes: new less old value of every number.
        n_moved: how many numbers of each tensor have another value, by its name.
    """

    loss_before: float
    loss_after: float
    changes: Parameters
    n_moved: dict[str, int]


def gradients(model: MLP, examples: Examples) -> Gradients:
    """Find the gradients of the loss on all examples; the model stays as it is."""
    leaves = _leaves(model)
    loss = _loss(model, leaves, examples)
    loss.backward()  # type: ignore[no-untyped-call]
    return Gradients(loss.item(), _grads(leaves), by_hand(model.parameters, examples))


def by_hand(parameters: Parameters, examples: Examples) -> Parameters:
    """The chain rule from the loss back, with the values of the way there.

    The derivation is that of `core.engines.fused`, with an example in each row:

        g_y = (softmax(y) - onehot(target)) / N    (N, V)
        g_W2 = hᵀ g_y,  g_b2 = Σ_n g_y             (H, V), (V,)
        g_a = (g_y W2ᵀ) ∘ (1 - h²)                 (N, H)  as tanh' = 1 - tanh²
        g_W1 = xᵀ g_a,  g_b1 = Σ_n g_a             (T·D, H), (H,)
        g_x = g_a W1ᵀ                              (N, T·D)
        g_C[c] = Σ of the parts of g_x that came from C[c]
    """
    C, W1, b1, W2, b2 = parameters
    contexts, targets = examples
    n_examples = len(targets)
    x = C[contexts].view(n_examples, -1)  # (N, T·D)
    h = torch.tanh(x @ W1 + b1)  # (N, H)
    probs = F.softmax(h @ W2 + b2, dim=1)  # (N, V)
    g_y = (probs - F.one_hot(targets, len(b2))) / n_examples
    g_a = (g_y @ W2.T) * (1 - h**2)
    g_x = (g_a @ W1.T).view(-1, C.shape[1])  # (N·T, D)
    g_C = torch.zeros_like(C).index_add(0, contexts.flatten(), g_x)
    return Parameters(g_C, x.T @ g_a, g_a.sum(0), h.T @ g_y, g_y.sum(0))


def finite_difference(
    model: MLP, examples: Examples, tensor: str, index: Sequence[int], epsilon: float = 1e-5
) -> float:
    """One number of the gradient by trying: (L(w + ε) - L(w - ε)) / 2ε, in float64.

    Args:
        model: whose loss it is.
        examples: X and Y.
        tensor: name of the tensor in which w stands.
        index: of w in it.
        epsilon: how far w is moved to either side.
    """
    precise = Parameters(*(t.double() for t in model.parameters))  # copies
    losses = []
    for moved in (epsilon, -2 * epsilon):
        getattr(precise, tensor)[tuple(index)] += moved
        losses.append(_loss(model, precise, examples).item())
    return (losses[0] - losses[1]) / (2 * epsilon)


def update(model: MLP, examples: Examples, found: Gradients, lr: float) -> Update:
    """Take one step p - lr · ∂L/∂p with every number p; the model stays as it is."""
    old = model.parameters
    new = _moved(old, found.by_autograd, lr)
    return Update(
        loss_before=found.loss,
        loss_after=_loss(model, new, examples).item(),
        changes=Parameters(*(b - a for a, b in zip(old, new, strict=True))),
        n_moved={name: int((a != b).sum()) for name, a, b in zip(TENSORS, old, new, strict=True)},
    )


def losses_along(
    model: MLP, examples: Examples, found: Gradients, rates: Sequence[float]
) -> list[float]:
    """The loss after one step of each of these learning rates, all from the same place."""
    return [
        _loss(model, _moved(model.parameters, found.by_autograd, lr), examples).item()
        for lr in rates
    ]


def after_passes(model: MLP, examples: Examples, count: int) -> list[Parameters]:
    """What each `p.grad` holds after 1, 2, … `count` backward passes that clear nothing."""
    leaves = _leaves(model)
    held = []
    for _ in range(count):
        _loss(model, leaves, examples).backward()  # type: ignore[no-untyped-call]
        held.append(_grads(leaves).copy())
    return held


def descend(
    model: MLP, examples: Examples, lr: float, steps: int, *, is_cleared: bool
) -> Iterator[float]:
    """Take steps on all examples, with the gradients cleared before each or never.

    Yields:
        The loss before each step, and after the last; `steps` + 1 in all.
    """
    leaves = Parameters(*(t.clone().requires_grad_() for t in model.parameters))
    for _ in range(steps):
        if is_cleared:
            for p in leaves:
                p.grad = None
        loss = _loss(model, leaves, examples)
        loss.backward()  # type: ignore[no-untyped-call]
        yield loss.item()
        with torch.no_grad():
            for p in leaves:
                assert p.grad is not None
                p -= lr * p.grad
    yield _loss(model, leaves, examples).item()


def descents(
    model: MLP, examples: Examples, lr: float, steps: int
) -> Generator[float, None, tuple[list[float], list[float]]]:
    """Descend twice, with clearing and without.

    Yields:
        What share is done.

    Returns:
        The losses of both, as `descend` yields them.
    """
    both: tuple[list[float], list[float]] = ([], [])
    for losses, is_cleared in zip(both, (True, False), strict=True):
        for loss in descend(model, examples, lr, steps, is_cleared=is_cleared):
            losses.append(loss)
            yield (len(both[0]) + len(both[1])) / (2 * steps + 2)
    return both


def largest(values: Tensor) -> tuple[int, ...]:
    """Index of the number that is furthest from 0."""
    return tuple(int(i) for i in torch.unravel_index(values.abs().argmax(), values.shape))


def _leaves(model: MLP) -> Parameters:
    return Parameters(*(t.detach().requires_grad_() for t in model.parameters))


def _grads(leaves: Parameters) -> Parameters:
    return Parameters(*(p.grad for p in leaves if p.grad is not None))


def _loss(model: MLP, parameters: Parameters, examples: Examples) -> Tensor:
    logits = MLP(model.config, model.vocab_size, parameters).logits(examples.contexts)
    return F.cross_entropy(logits, examples.targets)


def _moved(parameters: Parameters, along: Parameters, lr: float) -> Parameters:
    return Parameters(*(p - lr * g for p, g in zip(parameters, along, strict=True)))
