"""The network: a table of embeddings, one tanh hidden layer, and a score for each token."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from core.config import ModelConfig
from core.models.seam import Parameters

Array = TypeVar("Array", Tensor, NDArray[Any])


def parameter_shapes(
    vocab_size: int, block_size: int, n_embd: int, n_hidden: int
) -> dict[str, tuple[int, ...]]:
    """Shape of each of the five tensors, by name, in the order in which they are sampled.

    >>> parameter_shapes(vocab_size=27, block_size=3, n_embd=2, n_hidden=100)["W1"]
    (6, 100)
    """
    return {
        "C": (vocab_size, n_embd),  # embeddings
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }


SATURATED = 0.97  # |h| above which a tanh unit counts as saturated; its slope is below 0.06
FEW = 64  # contexts; numpy takes less time than torch to begin, so it scores these sooner
PARAMETER_NAMES = tuple(parameter_shapes(1, 1, 1, 1))


def initial_parameters(config: ModelConfig, vocab_size: int) -> Parameters:
    """Sample the weights of a new model from one generator, seeded by `config.seed`.

    'normal' is the tutorial's: every number from N(0, 1). 'scaled' keeps the same numbers and
    multiplies W1 by 5/3 over the root of its fan-in (He et al. 2015, with tanh's gain), b1 and W2
    by 0.01 and b2 by 0, so that fewer units start saturated and the first loss is near ln V.

    >>> initial_parameters(ModelConfig(), vocab_size=27)["C"][0]  # the tutorial's first numbers
    tensor([ 1.5674, -0.2373])
    """
    generator = torch.Generator().manual_seed(config.seed)
    shapes = parameter_shapes(vocab_size, config.block_size, config.n_embd, config.n_hidden)
    parameters = Parameters(
        {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    )
    if config.init == "scaled":
        parameters["W1"].mul_(5 / 3 / math.sqrt(config.block_size * config.n_embd))
        parameters["b1"].mul_(0.01)
        parameters["W2"].mul_(0.01)
        parameters["b2"].zero_()
    return parameters


def hidden(parameters: Mapping[str, Array], contexts: Array) -> Array:
    """Outputs of the hidden units, h = tanh(b1 + W1ᵀ x), float32 (N, H); see `logits`."""
    C, W1, b1 = parameters["C"], parameters["W1"], parameters["b1"]
    x = C[contexts].reshape(len(contexts), len(W1))  # (N, T·D)
    h: Array = _tanh(x @ W1 + b1)
    return h


def logits(parameters: Mapping[str, Array], contexts: Array) -> Array:
    """Score every token as the next one, with these parameters: the forward pass.

    y = b2 + W2ᵀ tanh(b1 + W1ᵀ x), where x is the concatenated embeddings of the context:
    equation (1) of Bengio et al. (2003) without its direct connections.

    Args:
        parameters: C (V, D), W1 (T·D, H), b1 (H,), W2 (H, V), b2 (V,), torch's or numpy's.
        contexts: ids of the last T tokens, int64 (N, T), of the same library.

    Returns:
        Unnormalised log-probabilities, float32 (N, V).
    """
    y: Array = hidden(parameters, contexts) @ parameters["W2"] + parameters["b2"]
    return y


def _tanh(z: Array) -> Array:
    if isinstance(z, Tensor):
        return torch.tanh(z)
    h: NDArray[Any] = np.tanh(z)
    return h


class MLP:
    """The network of Bengio et al. (2003), equation (1), without its direct connections.

    >>> model = MLP(ModelConfig(), vocab_size=27)
    >>> model.n_parameters, model.logits(torch.tensor([[0, 0, 5]])).shape
    (3481, torch.Size([1, 27]))

    Attributes:
        config: its sizes.
        vocab_size: V, tokens it knows, the boundary among them.
        parameters: C, W1, b1, W2, b2; an engine changes them in place.
    """

    def __init__(
        self, config: ModelConfig, vocab_size: int, parameters: Parameters | None = None
    ) -> None:
        """Sample new weights, or take over `parameters` as they are."""
        self.config = config
        self.vocab_size = vocab_size
        self.parameters = parameters or initial_parameters(config, vocab_size)

    @property
    def block_size(self) -> int:
        """T, tokens of context."""
        return self.config.block_size

    @property
    def width(self) -> int:
        """The most numbers that one example takes on its way through."""
        return max(self.config.n_hidden, self.block_size * self.config.n_embd, self.vocab_size)

    @cached_property
    def _arrays(self) -> dict[str, NDArray[np.float32]]:
        """The parameters as numpy has them, on the same storage."""
        return {name: tensor.detach().numpy() for name, tensor in self.parameters.items()}

    @property
    def C(self) -> Tensor:
        """Embeddings, float32 (V, D)."""
        return self.parameters["C"]

    @property
    def W1(self) -> Tensor:
        """Weights of the hidden layer, float32 (T·D, H)."""
        return self.parameters["W1"]

    @property
    def b1(self) -> Tensor:
        """Biases of the hidden layer, float32 (H,)."""
        return self.parameters["b1"]

    @property
    def W2(self) -> Tensor:
        """Weights of the output layer, float32 (H, V)."""
        return self.parameters["W2"]

    @property
    def b2(self) -> Tensor:
        """Biases of the output layer, float32 (V,)."""
        return self.parameters["b2"]

    @property
    def n_parameters(self) -> int:
        """How many numbers the model learns: 3,481 at the tutorial's sizes."""
        return self.parameters.n_parameters

    def hidden(self, contexts: Tensor) -> Tensor:
        """Outputs of the hidden units, float32 (N, H); see `hidden`."""
        self._check(contexts)
        return hidden(self.parameters, contexts)

    def logits(self, contexts: Tensor) -> Tensor:
        """Score every token as the next one; see `logits`.

        Args:
            contexts: ids of the last T tokens, int64, shape (N, T).

        Returns:
            Unnormalised log-probabilities, float32, shape (N, V).

        Raises:
            ValueError: if contexts is not (N, T).
        """
        self._check(contexts)
        if len(contexts) > FEW:
            return logits(self.parameters, contexts)
        with np.errstate(all="ignore"):  # of weights that diverged, as torch does
            return torch.from_numpy(logits(self._arrays, contexts.numpy()))

    def log_probs(self, contexts: Tensor) -> Tensor:
        """Logarithm of the probability of every token as the next one, float32 (N, V)."""
        return F.log_softmax(self.logits(contexts), dim=1)

    def nll(self, contexts: Tensor, targets: Tensor) -> Tensor:
        """Minus the logarithm of the probability of what followed, in nats, float32 (N,)."""
        return F.cross_entropy(self.logits(contexts), targets, reduction="none")

    @staticmethod
    def loss_of(parameters: Mapping[str, Tensor], contexts: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropy with these parameters, in nats per token; can be differentiated."""
        return F.cross_entropy(logits(parameters, contexts), targets)

    def _check(self, contexts: Tensor) -> None:
        if contexts.ndim != 2 or contexts.shape[1] != self.block_size:
            raise ValueError(
                f"contexts must be (N, {self.block_size}), got {tuple(contexts.shape)}"
            )
