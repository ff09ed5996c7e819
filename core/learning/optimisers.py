"""Optimisers: what a gradient becomes before it is added to the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from core.config import TrainingConfig

Tensors = Mapping[str, Tensor]


class Optimiser(Protocol):
    """Two pure functions, as in optax: a first state, and updates with the next state."""

    def init(self, parameters: Tensors) -> Tensors:
        """State before the first update, by name; empty where none is needed."""

    def update(
        self, gradients: Tensors, state: Tensors, learning_rate: float, parameters: Tensors
    ) -> tuple[Tensors, Tensors]:
        """What to add to each parameter, and the state after it.

        Args:
            gradients: ∂L/∂θ by the parameters' names.
            state: as the last update left it.
            learning_rate: of this update.
            parameters: θ before it.
        """


def optimiser_of(config: TrainingConfig) -> Optimiser:
    """The optimiser that the settings name."""
    if config.optimiser == "adam":
        return Adam(weight_decay=config.weight_decay)
    return GradientDescent(weight_decay=config.weight_decay)


@dataclass(frozen=True, slots=True)
class GradientDescent:
    """θ ← θ - lr · (∂L/∂θ + λθ): the tutorial's with λ = 0, and the paper's (sections 3.1, 3.2).

    >>> import torch
    >>> w, gradient = {"w": torch.tensor([5.0])}, {"w": torch.tensor([2.0])}
    >>> updates, _ = GradientDescent().update(gradient, {}, learning_rate=0.5, parameters=w)
    >>> updates["w"].item()
    -1.0

    Attributes:
        weight_decay: λ, for every matrix; biases have none.
    """

    weight_decay: float = 0.0

    def init(self, parameters: Tensors) -> Tensors:  # noqa: ARG002 - it needs no state
        """Nothing: the update depends on the gradient and the weights alone."""
        return {}

    def update(
        self, gradients: Tensors, state: Tensors, learning_rate: float, parameters: Tensors
    ) -> tuple[Tensors, Tensors]:
        """-lr · (∂L/∂θ + λθ) for each parameter."""
        updates = {name: -learning_rate * gradient for name, gradient in gradients.items()}
        return _with_decay(updates, parameters, learning_rate * self.weight_decay), state


@dataclass(frozen=True, slots=True)
class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1), weight decay apart (Loshchilov and Hutter 2019).

    m ← β₁ m + (1 - β₁) g,  v ← β₂ v + (1 - β₂) g²,
    θ ← θ - lr · (m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε) + λθ)

    Attributes:
        weight_decay: λ, for every matrix; biases have none.
    """

    weight_decay: float = 0.0
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def init(self, parameters: Tensors) -> Tensors:
        """Both moments of each parameter, of its shape, and the number of updates: all 0."""
        moments = {
            f"{moment}.{name}": torch.zeros_like(tensor)
            for moment in "mv"
            for name, tensor in parameters.items()
        }
        return moments | {"t": torch.zeros((), dtype=torch.int64)}

    def update(
        self, gradients: Tensors, state: Tensors, learning_rate: float, parameters: Tensors
    ) -> tuple[Tensors, Tensors]:
        """The update above for each parameter, and the moments after it."""
        t = state["t"] + 1
        after, updates = {"t": t}, {}
        of_first, of_second = 1 - self.beta1 ** t.item(), 1 - self.beta2 ** t.item()
        for name, g in gradients.items():
            m = torch.lerp(state[f"m.{name}"], g, 1 - self.beta1)
            v = torch.lerp(state[f"v.{name}"], g * g, 1 - self.beta2)
            after |= {f"m.{name}": m, f"v.{name}": v}
            updates[name] = m.mul(-learning_rate / of_first) / (
                (v / of_second).sqrt_().add_(self.epsilon)
            )
        return _with_decay(updates, parameters, learning_rate * self.weight_decay), after


def _with_decay(updates: dict[str, Tensor], parameters: Tensors, share: float) -> Tensors:
    """Take a share off every matrix too."""
    if share:
        for name, tensor in parameters.items():
            if tensor.ndim > 1:
                updates[name] = updates[name].sub(tensor, alpha=share)
    return updates
