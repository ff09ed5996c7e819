"""Chapter 10: how far a minibatch's gradient points from the full one, and what a step takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.config import LrSchedule, ModelConfig, TrainingConfig
from core.learning import loss_chunks
from core.lesson.minibatches import gradient_noise as noise
from core.models import MLP
from core.runs import SEATS
from core.text import Corpus, kept

STEPS = 100


BATCH_SIZES = tuple(2**power for power in range(11))  # to choose from


SMOOTHED_OVER = 11  # steps


_RUN_COST = 25e9  # of 100 steps, in products


@dataclass(frozen=True, eq=False)
class Hundred:
    """What 100 steps did.

    Attributes:
        losses: of each batch before its update, float32 (100,).
        total: the loss afterwards over the examples that `stand_in` gives.
    """

    losses: NDArray[np.float32]
    total: float

    @property
    def tenths(self) -> tuple[float, ...]:
        """The losses at steps 10, 20, … 100, as the tutorial prints them."""
        return tuple(self.losses[STEPS // 10 - 1 :: STEPS // 10].tolist())

    @property
    def smoothed(self) -> NDArray[np.float64]:
        """Mean of the 11 losses around each, of fewer at the ends, float64 (100,)."""
        window = np.ones(SMOOTHED_OVER)
        counts = np.convolve(np.ones(len(self.losses)), window, mode="same")
        means: NDArray[np.float64] = np.convolve(self.losses, window, mode="same") / counts
        return means


def batch_sizes(corpus: Corpus, model: ModelConfig) -> list[int]:
    """The sizes to choose from: no larger than the data, and 100 steps within about a second."""
    cost = STEPS * noise.example_cost(model, len(corpus.vocabulary))
    n_examples = len(noise.stand_in(corpus, model).targets)
    return [size for size in BATCH_SIZES if size * cost <= _RUN_COST and size <= n_examples]


def training(batch_size: int, lr: float, seed: int) -> TrainingConfig:
    """The settings of 100 steps at one rate on all names."""
    return TrainingConfig(
        steps=STEPS,
        batch_size=batch_size,
        lr_schedule=LrSchedule(base_lr=lr, decay_steps=()),
        seed=seed,
        train_on="all",
    )


@kept(most=32)
def hundred(corpus: Corpus, model: ModelConfig, config: TrainingConfig) -> Hundred:
    """Take 100 steps from the initial weights, and the loss over all examples afterwards."""
    parameters, losses = noise.trained(corpus, model, config)
    network = MLP(model, len(corpus.vocabulary), parameters)
    *_, (seen, total) = SEATS.in_turn(loss_chunks(network, noise.stand_in(corpus, model)))
    return Hundred(losses, total / seen)
