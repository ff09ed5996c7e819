"""100 steps with minibatches, and the chapter's lines of torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.config import LrSchedule, ModelConfig, RunConfig, TrainingConfig
from core.learning import loss_chunks
from core.lesson.chapter import Code
from core.lesson.minibatches import gradient_noise as noise
from core.models import MLP
from core.runs import SEATS
from core.text import Corpus, kept

STEPS = 100
BATCH_SIZES = tuple(2**power for power in range(11))  # to choose from
SMOOTHED_OVER = 11  # steps
_RUN_COST = 25e9  # of 100 steps, in multiplications


@dataclass(frozen=True, eq=False)
class Hundred:
    """Losses of 100 steps.

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


_N_OF_THE_NAMES = 228_146  # examples of the embedded names, with 27 characters


def code(
    config: RunConfig,
    batch_size: int = 32,
    lr: float = 0.1,
    batch_seed: int | None = None,
    is_after: bool = False,
    n_batches: int = 24,
    n_some: int | None = None,
) -> Code:
    """The 100 steps, the loss over all examples, and the angles of some batches' gradients.

    Args:
        config: sizes and seed.
        batch_size: B.
        lr: the learning rate.
        batch_seed: of the batches; the settings' when there is none.
        is_after: measure the angles after the 100 steps, not at the initial weights.
        n_batches: whose angle is measured.
        n_some: so many examples stand for all; 0 where all are taken. What the embedded names
            need when it is not given.
    """
    seed = config.training.seed if batch_seed is None else batch_seed
    if n_some is None:
        most = noise.most_examples(config.model, 27)
        n_some = most if most < _N_OF_THE_NAMES else 0
    X, Y = ("X_some", "Y_some") if n_some else ("X_all", "Y_all")
    draw = f"""g = torch.Generator().manual_seed(seed)
few = torch.randperm(len(X_all), generator=g)[:{n_some}]  # they stand for all
X_some, Y_some = X_all[few], Y_all[few]

"""
    return Code(
        ("all_names", "training"),
        f"""{draw if n_some else ""}parameters = initial_parameters()
losses = train(
    parameters, X_all, Y_all, [{lr:g}] * {STEPS}, batch_size={batch_size}, batch_seed={seed}
)
for step in range({STEPS // 10}, {STEPS + 1}, {STEPS // 10}):
    print(step, losses[step - 1])
print("total loss", mean_loss(parameters, {X}, {Y}))
print({STEPS} * {batch_size} / len(X_all), "epochs")

def gradient(parameters, X, Y):
    \"\"\"Of all parameters, one after the other.\"\"\"
    for p in parameters:
        p.requires_grad = True
    loss = F.cross_entropy(scores(parameters, X), Y)
    return torch.cat([part.flatten() for part in torch.autograd.grad(loss, parameters)])

weights = {"parameters" if is_after else "initial_parameters()"}
full = gradient(weights, {X}, {Y})
g = torch.Generator().manual_seed(seed)
angles = []
for _ in range({n_batches}):
    rows = torch.randint(0, len({X}), ({batch_size},), generator=g)
    cosine = F.cosine_similarity(gradient(weights, {X}[rows], {Y}[rows]), full, dim=0)
    angles.append(torch.rad2deg(torch.acos(cosine)).item())
print("median angle", torch.tensor(angles).median().item(), "degrees")""",
    )
