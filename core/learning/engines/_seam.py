"""What an engine is: one way of taking steps, and for whom it can."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from core.config import EngineName
from core.learning.optimisers import GradientDescent, Optimiser, Tensors
from core.models import MLP, PARAMETER_NAMES, Trainable

# Mean loss of a batch: parameters by name, contexts (B, T), targets (B,) and, with dropout, its
# masks (B, H), to one number.
Loss = Callable[..., Tensor]


class TakeSteps(Protocol):
    """See `autograd.take_steps`, of which every engine's is a quicker way for fewer cases."""

    def __call__(
        self,
        loss_of: Loss,
        parameters: Mapping[str, Tensor],
        optimiser: Optimiser,
        optimiser_state: Tensors,
        contexts: Tensor,
        targets: Tensor,
        batches: Tensor,
        learning_rates: Tensor,
        masks: Tensor | None = None,
        n_threads: int = 1,
        looks_ahead: bool = False,
    ) -> tuple[Tensor, Tensors]: ...


@dataclass(frozen=True)
class Engine:
    """A way of taking steps.

    Called as a function it takes steps of gradient descent on the tutorial's network.

    Attributes:
        name: as in the settings.
        take_steps: for any model and optimiser that it serves.
        serves: whether it can take the steps of this model with this optimiser.
        profits_from_threads: whether more than one makes the steps of this model quicker.
        can_look_ahead: whether `take_steps` can take the loss of one more batch, so that the
            weights of the last step are tried out in the same call.
        fewest_steps: of a call, as with fewer it is mostly about something else.
    """

    name: EngineName
    take_steps: TakeSteps
    serves: Callable[[Trainable, Optimiser], bool]
    profits_from_threads: Callable[[Trainable], bool] = lambda _model: False
    can_look_ahead: Callable[[Trainable], bool] = lambda _model: False
    fewest_steps: int = 1

    def __call__(
        self,
        parameters: Mapping[str, Tensor] | Sequence[Tensor],
        contexts: Tensor,
        targets: Tensor,
        batches: Tensor,
        learning_rates: Tensor,
    ) -> Tensor:
        """Take one step of gradient descent for each row of `batches`, in place.

        θ ← θ - lr · ∂L/∂θ, where L is the mean cross-entropy of the batch in nats per token.

        Args:
            parameters: C (V, D), W1 (T·D, H), b1 (H,), W2 (H, V), b2 (V,), by name or in this
                order, float32 and contiguous, as are all tensors here; updated in place.
            contexts: int64 (N, T).
            targets: int64 (N,).
            batches: rows to learn from at each step, int64 (K, B).
            learning_rates: float32 (K,).

        Returns:
            The loss of each batch before its update, float32 (K,).
        """
        if not isinstance(parameters, Mapping):
            parameters = dict(zip(PARAMETER_NAMES, parameters, strict=True))
        losses, _ = self.take_steps(
            MLP.loss_of, parameters, GradientDescent(), {},
            contexts, targets, batches, learning_rates,
        )  # fmt: skip
        return losses
