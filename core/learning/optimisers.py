"""Optimisers: what a gradient becomes before it is added to the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

Tensors = Mapping[str, Tensor]


class Optimiser(Protocol):
    """Two pure functions, as in optax: a first state, and updates with the next state."""

    def init(self, parameters: Tensors) -> Tensors:
        """State before the first update, by name; empty where none is needed."""

    def update(
        self, gradients: Tensors, state: Tensors, learning_rate: float
    ) -> tuple[Tensors, Tensors]:
        """What to add to each parameter, and the state after it.

        Args:
            gradients: ∂L/∂θ by the parameters' names.
            state: as the last update left it.
            learning_rate: of this update.
        """


@dataclass(frozen=True, slots=True)
class GradientDescent:
    """θ ← θ - lr · ∂L/∂θ: the tutorial's, and the paper's (section 3.2).

    >>> import torch
    >>> updates, _ = GradientDescent().update({"w": torch.tensor([2.0])}, {}, learning_rate=0.5)
    >>> updates["w"].item()
    -1.0
    """

    def init(self, parameters: Tensors) -> Tensors:  # noqa: ARG002 - it needs no state
        """Nothing: the update depends on the gradient alone."""
        return {}

    def update(
        self, gradients: Tensors, state: Tensors, learning_rate: float
    ) -> tuple[Tensors, Tensors]:
        """-lr · ∂L/∂θ for each parameter."""
        return {name: -learning_rate * gradient for name, gradient in gradients.items()}, state
