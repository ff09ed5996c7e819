"""What every model is: it gives each token its probability as the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SMALL_BYTES = 1 << 18  # that are copied in less time than it takes to get the lock back


class Parameters(Mapping[str, Tensor]):
    """A model's tensors by name, in a fixed order; their values may change, the names do not."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._names = tuple(tensors)
        self._tensors = dict(tensors)

    def __getitem__(self, name: str) -> Tensor:
        if name not in self._tensors and name in self._names:
            self._tensors[name] = torch.from_numpy(self.arrays[name])
        return self._tensors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @cached_property
    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """The same numbers as numpy has them, on the same storage."""
        return {name: tensor.detach().numpy() for name, tensor in self.items()}

    def __reduce__(self) -> tuple[type[Parameters], tuple[dict[str, Tensor]]]:
        """To another process without the arrays, which would be others' storage there."""
        return Parameters, (dict(self.items()),)

    def copy(self) -> Parameters:
        """The same values in tensors of their own.

        Of small ones without giving up the interpreter's lock, as torch and numpy do: a run under
        way is copied at each turn, and each time might wait for up to a millisecond.
        """
        same = Parameters({})
        same.arrays = {name: _copy(array) for name, array in self.arrays.items()}
        same._names = self._names  # whose tensors are made when they are asked for
        return same

    def copy_from(self, other: Mapping[str, Tensor]) -> None:
        """Take over the values of `other` in place."""
        for name, tensor in self.items():
            tensor.copy_(other[name])

    @property
    def n_parameters(self) -> int:
        """How many numbers there are in all."""
        return sum(array.size for array in self.arrays.values())


def _copy(array: NDArray[np.float32]) -> NDArray[np.float32]:
    if array.nbytes > SMALL_BYTES or not array.size:
        return array.copy()
    return np.frombuffer(bytearray(array), array.dtype).reshape(array.shape)


class Model(Protocol):
    """A model of the next token, whatever it is made of: a network, a table, a mixture."""

    @property
    def vocab_size(self) -> int:
        """V, tokens it knows, the boundary among them."""

    @property
    def block_size(self) -> int:
        """T, tokens of context that it is given."""

    @property
    def parameters(self) -> Parameters:
        """What it is made of, by name."""

    @property
    def width(self) -> int:
        """The most numbers that one example takes on its way through."""

    def logits(self, contexts: Tensor) -> Tensor:
        """Scores of every token as the next one: `log_probs` up to a constant in each row.

        What samples asks for these, as some models have them sooner.
        """

    def log_probs(self, contexts: Tensor) -> Tensor:
        """Logarithm of the probability of every token as the next one.

        Args:
            contexts: ids of the last T tokens, int64 (N, T).

        Returns:
            float32 (N, V); the exponentials of each row add up to 1.
        """

    def nll(self, contexts: Tensor, targets: Tensor) -> Tensor:
        """Minus the logarithm of the probability of what followed, in nats, float32 (N,).

        Args:
            contexts: int64 (N, T).
            targets: int64 (N,).
        """


class Trainable(Model, Protocol):
    """A model that gradients can fit."""

    def loss_of(
        self,
        parameters: Mapping[str, Tensor],
        contexts: Tensor,
        targets: Tensor,
        mask: Tensor | None = None,
    ) -> Tensor:
        """Mean of `nll` with other values of the parameters, by which it can be differentiated.

        Args:
            parameters: by name, as the model's own.
            contexts: int64 (N, T).
            targets: int64 (N,).
            mask: of dropout, what each hidden unit's output is multiplied by, float32 (N, H), and
                then, if they are masked, the numbers of the context's embeddings.
        """
