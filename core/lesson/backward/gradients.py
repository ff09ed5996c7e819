"""The gradient of every number in three ways, one update, and why it is cleared."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.models import MLP, PARAMETER_NAMES, Parameters
from core.text import Examples

TENSORS = PARAMETER_NAMES


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
        return float((self.by_autograd[tensor] - self.by_hand[tensor]).abs().max())


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

    The derivation is that of `core.learning.engines.fused`, with an example in each row:

        g_y = (softmax(y) - onehot(target)) / N    (N, V)
        g_W2 = hᵀ g_y,  g_b2 = Σ_n g_y             (H, V), (V,)
        g_a = (g_y W2ᵀ) ∘ (1 - h²)                 (N, H)  as tanh' = 1 - tanh²
        g_W1 = xᵀ g_a,  g_b1 = Σ_n g_a             (T·D, H), (H,)
        g_x = g_a W1ᵀ                              (N, T·D)
        g_C[c] = Σ of the parts of g_x that came from C[c]
    """
    C, W1, b1, W2, b2 = parameters.values()
    contexts, targets = examples
    n_examples = len(targets)
    x = C[contexts].view(n_examples, -1)  # (N, T·D)
    h = torch.tanh(x @ W1 + b1)  # (N, H)
    probs = F.softmax(h @ W2 + b2, dim=1)  # (N, V)
    g_y = (probs - F.one_hot(targets, len(b2))) / n_examples
    g_a = (g_y @ W2.T) * (1 - h**2)
    g_x = (g_a @ W1.T).view(-1, C.shape[1])  # (N·T, D)
    g_C = torch.zeros_like(C).index_add(0, contexts.flatten(), g_x)
    found = (g_C, x.T @ g_a, g_a.sum(0), h.T @ g_y, g_y.sum(0))
    return Parameters(dict(zip(parameters, found, strict=True)))


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
    precise = Parameters({n: t.double() for n, t in model.parameters.items()})  # copies
    losses = []
    for moved in (epsilon, -2 * epsilon):
        precise[tensor][tuple(index)] += moved
        losses.append(_loss(model, precise, examples).item())
    return (losses[0] - losses[1]) / (2 * epsilon)


def update(model: MLP, examples: Examples, found: Gradients, lr: float) -> Update:
    """Take one step p - lr · ∂L/∂p with every number p; the model stays as it is."""
    old = model.parameters
    new = _moved(old, found.by_autograd, lr)
    return Update(
        loss_before=found.loss,
        loss_after=_loss(model, new, examples).item(),
        changes=Parameters({name: new[name] - old[name] for name in old}),
        n_moved={name: int((old[name] != new[name]).sum()) for name in old},
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
    leaves = Parameters({n: t.clone().requires_grad_() for n, t in model.parameters.items()})
    for _ in range(steps):
        if is_cleared:
            for p in leaves.values():
                p.grad = None
        loss = _loss(model, leaves, examples)
        loss.backward()  # type: ignore[no-untyped-call]
        yield loss.item()
        with torch.no_grad():
            for p in leaves.values():
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
    """Index of the number that is furthest from 0.

    >>> largest(torch.tensor([[1.0, -5.0], [2.0, 3.0]]))
    (0, 1)
    """
    return tuple(int(i) for i in torch.unravel_index(values.abs().argmax(), values.shape))


def _leaves(model: MLP) -> Parameters:
    return Parameters({n: t.detach().requires_grad_() for n, t in model.parameters.items()})


def _grads(leaves: Parameters) -> Parameters:
    return Parameters({n: p.grad for n, p in leaves.items() if p.grad is not None})


def _loss(model: MLP, parameters: Parameters, examples: Examples) -> Tensor:
    return model.loss_of(parameters, *examples)


def _moved(parameters: Parameters, along: Parameters, lr: float) -> Parameters:
    return Parameters({n: p - lr * along[n] for n, p in parameters.items()})
