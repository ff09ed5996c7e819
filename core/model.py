"""The network: a table of embeddings, one tanh hidden layer, and a score for each character."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from core.config import ModelConfig


class Parameters(NamedTuple):
    """The five float32 tensors of the network, in the order in which they are drawn."""

    C: Tensor  # (V, D) embeddings
    W1: Tensor  # (T·D, H)
    b1: Tensor  # (H,)
    W2: Tensor  # (H, V)
    b2: Tensor  # (V,)

    def copy(self) -> Parameters:
        """The same values in tensors of their own."""
        return Parameters(*(tensor.clone() for tensor in self))

    def copy_from(self, other: Parameters) -> None:
        """Take over the values of `other` in place."""
        for mine, theirs in zip(self, other, strict=True):
            mine.copy_(theirs)

    @property
    def n_parameters(self) -> int:
        """How many numbers there are in all."""
        return sum(tensor.numel() for tensor in self)


def initial_parameters(config: ModelConfig, vocab_size: int) -> Parameters:
    """Draw the weights of a new model from one generator, seeded by `config.seed`.

    'normal' is the tutorial's: every number from N(0, 1). 'scaled' keeps the same draws and
    multiplies W1 by 5/3 over the root of its fan-in (He et al. 2015, with tanh's gain), b1 and W2
    by 0.01 and b2 by 0, so that fewer units start saturated and the first loss is near ln V.
    """
    generator = torch.Generator().manual_seed(config.seed)
    fan_in = config.block_size * config.n_embd
    shapes = (
        (vocab_size, config.n_embd),
        (fan_in, config.n_hidden),
        (config.n_hidden,),
        (config.n_hidden, vocab_size),
        (vocab_size,),
    )
    drawn = Parameters(*(torch.randn(shape, generator=generator) for shape in shapes))
    if config.init == "scaled":
        drawn.W1.mul_(5 / 3 / math.sqrt(fan_in))
        drawn.b1.mul_(0.01)
        drawn.W2.mul_(0.01)
        drawn.b2.zero_()
    return drawn


class MLP:
    """The network of Bengio et al. (2003), equation (1), without its direct connections.

    Attributes:
        config: its sizes.
        vocab_size: V, characters it knows, the boundary among them.
        parameters: C, W1, b1, W2, b2; an engine changes them in place.
    """

    def __init__(
        self, config: ModelConfig, vocab_size: int, parameters: Parameters | None = None
    ) -> None:
        """Draw new weights, or take over `parameters` as they are."""
        self.config = config
        self.vocab_size = vocab_size
        self.parameters = parameters or initial_parameters(config, vocab_size)

    @property
    def C(self) -> Tensor:
        """Embeddings, float32 (V, D)."""
        return self.parameters.C

    @property
    def W1(self) -> Tensor:
        """Weights of the hidden layer, float32 (T·D, H)."""
        return self.parameters.W1

    @property
    def b1(self) -> Tensor:
        """Biases of the hidden layer, float32 (H,)."""
        return self.parameters.b1

    @property
    def W2(self) -> Tensor:
        """Weights of the output layer, float32 (H, V)."""
        return self.parameters.W2

    @property
    def b2(self) -> Tensor:
        """Biases of the output layer, float32 (V,)."""
        return self.parameters.b2

    @property
    def n_parameters(self) -> int:
        """How many numbers the model learns: 3,481 at the tutorial's sizes."""
        return self.parameters.n_parameters

    def logits(self, contexts: Tensor) -> Tensor:
        """Score every character as the next one.

        y = b2 + W2ᵀ tanh(b1 + W1ᵀ x), where x is the concatenated embeddings of the context:
        equation (1) of Bengio et al. (2003) without its direct connections.

        Args:
            contexts: indices of the last T characters, int64, shape (N, T).

        Returns:
            Unnormalised log-probabilities, float32, shape (N, V).

        Raises:
            ValueError: if contexts is not (N, T).
        """
        if contexts.ndim != 2 or contexts.shape[1] != self.config.block_size:
            raise ValueError(
                f"contexts must be (N, {self.config.block_size}), got {tuple(contexts.shape)}"
            )
        x = self.C[contexts].flatten(start_dim=1)  # (N, T·D)
        h = torch.tanh(x @ self.W1 + self.b1)  # (N, H)
        return h @ self.W2 + self.b2
