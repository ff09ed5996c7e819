"""The angle between a minibatch's gradient and the full one, and the time each takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from core.config import ModelConfig, TrainingConfig
from core.learning import CHUNK_BYTES, ENGINES, Loop
from core.models import MLP, Parameters, initial_parameters
from core.runs import SEATS
from core.text import Corpus, Examples, kept

MEASURED_SIZES = (1, 4, 16, 64, 256, 1024, 4096)  # shown in the curves, beside the one chosen

# Costs in multiplications; a tanh, exp or look-up counts as 40. A core does 15 to 50 · 10⁹ a
# second.
_FUNCTION = 40
_FULL_COST = 5e9  # of one gradient or loss over 'all' examples
_LARGEST_BATCH_COST = 2e9
_NOISE_COST = 1.2e9  # of all batches of one size
_TIMING_COST = 2e8  # of the steps that are timed in one go


@dataclass(frozen=True)
class Noise:
    """Angles between the full gradient and those of random batches of one size, in degrees."""

    batch_size: int
    angles: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median of the angles; nan where a gradient is not finite."""
        return torch.tensor(self.angles).median().item()


@dataclass(frozen=True, eq=False)
class Full:
    """The gradient to compare a minibatch's with.

    Attributes:
        gradient: of all parameters, one after the other, float32 (P,).
        seconds: that it takes over all examples, by what it took.
    """

    gradient: Tensor
    seconds: float


def example_cost(model: ModelConfig, vocab_size: int) -> int:
    """Multiplications for one example, forward and backward; backward takes twice as many."""
    inputs, H, V = model.block_size * model.n_embd, model.n_hidden, vocab_size
    return 3 * H * (inputs + V) + _FUNCTION * (inputs + H + V)


def most_examples(model: ModelConfig, vocab_size: int) -> int:
    """How many examples' gradient takes less than a second; they are used in place of all."""
    return int(_FULL_COST / example_cost(model, vocab_size))


def stand_in(corpus: Corpus, model: ModelConfig) -> Examples:
    """All examples, or a random sample that a large model gets through in time.

    Returns:
        X int64 (M, T) and Y int64 (M,).
    """
    most = most_examples(model, len(corpus.vocabulary))
    examples = corpus.examples("all", model.block_size)
    return examples if len(examples.targets) <= most else _sampled(corpus, model, most)


def measured_sizes(corpus: Corpus, model: ModelConfig, chosen: int) -> list[int]:
    """The sizes at which noise and time are measured, with the chosen one, rising."""
    cost = example_cost(model, len(corpus.vocabulary))
    most = min(len(stand_in(corpus, model).targets), _LARGEST_BATCH_COST / cost)
    return sorted({chosen, *(size for size in MEASURED_SIZES if size <= most)})


@kept(most=2)
def trained(
    corpus: Corpus, model: ModelConfig, config: TrainingConfig
) -> tuple[Parameters, NDArray[np.float32]]:
    """Take the steps of `config` on all names from the initial weights.

    Returns:
        The weights, not to be changed, and the loss of each batch, float32 (steps,).
    """
    network = MLP(model, len(corpus.vocabulary))
    loop = Loop(network, corpus.examples("all", model.block_size), config)
    losses = [progress.losses for progress in SEATS.in_turn(loop.to_the_end())]
    return network.parameters, np.concatenate(losses)


def gradient(parameters: Parameters, examples: Examples) -> Tensor:
    """The gradient of the mean loss for all parameters, one after the other, float32 (P,)."""
    *_, total = _gradient_chunks(parameters, examples)
    return total


@kept(most=3)
def full(corpus: Corpus, model: ModelConfig, after: TrainingConfig | None) -> Full:
    """The gradient over all examples, or over the sample used in their place.

    Args:
        corpus: the words.
        model: sizes and seed of the initial weights.
        after: the 100 steps after which it is taken; at the initial weights with None.
    """
    examples = stand_in(corpus, model)
    chunks = _gradient_chunks(_weights(corpus, model, after), examples)
    n_all = len(corpus.examples("all", model.block_size).targets)
    found, seconds = torch.zeros(0), 0.0
    while True:
        with SEATS:
            started = time.perf_counter()
            chunk = next(chunks, None)
            seconds += time.perf_counter() - started
        if chunk is None:
            return Full(found, seconds * n_all / len(examples.targets))
        found = chunk


@kept(most=32)
def noise(
    corpus: Corpus, model: ModelConfig, batch_size: int, after: TrainingConfig | None
) -> Noise:
    """Draw batches of one size, and measure the angles of their gradients to the full one.

    The angle of gradients g and G is arccos(g·G / |g||G|), over all parameters at once.

    Args:
        corpus: the words.
        model: sizes and seed of the initial weights; the batches are sampled with the seed.
        batch_size: B.
        after: the 100 steps after which it is measured; at the initial weights with None.
    """
    exact = full(corpus, model, after).gradient
    parameters = _weights(corpus, model, after)
    X, Y = stand_in(corpus, model)
    generator = torch.Generator().manual_seed(model.seed)
    angles = []
    for _ in range(repeats(corpus, model, batch_size)):
        rows = torch.randint(0, len(Y), (batch_size,), generator=generator)
        with SEATS:
            rough = gradient(parameters, Examples(X[rows], Y[rows]))
        angles.append(_angle(rough, exact))
    return Noise(batch_size, tuple(angles))


def repeats(corpus: Corpus, model: ModelConfig, batch_size: int) -> int:
    """How many batches of this size the noise is measured with."""
    cost = batch_size * example_cost(model, len(corpus.vocabulary))
    return max(3, min(24, int(_NOISE_COST / cost)))


@kept(most=64)
def step_seconds(corpus: Corpus, model: ModelConfig, batch_size: int) -> float:
    """Seconds for one step of the tutorial's loop, the quickest of five tries on this machine."""
    examples = stand_in(corpus, model)
    parameters = initial_parameters(model, len(corpus.vocabulary))
    cost = batch_size * example_cost(model, len(corpus.vocabulary))
    n_steps = max(1, min(20, int(_TIMING_COST / cost)))
    generator = torch.Generator().manual_seed(model.seed)
    shape = (n_steps, batch_size)
    batches = torch.randint(0, len(examples.targets), shape, generator=generator)
    seconds = []
    for _ in range(5):
        with SEATS:
            started = time.perf_counter()
            ENGINES["autograd"](parameters, *examples, batches, torch.full((n_steps,), 0.1))
            seconds.append((time.perf_counter() - started) / n_steps)
    return min(seconds)


@kept(most=2)
def _sampled(corpus: Corpus, model: ModelConfig, count: int) -> Examples:
    return corpus.examples("all", model.block_size).sampled(count, model.seed)


def _weights(corpus: Corpus, model: ModelConfig, after: TrainingConfig | None) -> Parameters:
    if after is None:
        return initial_parameters(model, len(corpus.vocabulary))
    return trained(corpus, model, after)[0]


def _gradient_chunks(parameters: Parameters, examples: Examples) -> Iterator[Tensor]:
    """The gradient's sum so far after each chunk, divided by the number of all examples."""
    leaves = Parameters({n: t.detach().requires_grad_() for n, t in parameters.items()})
    n_rows = max(1, CHUNK_BYTES // (4 * max(map(max, (t.shape for t in leaves.values())))))
    total = torch.zeros(parameters.n_parameters)
    n_examples = len(examples.targets)
    for start in range(0, n_examples, n_rows):
        X, Y = (part[start : start + n_rows] for part in examples)
        loss = MLP.loss_of(leaves, X, Y) * (len(Y) / n_examples)
        found = torch.autograd.grad(loss, tuple(leaves.values()))
        total += torch.cat([part.flatten() for part in found])
        yield total


def _angle(one: Tensor, other: Tensor) -> float:
    cosine = F.cosine_similarity(one.double(), other.double(), dim=0).clamp(-1, 1)
    return torch.rad2deg(torch.acos(cosine)).item()
