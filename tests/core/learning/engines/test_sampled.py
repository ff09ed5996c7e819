"""Sampled softmax: its candidates, its gradient against the full one, and who is served."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.config import ModelConfig, TrainingConfig
from core.learning import ENGINES, Loop
from core.learning.engines import engine_for, sampled
from core.learning.optimisers import GradientDescent
from core.models import MLP, Parameters, initial_parameters

V, T, D, H, B = 600, 2, 3, 5, 8


@dataclass
class Task:
    """Random examples of unequal tokens, and weights to begin with."""

    parameters: Parameters
    contexts: torch.Tensor
    targets: torch.Tensor
    direct: bool

    @classmethod
    def random(cls, seed: int, *, direct: bool = False) -> Task:
        draw = np.random.default_rng(seed)
        config = ModelConfig(
            block_size=T, n_embd=D, n_hidden=H, init="scaled", seed=seed, direct=direct
        )
        shares = 1 / np.arange(1, V + 1)
        targets = draw.choice(V, 4000, p=shares / shares.sum())
        contexts = draw.integers(V, size=(4000, T))
        parameters = initial_parameters(config, V)
        for tensor in parameters.values():
            tensor.add_(torch.from_numpy(draw.normal(0, 0.3, tuple(tensor.shape))).float())
        return cls(parameters, torch.from_numpy(contexts), torch.from_numpy(targets), direct)

    def after(
        self, batches: torch.Tensor, lr: float = 0.1, masks: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, Parameters]:
        parameters = self.parameters.copy()
        losses, _ = sampled.take_steps(
            MLP.loss_of, parameters, GradientDescent(), {}, self.contexts, self.targets, batches,
            torch.full((len(batches),), lr), masks,
        )  # fmt: skip
        return losses, parameters


def candidates(task: Task, batch: NDArray[np.int64], n_draws: int) -> list[int]:
    """As the engine's docstring has them, in Python's own whole numbers."""
    whole = (1 << 64) - 1

    def mixed(z: int) -> int:
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & whole
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & whole
        return z ^ (z >> 31)

    golden = 0x9E3779B97F4A7C15
    state = golden
    for row in batch.tolist():
        state = mixed((state + golden + row) & whole)
    lots = sampled.Proposal.of(task.targets.numpy(), V).lots
    found = [int(task.targets[row]) for row in batch]
    for _ in range(n_draws):
        state = (state + golden) & whole
        found.append(int(lots[((mixed(state) >> 32) * len(lots)) >> 32]))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("n_masked", [0, H, H + T * D])
def test_a_step_is_that_of_autograd_over_its_candidates(direct: bool, n_masked: int) -> None:
    task = Task.random(3, direct=direct)
    batch = torch.arange(40, 40 + B)
    masks = None
    if n_masked:
        generator = torch.Generator().manual_seed(1)
        masks = (torch.rand((1, B, n_masked), generator=generator) < 0.7).float()
    chosen = candidates(task, batch.numpy(), sampled.N_DRAWS)
    chances = sampled.Proposal.of(task.targets.numpy(), V).log_chances(sampled.N_DRAWS, B)
    leaves = {name: t.double().requires_grad_() for name, t in task.parameters.items()}
    x = leaves["C"][task.contexts[batch]].flatten(1)
    if n_masked > H:
        assert masks is not None
        x = x * masks[0, :, H:].double()
    h = torch.tanh(x @ leaves["W1"] + leaves["b1"])
    if masks is not None:
        h = h * masks[0, :, :H].double()
    y = h @ leaves["W2"] + leaves["b2"]
    if direct:
        y = y + x @ leaves["W"]
    corrected = (y - torch.from_numpy(chances).double())[:, chosen]
    places = torch.tensor([chosen.index(int(task.targets[row])) for row in batch])
    torch.nn.functional.cross_entropy(corrected, places).backward()
    losses, after = task.after(batch[None], lr=0.5, masks=masks)
    for name, leaf in leaves.items():
        assert leaf.grad is not None
        expected = task.parameters[name].double() - 0.5 * leaf.grad
        torch.testing.assert_close(after[name].double(), expected, rtol=0, atol=3e-6)
    own = y.gather(1, task.targets[batch][:, None])[:, 0]
    others = corrected.exp().sum(1) - corrected.gather(1, places[:, None])[:, 0].exp()
    estimate = (torch.log(others + own.exp()) - own).mean()
    assert losses[0].item() == pytest.approx(estimate.item(), abs=1e-5)


def test_the_chance_to_be_among_the_candidates_is_what_it_is_said_to_be() -> None:
    task, draw, n = Task.random(4), np.random.default_rng(4), 4000
    chances = np.exp(sampled.Proposal.of(task.targets.numpy(), V).log_chances(64, B))
    seen = np.zeros(V)
    for _ in range(n):
        seen[candidates(task, draw.integers(4000, size=B), 64)] += 1
    error = np.sqrt(chances * (1 - chances) / n)
    away = (seen / n - chances) / np.maximum(error, 1e-4)
    assert np.abs(away).max() < 5  # of 600, by chance
    assert 0.8 < away.std() < 1.2


def gradient(task: Task, batches: torch.Tensor) -> NDArray[np.float64]:
    """Mean of the steps' own gradients of W2, each from the same weights."""
    steps = [task.after(batch[None], lr=1.0)[1]["W2"].double() for batch in batches]
    return (task.parameters["W2"].double() - torch.stack(steps).mean(0)).numpy()


def test_the_gradient_comes_to_the_full_one_the_more_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = Task.random(5)
    batches = torch.randint(4000, (400, B), generator=torch.Generator().manual_seed(5))
    full = []
    for batch in batches:
        leaves = {name: t.detach().requires_grad_() for name, t in task.parameters.items()}
        loss = MLP.loss_of(leaves, task.contexts[batch], task.targets[batch])
        full.append(torch.autograd.grad(loss, leaves["W2"])[0].double().numpy())
    exact = np.mean(full, axis=0)
    away = []
    for n_draws in (16, 256, 20_000):
        monkeypatch.setattr(sampled, "N_DRAWS", n_draws)
        off = gradient(task, batches) - exact
        away.append(float(np.linalg.norm(off) / np.linalg.norm(exact)))
    assert away[0] > 2 * away[1] > 4 * away[2]
    assert away[2] < 0.02


def test_no_bit_depends_on_how_the_steps_are_cut() -> None:
    task = Task.random(6)
    batches = torch.randint(4000, (9, B), generator=torch.Generator().manual_seed(6))
    losses, whole = task.after(batches)
    found = [task.after(batches[:4])]
    task.parameters = found[0][1]
    found.append(task.after(batches[4:]))
    assert torch.equal(torch.cat([loss for loss, _ in found]), losses)
    assert all(torch.equal(found[1][1][name], whole[name]) for name in whole)


def test_what_is_never_drawn_is_not_moved_and_bad_rows_change_nothing() -> None:
    task = Task.random(7)
    batch = torch.arange(B)
    chosen = candidates(task, batch.numpy(), sampled.N_DRAWS)
    _, after = task.after(batch[None])
    others = np.setdiff1d(np.arange(V), chosen)
    assert len(others) > 100
    assert torch.equal(after["W2"][:, others], task.parameters["W2"][:, others])
    before = task.parameters.copy()
    with pytest.raises(IndexError, match="step 0"):
        task.after(torch.full((1, B), 4000))
    assert all(torch.equal(task.parameters[name], before[name]) for name in before)


def test_it_serves_large_vocabularies_by_gradient_descent_and_else_the_next_best_does() -> None:
    config = ModelConfig(block_size=T, n_embd=D, n_hidden=H, init="scaled")
    large, small = MLP(config, V), MLP(config, 27)
    assert engine_for("sampled", large, GradientDescent()) is ENGINES["sampled"]
    assert engine_for("sampled", small, GradientDescent()) is ENGINES["fused"]
    assert engine_for("sampled", large, GradientDescent(weight_decay=1e-4)) is ENGINES["fused"]
    tied = MLP(ModelConfig(block_size=T, n_embd=H, n_hidden=H, init="scaled", tied=True), V)
    assert engine_for("sampled", tied, GradientDescent()) is ENGINES["autograd"]


def test_a_run_learns_and_goes_on_from_where_it_was_saved() -> None:
    task = Task.random(8)
    training = TrainingConfig(
        steps=60, batch_size=B, engine="sampled", dropout=0.2, embedding_dropout=0.1
    )
    model_config = ModelConfig(block_size=T, n_embd=D, n_hidden=H, init="small")

    def loop() -> Loop:
        return Loop(MLP(model_config, V), (task.contexts, task.targets), training)

    one, other = loop(), loop()
    list(one.to_the_end())
    while other.step < 20:
        other.advance(max_steps=7)
    saved = other.save()
    assert saved is not None
    third = loop()
    third.go_on_from(saved)
    list(third.to_the_end())
    for name, tensor in one.state.parameters.items():
        assert torch.equal(tensor, third.state.parameters[name]), name
