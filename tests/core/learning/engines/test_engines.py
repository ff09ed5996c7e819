"""Both engines: the tutorial's losses, finite differences, and each other."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.config import InitialWeights, ModelConfig
from core.learning import ENGINES
from core.learning.engines import Engine
from core.models import Parameters, initial_parameters
from core.text import Vocabulary, build_contexts, load_names

TUTORIALS_LOSSES = [
    17.769712, 13.656403, 11.298769, 9.452457, 7.984262,
    6.891321, 6.100014, 5.452036, 4.898152, 4.414664,
]  # fmt: skip

autograd, fused = ENGINES["autograd"], ENGINES["fused"]
each_engine = pytest.mark.parametrize("engine", [autograd, fused], ids=lambda each: each.name)


class Task:
    """Random examples and batches, and weights to begin with, all from one seed."""

    def __init__(
        self, seed: int, *, T: int, D: int, H: int, B: int, V: int, N: int = 50, K: int = 1,
        lr: float = 0.1, init: InitialWeights = "scaled",
    ) -> None:  # fmt: skip
        generator = torch.Generator().manual_seed(seed)
        config = ModelConfig(block_size=T, n_embd=D, n_hidden=H, seed=seed, init=init)
        self.parameters = initial_parameters(config, V)
        self.contexts = torch.randint(V, (N, T), generator=generator)
        self.targets = torch.randint(V, (N,), generator=generator)
        self.batches = torch.randint(N, (K, B), generator=generator)
        self.learning_rates = torch.full((K,), lr)

    def after(self, engine: Engine) -> tuple[torch.Tensor, Parameters]:
        """The losses and the weights that an engine comes to."""
        parameters = self.parameters.copy()
        losses = engine(parameters, self.contexts, self.targets, self.batches, self.learning_rates)
        return losses, parameters

    def gradient(self, engine: Engine) -> list[NDArray[np.float64]]:
        """∂L/∂θ as the first step shows it: (θ before - θ after) / lr."""
        _, after = self.after(engine)
        return [
            (old.double() - new.double()).numpy() / self.learning_rates[0].item()
            for old, new in zip(self.parameters.values(), after.values(), strict=True)
        ]


def random_task(seed: int) -> Task:
    """Sizes over the whole range of the settings, as long as 100 steps take little time."""
    draw = np.random.default_rng(seed)
    highest = {"T": 16, "D": 64, "H": 1024, "B": 1024, "V": 201, "N": 10_000}
    lowest = {"V": 2}
    while True:
        sizes = {
            name: round(np.exp(draw.uniform(np.log(lowest.get(name, 1)), np.log(high))))
            for name, high in highest.items()
        }
        if sizes["B"] * sizes["H"] * (sizes["T"] * sizes["D"] + sizes["V"]) < 2e6:
            return Task(seed, **sizes, K=100, lr=float(draw.uniform(0.01, 0.2)))


@each_engine
def test_first_ten_losses_are_the_tutorials(engine: Engine) -> None:
    names = load_names()
    vocabulary = Vocabulary.from_words(names)
    contexts, targets = build_contexts(names[:5], vocabulary, 3)
    assert len(targets) == 32
    parameters = initial_parameters(ModelConfig(), len(vocabulary))
    losses = engine(
        parameters, contexts, targets, torch.arange(32).repeat(10, 1), torch.full((10,), 0.1)
    )
    assert losses.tolist() == pytest.approx(TUTORIALS_LOSSES, rel=5e-6)


@pytest.mark.parametrize("seed", range(25))
def test_engines_agree_over_100_steps_at_sizes_drawn_at_random(seed: int) -> None:
    assert_engines_agree(random_task(seed))


@pytest.mark.parametrize(
    "sizes",
    [
        {"T": 1, "D": 1, "H": 1, "B": 1, "V": 2, "N": 1},
        {"T": 16, "D": 64, "H": 1024, "B": 1024, "V": 201},
        {"T": 16, "D": 64, "H": 1, "B": 1, "V": 201},
        {"T": 1, "D": 1, "H": 1024, "B": 1, "V": 2},
        {"T": 1, "D": 1, "H": 1, "B": 1024, "V": 201},
        {"T": 3, "D": 5, "H": 16, "B": 16, "V": 16},  # whole vectors, the biases among them
        {"T": 4, "D": 4, "H": 17, "B": 128, "V": 17},
    ],
)
def test_engines_agree_at_the_borders_of_the_settings(sizes: dict[str, Any]) -> None:
    assert_engines_agree(Task(1, **sizes, K=2))


def assert_engines_agree(task: Task) -> None:
    losses, parameters = task.after(fused)
    expected_losses, expected_parameters = task.after(autograd)
    assert losses.shape == expected_losses.shape
    assert losses.dtype == torch.float32
    torch.testing.assert_close(losses, expected_losses, rtol=1e-4, atol=1e-6)
    for mine, theirs in zip(parameters.values(), expected_parameters.values(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4)


@each_engine
@pytest.mark.parametrize(
    ("T", "D", "H", "B", "V"), [(3, 2, 5, 8, 6), (1, 1, 1, 1, 2), (4, 3, 9, 20, 18)]
)
def test_gradient_is_the_slope_of_the_loss(
    engine: Engine, T: int, D: int, H: int, B: int, V: int
) -> None:
    task = Task(3, T=T, D=D, H=H, B=B, V=V, lr=1.0, init="normal")
    rows = task.batches[0]
    contexts, targets = task.contexts[rows].numpy(), task.targets[rows].numpy()
    weights = [tensor.double().numpy() for tensor in task.parameters.values()]

    def loss() -> float:
        C, W1, b1, W2, b2 = weights
        y = np.tanh(C[contexts].reshape(B, -1) @ W1 + b1) @ W2 + b2
        scores = np.take_along_axis(y, targets[:, None], axis=1)[:, 0]
        return float(np.mean(np.log(np.exp(y).sum(axis=1)) - scores))

    for weight, gradient in zip(weights, task.gradient(engine), strict=True):
        for place in itertools.product(*map(range, weight.shape)):
            value, step = weight[place], 1e-5
            weight[place] = value + step
            above = loss()
            weight[place] = value - step
            below = loss()
            weight[place] = value
            assert gradient[place] == pytest.approx((above - below) / (2 * step), abs=2e-6)


@each_engine
def test_row_drawn_twice_counts_twice(engine: Engine) -> None:
    task = Task(5, T=3, D=2, H=7, B=1, V=4, lr=1.0)
    gradients = {}
    for rows in [(3,), (8,), (3, 8, 3)]:
        task.batches = torch.tensor([rows])
        gradients[rows] = task.gradient(engine)
    for one, other, together in zip(*gradients.values(), strict=True):
        np.testing.assert_allclose(together, (2 * one + other) / 3, atol=1e-6)


@each_engine
def test_gradients_of_a_character_add_up_over_its_places(engine: Engine) -> None:
    task = Task(5, T=4, D=3, H=7, B=1, V=4, lr=1.0)
    task.contexts[0] = torch.tensor([2, 2, 2, 2])
    task.contexts[1] = torch.tensor([0, 1, 2, 3])
    task.batches[0, 0] = 1
    task.parameters["C"][:] = task.parameters["C"][2]  # so that both contexts read the same numbers
    task.targets[0] = task.targets[1]
    apart = task.gradient(engine)[0]
    task.batches[0, 0] = 0
    together = task.gradient(engine)[0]
    np.testing.assert_allclose(together[2], apart.sum(axis=0), atol=1e-6)
    assert not together[[0, 1, 3]].any()


@pytest.mark.parametrize("init", ["scaled", "normal"])
@pytest.mark.parametrize("seed", range(4))
def test_losses_stop_being_finite_at_the_same_step(seed: int, init: InitialWeights) -> None:
    task = Task(seed, T=3, D=2, H=20, B=8, V=9, K=10, init=init)
    task.learning_rates[3 + seed :] = 3e38
    finite = [torch.isfinite(task.after(engine)[0]).tolist() for engine in (fused, autograd)]
    assert finite[0] == finite[1]
    assert False in finite[0]


@pytest.mark.parametrize("lr", [10.0, 1e3, 1e6, 1e12, 1e20, 1e30])
@pytest.mark.parametrize("seed", range(4))
def test_saturated_units_stay_finite_as_long_in_both(lr: float, seed: int) -> None:
    task = Task(seed, T=3, D=2, H=20, B=8, V=9, K=40, lr=lr)
    finite = [torch.isfinite(task.after(engine)[0]).tolist() for engine in (fused, autograd)]
    assert finite[0] == finite[1]


@each_engine
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_bad_number_in_the_weights_shows_in_the_loss_that_reads_it(
    engine: Engine, bad: float
) -> None:
    task = Task(2, T=2, D=2, H=20, B=8, V=9, K=5)
    task.contexts.clamp_(max=7)
    task.contexts[0, 0] = 8
    task.parameters["C"][8] = torch.tensor([bad, -bad])
    task.parameters["W1"][:2] = 1.0  # inf - inf in the sum
    task.batches.clamp_(min=1)
    task.batches[3, 5] = 0
    losses, _ = task.after(engine)
    assert torch.isfinite(losses).tolist() == [True, True, True, False, False]


@each_engine
def test_parameters_may_require_gradients_and_are_updated_in_place(engine: Engine) -> None:
    task = Task(2, T=2, D=2, H=20, B=8, V=9)
    _, expected = task.after(engine)
    leaves = [tensor.clone().requires_grad_() for tensor in task.parameters.values()]
    losses = engine(leaves, task.contexts, task.targets, task.batches, task.learning_rates)
    assert not losses.requires_grad
    for leaf, tensor in zip(leaves, expected.values(), strict=True):
        assert torch.equal(leaf, tensor)


@each_engine
def test_no_steps_give_no_losses_and_change_nothing(engine: Engine) -> None:
    task = Task(2, T=2, D=2, H=20, B=8, V=9, K=0)
    losses, parameters = task.after(engine)
    assert losses.shape == (0,)
    assert all(map(torch.equal, parameters.values(), task.parameters.values()))
