"""Chapter 2: the size of the paper's network beside ours."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from core.config import RunConfig
from core.models import MLP
from core.text import Examples


@dataclass(frozen=True)
class Layer:
    """A tensor of the network: its name, what it does and its shape."""

    symbol: str
    about: str
    shape: tuple[int, ...]

    @property
    def n_parameters(self) -> int:
        """How many numbers it has."""
        count = 1
        for length in self.shape:
            count *= length
        return count


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes of a network of Bengio et al. (2003), equation (1), without direct connections.

    >>> Sizes(vocab_size=27, n_embd=2, block_size=3, n_hidden=100).n_parameters
    3481
    """

    vocab_size: int  # V, words or characters
    n_embd: int  # D
    block_size: int  # T
    n_hidden: int  # H

    @property
    def n_inputs(self) -> int:
        """Numbers that go into the hidden layer: T·D."""
        return self.block_size * self.n_embd

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The five tensors, in the order in which they are sampled."""
        return (
            Layer("C", "embeddings", (self.vocab_size, self.n_embd)),
            Layer("W1", "inputs to hidden units", (self.n_inputs, self.n_hidden)),
            Layer("b1", "biases of the hidden units", (self.n_hidden,)),
            Layer("W2", "hidden units to scores", (self.n_hidden, self.vocab_size)),
            Layer("b2", "biases of the scores", (self.vocab_size,)),
        )

    @property
    def n_parameters(self) -> int:
        """Numbers in all tensors."""
        return sum(layer.n_parameters for layer in self.layers)

    @property
    def n_cells(self) -> int:
        """Cells of a table of counts with as much context: V to the power of T + 1."""
        return int(self.vocab_size ** (self.block_size + 1))

    @property
    def n_direct(self) -> int:
        """Parameters of the paper's optional connections from the inputs to the scores: T·D·V."""
        return self.n_inputs * self.vocab_size


def paper_sizes(n_hidden: int = 100) -> Sizes:
    """The paper's round figures, section 1.1, with the tutorial's three words of context.

    The tutorial leaves the hidden units open; the paper's experiments have 50 to 100.
    """
    return Sizes(vocab_size=17_000, n_embd=30, block_size=3, n_hidden=n_hidden)


def our_sizes(config: RunConfig, vocab_size: int) -> Sizes:
    """The sizes of the settings."""
    model = config.model
    return Sizes(
        vocab_size=vocab_size,
        n_embd=model.n_embd,
        block_size=model.block_size,
        n_hidden=model.n_hidden,
    )


def mean_log_likelihood(model: MLP, examples: Examples) -> float:
    """Mean of ln p of the character that came, in nats; the loss is its negative."""
    with torch.no_grad():
        log_probs = F.log_softmax(model.logits(examples.contexts), dim=1)  # (N, V)
        return log_probs[torch.arange(len(log_probs)), examples.targets].mean().item()
