"""All that the next step of a run depends on."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.learning.optimisers import Optimiser, Tensors
from core.models import Parameters, Trainable

AHEAD = 16_384  # row numbers that are drawn at a time, 128 KB


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Batches drawn in one go; it never changes, so that copies of a state can share it.

    Attributes:
        before: a generator as it was then; nobody draws from it.
        n_examples: from among which rows were drawn.
        rows: int64 (K, B).
    """

    before: torch.Generator
    n_examples: int
    rows: NDArray[np.int64]


class Batches:
    """Minibatches in the order in which a generator gives them, drawn ahead a block at a time.

    A call for each turn of training would hand over the interpreter's lock each time. Taking
    batches one by one or many at once gives the same ones, and so does drawing them.
    """

    def __init__(self, generator: torch.Generator) -> None:
        """From the generator's place on; it becomes the batches' own."""
        self._next = generator  # after the blocks; replaced when it is drawn from
        self._blocks: deque[_Block] = deque()
        self._used = 0  # batches of the first block

    def take(
        self, n_examples: int, batch_size: int, n_steps: int, n_ahead: int
    ) -> NDArray[np.int64]:
        """The next batches and some after them, int64 (n_steps + n_ahead, B), not to be changed.

        Those after them are only looked at; the next call has them again.
        """
        blocks = self._blocks
        if blocks and (blocks[0].n_examples, blocks[0].rows.shape[1]) != (n_examples, batch_size):
            self._next, self._used = self.generator(), 0
            blocks.clear()
        wanted = n_steps + n_ahead
        missing = wanted + self._used - sum(len(block.rows) for block in blocks)
        if missing > 0:
            blocks.append(self._draw(n_examples, batch_size, max(missing, AHEAD // batch_size)))
        taken, at, left = [], self._used, wanted
        for block in blocks:
            taken.append(block.rows[at : at + left])
            at, left = 0, left - len(taken[-1])
            if not left:
                break
        self._used += n_steps
        while blocks and self._used >= len(blocks[0].rows):
            self._used -= len(blocks.popleft().rows)
        return taken[0] if len(taken) == 1 else np.concatenate(taken)

    def copy(self) -> Batches:
        """The same ones from here on."""
        same = Batches(self._next)
        same._blocks, same._used = self._blocks.copy(), self._used
        return same

    def generator(self) -> torch.Generator:
        """One that gives these batches from here on, and is nobody else's."""
        if not self._blocks:
            return self._next.clone_state()
        first = self._blocks[0]
        generator = first.before.clone_state()
        shape = (self._used, first.rows.shape[1])
        torch.randint(0, first.n_examples, shape, generator=generator)
        return generator

    def _draw(self, n_examples: int, batch_size: int, n_batches: int) -> _Block:
        before, self._next = self._next, self._next.clone_state()
        rows = torch.randint(0, n_examples, (n_batches, batch_size), generator=self._next)
        return _Block(before, n_examples, rows.numpy())


@dataclass(slots=True, eq=False)
class TrainState:
    """Where a run is; its owner goes on from it, and back to a copy of it.

    Attributes:
        parameters: the model's own tensors, changed in place.
        optimiser_state: what the optimiser remembers of its updates.
        batches: that come next.
        mask_generator: of dropout's masks; another one than theirs, or the numbers would depend on
            how a run is cut.
        step: updates taken.
    """

    parameters: Parameters
    optimiser_state: Tensors
    batches: Batches
    mask_generator: torch.Generator
    step: int = 0

    @classmethod
    def initial(cls, model: Trainable, optimiser: Optimiser, seed: int) -> TrainState:
        """Before the first step; the seed is that of the minibatches."""
        generator, of_masks = (torch.Generator().manual_seed(s) for s in (seed, seed ^ 1))
        optimiser_state = optimiser.init(model.parameters)
        return cls(model.parameters, optimiser_state, Batches(generator), of_masks)

    def copy(self) -> TrainState:
        """The same place, with tensors and a generator of its own."""
        return TrainState(
            self.parameters.copy(),
            {name: tensor.clone() for name, tensor in self.optimiser_state.items()},
            self.batches.copy(),
            self.mask_generator.clone_state(),
            self.step,
        )

    def restore(self, saved: TrainState) -> None:
        """Go back to a copy; the parameters stay the model's own tensors."""
        self.parameters.copy_from(saved.parameters)
        self.optimiser_state = {n: tensor.clone() for n, tensor in saved.optimiser_state.items()}
        self.batches = saved.batches.copy()
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
        return torch.from_numpy(self.batches.take(n_examples, batch_size, n_steps, n_ahead))

    def sample_masks(
        self, shape: tuple[int, int, int], dropout: float, of_inputs: float = 0.0
    ) -> Tensor:
        """What the hidden units of each example of the next steps are multiplied by.

        0 for a share `dropout` of them, and 1/(1 - dropout) for the others, so that their mean
        stays as it is (inverted dropout, after Srivastava et al. 2014, section 10). Where a share
        of the inputs is dropped, theirs follow.

        Args:
            shape: K steps, B examples, H hidden units or H + T·D.
            dropout: share of the units.
            of_inputs: share of the T·D inputs, the numbers of the context's embeddings.

        Returns:
            float32 of that shape; one call or many give the same numbers.
        """
        masks = torch.rand(shape, generator=self.mask_generator)
        n_hidden = len(self.parameters["b1"]) if of_inputs else shape[2]
        for part, share in ((masks[..., :n_hidden], dropout), (masks[..., n_hidden:], of_inputs)):
            torch.ge(part, share, out=part).div_(1 - share)
        return masks
