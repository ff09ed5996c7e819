"""Gradients, angles, and 100 steps as the code shown takes them."""

from __future__ import annotations

import math
import random

import pytest
import torch

from core.config import ModelConfig, RunConfig
from core.learning import Loop, mean_loss
from core.lesson.minibatches import gradient_noise, hundred
from core.models import MLP, Parameters, initial_parameters
from core.text import Corpus, Examples

SMALL = ModelConfig(n_hidden=5, n_embd=2, block_size=2, seed=3)


@pytest.fixture(scope="module")
def few() -> Corpus:
    """Sixty words of four letters."""
    draw = random.Random(1)
    return Corpus.of_words("few", tuple("".join(draw.choices("abcd", k=4)) for _ in range(60)))


def test_gradient_is_the_finite_difference_of_the_mean_loss(few) -> None:
    examples = few.examples("all", 2)
    parameters = initial_parameters(SMALL, 5)
    gradient = gradient_noise.gradient(parameters, examples)
    flat = torch.cat([tensor.flatten() for tensor in parameters.values()])
    direction = torch.randn(len(flat), generator=torch.Generator().manual_seed(1))

    def loss(epsilon: float) -> float:
        moved, start = {}, 0
        for name, tensor in parameters.items():
            part = direction[start : start + tensor.numel()].view_as(tensor)
            moved[name] = tensor + epsilon * part
            start += tensor.numel()
        return mean_loss(MLP(SMALL, 5, Parameters(moved)), examples)

    slope = (loss(1e-3) - loss(-1e-3)) / 2e-3
    assert (gradient @ direction).item() == pytest.approx(slope, rel=0.01)


def test_pieces_add_up_to_the_whole(few, monkeypatch) -> None:
    examples = few.examples("all", 2)
    parameters = initial_parameters(SMALL, 5)
    whole = gradient_noise.gradient(parameters, examples)
    monkeypatch.setattr(gradient_noise, "CHUNK_BYTES", 200)
    torch.testing.assert_close(gradient_noise.gradient(parameters, examples), whole)


def test_a_batch_of_the_same_example_has_its_gradient(few) -> None:
    X, Y = few.examples("all", 2)
    parameters = initial_parameters(SMALL, 5)
    once = gradient_noise.gradient(parameters, Examples(X[:1], Y[:1]))
    rows = torch.zeros(4, dtype=torch.int64)
    torch.testing.assert_close(
        gradient_noise.gradient(parameters, Examples(X[rows], Y[rows])), once
    )


def test_larger_batches_point_closer_to_the_full_gradient(few) -> None:
    small, large = (gradient_noise.noise(few, SMALL, size, None) for size in (1, 256))
    assert 0 < large.median < small.median / 3
    assert len(small.angles) == 24


def test_hundred_steps_are_a_real_runs(few) -> None:
    training = hundred.training(8, 0.1, 5)
    found = hundred.hundred(few, SMALL, training)
    model = MLP(SMALL, 5)
    losses = [
        loss
        for p in Loop(model, few.examples("all", 2), training).to_the_end()
        for loss in p.losses
    ]
    assert found.losses.tolist() == losses
    assert found.total == pytest.approx(mean_loss(model, few.examples("all", 2)), rel=1e-6)
    assert found.tenths == tuple(losses[step - 1] for step in range(10, 101, 10))


def test_smoothed_is_the_mean_of_eleven(few) -> None:
    found = hundred.hundred(few, SMALL, hundred.training(8, 0.1, 5))
    assert found.smoothed[0] == pytest.approx(found.losses[:6].mean(), rel=1e-5)
    assert found.smoothed[50] == pytest.approx(found.losses[45:56].mean(), rel=1e-5)


def test_hundred_steps_of_the_tutorial_end_near_its_total(corpus) -> None:
    training = hundred.training(32, 0.1, RunConfig().training.seed)
    found = hundred.hundred(corpus, ModelConfig(), training)
    assert found.total == pytest.approx(3.747, abs=0.3)


def test_a_large_model_takes_part_of_the_examples_and_small_batches(corpus) -> None:
    large = ModelConfig(block_size=16, n_embd=64, n_hidden=1024)
    cost = 3 * 1024 * (1024 + 27)  # products of one example, by hand
    n_examples = gradient_noise.most_examples(large, 27)
    assert n_examples * cost < 5e9
    assert len(gradient_noise.stand_in(corpus, large).targets) == n_examples
    assert max(hundred.batch_sizes(corpus, large)) < 1024
    assert len(gradient_noise.stand_in(corpus, ModelConfig()).targets) == 228_146


def test_a_rate_far_too_high_is_survived(few) -> None:
    training = hundred.training(8, 10.0, 5)
    found = hundred.hundred(few, SMALL, training)
    noise = gradient_noise.noise(few, SMALL, 4, training)
    assert math.isnan(found.total) or found.total > 0
    assert len(noise.angles) == 24


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("n_some", [0, 100])
def test_the_code_shown_finds_the_same(run_code, few, monkeypatch, is_after, n_some) -> None:
    config = RunConfig(model=SMALL)
    if n_some:
        most = n_some * gradient_noise.example_cost(SMALL, 5)
        monkeypatch.setattr(gradient_noise, "_FULL_COST", most)
    again = Corpus.of_words("again", few.texts)  # nothing is kept for it
    training = hundred.training(4, 0.2, 9)
    found = hundred.hundred(again, SMALL, training)
    noise = gradient_noise.noise(again, SMALL, 4, training if is_after else None)
    code = hundred.code(config, 4, 0.2, 9, is_after, len(noise.angles), n_some)
    variables = run_code(code, config, again.texts)
    assert variables["losses"] == pytest.approx(found.losses.tolist(), rel=1e-4)
    assert variables["angles"] == pytest.approx(noise.angles, abs=0.05)


def test_the_code_takes_part_of_the_names_where_the_model_is_large() -> None:
    large = RunConfig.from_settings({"block_size": 16, "n_embd": 64, "n_hidden": 1024})
    assert "X_some" in hundred.code(large).lines
    assert "X_some" not in hundred.code(RunConfig()).lines
