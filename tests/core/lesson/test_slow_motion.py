"""A step in slow motion: its numbers against autograd, finite differences and the engines."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from core.config import EngineName, ModelConfig, TrainingConfig
from core.learning import Loop
from core.lesson.backward.gradients import by_hand, finite_difference
from core.lesson.slow_motion import (
    Phase,
    Stage,
    StepExplained,
    explain_step,
    is_explained,
    largest_move,
    rows_of_step,
    stages,
    telling_example,
)
from core.models import MLP
from core.text import Examples, embedded_corpus

CONFIG = TrainingConfig(steps=20)
UNITS = [3, 40, 99]


def batch_of(step: int, config: TrainingConfig = CONFIG) -> Examples:
    X, Y = embedded_corpus().examples("train", 3)
    rows = rows_of_step(config, len(Y), step)
    assert rows is not None
    return Examples(X[rows], Y[rows])


def told_of(explained: StepExplained, units: list[int]) -> dict[Phase, Stage]:
    vocabulary = embedded_corpus().vocabulary
    return {stage.phase: stage for stage in stages(explained, vocabulary, 1, units)}


def moved_most(explained: StepExplained) -> tuple[str, tuple[int, ...]]:
    found = largest_move(explained, UNITS)
    assert found is not None
    return found


@pytest.mark.parametrize("engine", ["fused", "autograd"])
def test_a_step_explained_is_the_step_that_the_engine_takes(engine: EngineName) -> None:
    config = replace(CONFIG, engine=engine, weight_decay=1e-3)
    model = MLP(ModelConfig(), vocab_size=27)
    loop = Loop(model, embedded_corpus().examples("train", 3), config)
    while loop.step < 7:
        loop.advance(7 - loop.step)
    explained = explain_step(model, batch_of(7, config), loop.lr, weight_decay=1e-3)
    progress = loop.advance(1)
    assert explained.loss_before == pytest.approx(float(progress.losses[0]), rel=1e-5)
    for name, tensor in model.parameters.items():
        torch.testing.assert_close(explained.weights[name], tensor, rtol=1e-4, atol=1e-5)


def test_gradients_are_those_by_hand_and_those_of_a_nudge() -> None:
    model, batch = MLP(ModelConfig(), vocab_size=27), batch_of(0)
    explained = explain_step(model, batch, 0.1)
    for name, gradient in by_hand(model.parameters, batch).items():
        torch.testing.assert_close(explained.gradients[name], gradient, rtol=1e-3, atol=1e-5)
    name, index = moved_most(explained)
    nudged = finite_difference(model, batch, name, index)
    assert explained.gradients[name][index].item() == pytest.approx(nudged, rel=1e-3)
    assert index[0] in UNITS
    some = explained.gradients[name][UNITS].abs()
    assert some.max() == explained.gradients[name][index].abs()


def test_errors_are_the_gradient_of_one_examples_loss_for_its_scores() -> None:
    model, batch = MLP(ModelConfig(), vocab_size=27), batch_of(0)
    explained = explain_step(model, batch, 0.1, example=5)
    X, y = batch.contexts[5:6], batch.targets[5:6]
    logits = model.logits(X).double().requires_grad_()
    loss = torch.nn.functional.cross_entropy(logits, y)
    (gradient,) = torch.autograd.grad(loss, logits)
    torch.testing.assert_close(explained.errors, gradient[0], rtol=1e-4, atol=1e-6)
    assert explained.errors.sum().item() == pytest.approx(0, abs=1e-9)
    assert explained.target == int(y)


def test_the_model_stays_as_it_is() -> None:
    model = MLP(ModelConfig(), vocab_size=27)
    before = model.parameters.copy()
    explain_step(model, batch_of(0), 0.1)
    for name, tensor in before.items():
        assert torch.equal(tensor, model.parameters[name])


def test_rows_of_a_large_batch_are_all_and_too_many_are_not_drawn_again() -> None:
    rows = rows_of_step(CONFIG, 10, 3)
    assert rows is not None
    assert rows.tolist() == list(range(10))
    assert rows_of_step(replace(CONFIG, batch_size=1024), 5000, 900_000) is None


def test_the_example_to_follow_has_no_boundary_in_its_context() -> None:
    contexts = torch.tensor([[0, 0, 1], [0, 2, 3], [4, 5, 6], [7, 8, 9]])
    assert telling_example(Examples(contexts, torch.tensor([1, 2, 3, 4]))) == 2
    assert telling_example(Examples(contexts[:2], torch.tensor([1, 2]))) == 0


def test_only_plain_steps_are_explained() -> None:
    assert is_explained(CONFIG)
    assert is_explained(replace(CONFIG, weight_decay=1e-3))
    assert not is_explained(replace(CONFIG, optimiser="adam"))
    assert not is_explained(replace(CONFIG, dropout=0.5))


def test_stages_tell_the_numbers_of_this_very_step() -> None:
    model, batch = MLP(ModelConfig(init="scaled"), vocab_size=27), batch_of(0)
    example = telling_example(batch)
    explained = explain_step(model, batch, 0.1, example=example)
    told = {
        stage.phase: stage for stage in stages(explained, embedded_corpus().vocabulary, 1, UNITS)
    }
    assert list(told) == ["batch", "embeddings", "hidden", "scores", "loss", "gradient", "update"]
    vocabulary = embedded_corpus().vocabulary
    context = vocabulary.decode(batch.contexts[example].tolist())
    assert f"number {example + 1}: after “{context}”" in told["batch"].text
    p = torch.softmax(model.logits(batch.contexts[example : example + 1])[0], 0)[explained.target]
    assert f"−ln {p:.3f} = {-math.log(p):.3f}" in told["loss"].text
    assert f"{explained.loss_before:.3f}" in told["loss"].text
    name, (unit, token) = moved_most(explained)
    assert f"{name}[{unit}, {token}]" in told["update"].text
    moved = f"{explained.weights[name][unit, token]:.4f}".replace("-", "−")
    assert moved in told["update"].text
    assert "-" not in told["update"].text  # a minus is a minus, not a hyphen


@pytest.mark.parametrize(
    ("config", "scores"),
    [
        (ModelConfig(n_hidden=0, direct=True), "logits = emb.view(-1, 6) @ W + b2"),
        (ModelConfig(direct=True), "logits = h @ W2 + emb.view(-1, 6) @ W + b2"),
        (ModelConfig(n_embd=6, n_hidden=6, tied=True), "logits = h @ C.T + b2"),
    ],
)
def test_the_code_is_of_the_network_that_learns(config: ModelConfig, scores: str) -> None:
    model = MLP(config, vocab_size=27)
    units = [] if not config.n_hidden else [1, 2]
    explained = explain_step(model, batch_of(0), 0.1)
    told = {
        stage.phase: stage for stage in stages(explained, embedded_corpus().vocabulary, 1, units)
    }
    assert told["scores"].code == scores
    assert ("hidden" in told) is bool(config.n_hidden)
