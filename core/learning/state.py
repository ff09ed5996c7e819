"""All that the next step of a run depends on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.learning.optimisers import Optimiser, Tensors
from core.models import Parameters, Trainable


@dataclass(slots=True, eq=False)
class TrainState:
    """Where a run is; its owner goes on from it, and back to a copy of it.

    Attributes:
        parameters: the model's own tensors, changed in place.
        optimiser_state: what the optimiser remembers of its updates.
        generator: of the minibatches.
        mask_generator: of dropout's masks; another one, or the numbers would depend on how a run
            is cut.
        step: updates taken.
    """

    parameters: Parameters
    optimiser_state: Tensors
    generator: torch.Generator
    mask_generator: torch.Generator
    step: int = 0

    @classmethod
    def initial(cls, model: Trainable, optimiser: Optimiser, seed: int) -> TrainState:
        """Before the first step; the seed is that of the minibatches."""
        generator, of_masks = (torch.Generator().manual_seed(s) for s in (seed, seed ^ 1))
        return cls(model.parameters, optimiser.init(model.parameters), generator, of_masks)

    def copy(self) -> TrainState:
        """The same place, with tensors and a generator of its own."""
        return TrainState(
            self.parameters.copy(),
            {name: tensor.clone() for name, tensor in self.optimiser_state.items()},
            self.generator.clone_state(),
            self.mask_generator.clone_state(),
            self.step,
        )

    def restore(self, saved: TrainState) -> None:
        """Go back to a copy; the parameters stay the model's own tensors."""
        self.parameters.copy_from(saved.parameters)
        self.optimiser_state = {n: tensor.clone() for n, tensor in saved.optimiser_state.items()}
        self.generator.set_state(saved.generator.get_state())
        self.mask_generator.set_state(saved.mask_generator.get_state())
        self.step = saved.step

    def sample_batches(
        self, n_examples: int, batch_size: int, n_steps: int, *, n_ahead: int = 0
    ) -> Tensor:
        """Rows that each of the next steps learns from, int64 (n_steps + n_ahead, B).

        A batch as large as the data is the data in its own order: plain gradient descent. Taking
        them in one call or in many gives the same rows, so the losses do not depend on how a run
        is cut. Those ahead are only looked at; the next call has them again.
        """
        n_rows = n_steps + n_ahead
        if batch_size >= n_examples:
            return torch.arange(n_examples).expand(n_rows, -1).contiguous()
        if not n_ahead:
            return torch.randint(0, n_examples, (n_rows, batch_size), generator=self.generator)
        rows = torch.empty((n_rows, batch_size), dtype=torch.int64)
        self._sample_into(rows[:n_steps], n_examples)
        here = self.generator.get_state()
        self._sample_into(rows[n_steps:], n_examples)
        self.generator.set_state(here)
        return rows

    def _sample_into(self, rows: Tensor, n_examples: int) -> None:
        torch.randint(0, n_examples, rows.shape, generator=self.generator, out=rows)

    def sample_masks(self, shape: tuple[int, int, int], dropout: float) -> Tensor:
        """What the hidden units of each example of the next steps are multiplied by.

        0 for a share `dropout` of them, and 1/(1 - dropout) for the others, so that their mean
        stays as it is (inverted dropout, after Srivastava et al. 2014, section 10).

        Args:
            shape: K steps, B examples, H hidden units.
            dropout: share of the units.

        Returns:
            float32 of that shape; one call or many give the same numbers.
        """
        kept = torch.rand(shape, generator=self.mask_generator) >= dropout
        return kept / (1 - dropout)
