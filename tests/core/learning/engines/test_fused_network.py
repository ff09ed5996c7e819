"""The quick engine on all that it serves: any vocabulary, direct connections, decay, dropout."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from core.learning import GradientDescent
from core.learning.engines import _blocks, _parts, fused
from core.learning.engines._helpers import Helpers

T, D, N, K = 3, 5, 60, 4
LARGE = 5_003  # 21 blocks, the last of them ragged

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Task:
    """Random weights, examples, batches and masks."""

    weights: Weights
    contexts: Tensor
    targets: Tensor
    batches: Tensor
    rates: Tensor
    masks: Tensor | None
    weight_decay: float

    @classmethod
    def at_random(
        cls,
        V: int,
        B: int = 32,
        H: int = 20,
        *,
        direct: bool = False,
        weight_decay: float = 0.0,
        dropout: str = "",
        n_steps: int = K,
    ) -> Task:
        draw = torch.Generator().manual_seed(V + B + H)

        def normal(*shape: int) -> Tensor:
            return 0.3 * torch.randn(*shape, generator=draw)

        weights = {
            "C": 3 * normal(V, D),
            "W1": normal(T * D, H),
            "b1": normal(H),
            "W2": normal(H, V),
            "b2": normal(V),
        }
        if direct:
            weights["W"] = normal(T * D, V)
        n_masked = H + T * D * (dropout == "of inputs too")
        return cls(
            weights,
            torch.randint(V, (N, T), generator=draw),
            torch.randint(V, (N,), generator=draw),
            torch.randint(N, (n_steps, B), generator=draw),
            torch.linspace(0.5, 0.1, n_steps),
            2.0 * (torch.rand(n_steps, B, n_masked, generator=draw) < 0.5) if dropout else None,
            weight_decay,
        )

    def fused(self, n_threads: int = 1, cuts: tuple[int, ...] = ()) -> tuple[Tensor, Weights]:
        """Losses and weights of the quick engine, its steps cut into calls before these."""
        weights = {name: tensor.clone() for name, tensor in self.weights.items()}
        ends = [0, *cuts, len(self.batches)]
        losses = []
        for start, end in itertools.pairwise(ends):
            part = slice(start, end)
            losses.append(
                fused.take_steps(
                    no_loss,
                    weights,
                    GradientDescent(weight_decay=self.weight_decay),
                    {},
                    self.contexts,
                    self.targets,
                    self.batches[part],
                    self.rates[part],
                    masks=None if self.masks is None else self.masks[part],
                    n_threads=n_threads,
                )[0]
            )
        return torch.cat(losses), weights

    def by_torch(self) -> tuple[Tensor, Weights]:
        """The same by torch's own gradients, written from the paper's equation."""
        weights = {name: tensor.clone() for name, tensor in self.weights.items()}
        losses = []
        for k, (rows, lr) in enumerate(zip(self.batches, self.rates.tolist(), strict=True)):
            leaves = {n: t.clone().requires_grad_() for n, t in weights.items() if t.numel()}
            mask = None if self.masks is None else self.masks[k]
            loss = paper_loss(leaves, self.contexts[rows], self.targets[rows], mask)
            loss.backward()
            for name, leaf in leaves.items():
                assert leaf.grad is not None
                is_matrix = leaf.ndim == 2
                keep = 1 - lr * self.weight_decay if is_matrix else 1.0
                weights[name] = keep * leaf.detach() - lr * leaf.grad
            losses.append(loss.item())
        return torch.tensor(losses), weights


def paper_loss(weights: Weights, contexts: Tensor, targets: Tensor, mask: Tensor | None) -> Tensor:
    """Mean cross-entropy of y = b2 + Wx + W2ᵀ tanh(b1 + W1ᵀ x)."""
    x, y = weights["C"][contexts].flatten(1), weights["b2"]
    n_hidden = len(weights.get("b1", ()))
    if mask is not None and mask.shape[1] > n_hidden:
        x = x * mask[:, n_hidden:]
    if "W1" in weights:
        h = torch.tanh(x @ weights["W1"] + weights["b1"])
        y = y + (h if mask is None else h * mask[:, :n_hidden]) @ weights["W2"]
    if "W" in weights:
        y = y + x @ weights["W"]
    return F.cross_entropy(y, targets)


def no_loss(*_: object) -> Tensor:
    raise AssertionError("the quick engine has its own")


def assert_same_bits(one: tuple[Tensor, Weights], other: tuple[Tensor, Weights]) -> None:
    assert torch.equal(one[0], other[0])
    for name, tensor in one[1].items():
        assert torch.equal(tensor, other[1][name]), name


EVERY_NETWORK = [(20, False), (20, True), (0, True)]  # H, and whether it has direct connections


@pytest.mark.parametrize("V", [27, fused.WIDE_FROM, LARGE])
@pytest.mark.parametrize("B", [1, 32, 33])
@pytest.mark.parametrize(("H", "direct"), EVERY_NETWORK)
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("dropout", ["", "of units", "of inputs too"])
def test_steps_are_those_of_torchs_gradients(
    V: int, B: int, H: int, direct: bool, weight_decay: float, dropout: str
) -> None:
    task = Task.at_random(V, B, H, direct=direct, weight_decay=weight_decay, dropout=dropout)
    losses, weights = task.fused()
    expected_losses, expected = task.by_torch()
    torch.testing.assert_close(losses, expected_losses, rtol=1e-5, atol=1e-6)
    for name, tensor in weights.items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("V", [27, LARGE])
@pytest.mark.parametrize(("H", "direct"), EVERY_NETWORK)
@pytest.mark.parametrize("B", [1, 33])
def test_no_bit_depends_on_threads_or_on_how_steps_are_cut(
    V: int, B: int, H: int, direct: bool
) -> None:
    task = Task.at_random(
        V, B, H, direct=direct, weight_decay=0.1, dropout="of inputs too", n_steps=7
    )
    alone = task.fused()
    for n_threads in (2, 3):
        assert_same_bits(alone, task.fused(n_threads))
    assert_same_bits(alone, task.fused(2, cuts=(1, 2, 5)))


def test_no_bit_depends_on_threads_when_many_calls_share_the_helpers() -> None:
    task = Task.at_random(LARGE, n_steps=20)
    alone, results = task.fused(), []
    threads = [threading.Thread(target=lambda: results.append(task.fused(2))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(results) == 4
    for result in results:
        assert_same_bits(alone, result)


def test_helpers_that_never_come_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task.at_random(LARGE)
    alone, late = task.fused(), []

    class NeverThere(Helpers):
        def call(self, n_helpers: int, work: Any) -> None:
            late.append(work)

    monkeypatch.setattr(fused, "HELPERS", NeverThere())
    without = task.fused(2)
    assert_same_bits(alone, without)
    weights = {name: tensor.clone() for name, tensor in without[1].items()}
    late[0]()  # one that comes after the end finds nothing to do
    assert_same_bits(without, (without[0], weights))


@pytest.mark.parametrize("V", [600, 4_096])  # rows of W2 a power of two apart, and not
def test_gradient_is_the_slope_of_the_loss(V: int) -> None:
    task = Task.at_random(V, B=9, H=4, direct=True, dropout="of inputs too", n_steps=1)
    task.rates.fill_(1.0)
    _, after = task.fused(2)
    exact = {name: tensor.double() for name, tensor in task.weights.items()}
    rows = task.batches[0]
    assert task.masks is not None
    mask = task.masks[0].double()
    draw = np.random.default_rng(V)

    def loss() -> float:
        return paper_loss(exact, task.contexts[rows], task.targets[rows], mask).item()

    for name, weight in exact.items():
        flat = weight.view(-1)
        gradient = (task.weights[name].double() - after[name].double()).view(-1)
        likely = gradient.abs().argsort(descending=True)[:5].tolist()
        for place in (*likely, *draw.integers(len(flat), size=5), len(flat) - 1):
            value, step = flat[place].item(), 1e-5
            flat[place] = value + step
            above = loss()
            flat[place] = value - step
            below = loss()
            flat[place] = value
            assert gradient[place].item() == pytest.approx((above - below) / (2 * step), abs=2e-6)


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("table", ["rows", "contexts", "targets"])
@pytest.mark.parametrize("bad", [-1, LARGE])
def test_index_out_of_range_is_refused_before_anything_changes(
    table: str, bad: int, n_threads: int
) -> None:
    task = Task.at_random(LARGE)
    before = {name: tensor.clone() for name, tensor in task.weights.items()}
    if table == "rows":
        task.batches[2, 7] = bad
    elif table == "contexts":
        task.contexts[task.batches[2, 7], 1] = bad
    else:
        task.targets[task.batches[2, 7]] = bad
    with pytest.raises(IndexError, match="outside"):
        fused.take_steps(
            no_loss, task.weights, GradientDescent(), {}, task.contexts, task.targets,
            task.batches, task.rates, n_threads=n_threads,
        )  # fmt: skip
    assert all(torch.equal(task.weights[name], before[name]) for name in before)


@pytest.mark.parametrize("V", [27, LARGE])
def test_masks_of_another_shape_are_refused(V: int) -> None:
    task = Task.at_random(V)
    with pytest.raises(ValueError, match="do not fit"):
        fused.take_steps(
            no_loss, task.weights, GradientDescent(), {}, task.contexts, task.targets,
            task.batches, task.rates, masks=torch.ones(K, 32, 19),
        )  # fmt: skip


@pytest.mark.parametrize("lr", [10.0, 1e6, 1e20, 3e38])
def test_losses_stop_being_finite_at_the_same_step_as_torchs(lr: float) -> None:
    task = Task.at_random(LARGE, B=8, n_steps=10)
    task.rates[4:] = lr
    finite = [torch.isfinite(task.fused()[0]), torch.isfinite(task.by_torch()[0])]
    assert finite[0].tolist() == finite[1].tolist()


@pytest.mark.parametrize("V", [fused.WIDE_FROM, LARGE])
@pytest.mark.parametrize(("H", "direct"), EVERY_NETWORK)
@pytest.mark.parametrize("n_examples", [0, 1, 60, 300])
def test_losses_of_single_examples_are_torchs(
    V: int, H: int, direct: bool, n_examples: int
) -> None:
    weights = Task.at_random(V, H=H, direct=direct).weights
    draw = torch.Generator().manual_seed(V)
    contexts = torch.randint(V, (n_examples, T), generator=draw)
    targets = torch.randint(V, (n_examples,), generator=draw)
    losses = fused.nll(weights, contexts, targets)
    given = {name: tensor for name, tensor in weights.items() if tensor.numel()}
    for n in range(0, n_examples, 37):
        expected = paper_loss(given, contexts[n : n + 1], targets[n : n + 1], None)
        assert losses[n].item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("bad", [-1, LARGE])
def test_losses_of_what_is_no_token_are_refused(bad: int) -> None:
    weights = Task.at_random(LARGE).weights
    for contexts, target in ((torch.tensor([[0, bad, 0]]), 0), (torch.tensor([[0, 0, 0]]), bad)):
        with pytest.raises(IndexError, match="outside"):
            fused.nll(weights, contexts, torch.tensor([target]))


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (8, 8), (9, 23), (16, 33)])
def test_large_transposed_is_the_transposed_matrix(rows: int, columns: int) -> None:
    source = np.random.default_rng(1).standard_normal((rows, 40), dtype=np.float32)
    target = np.zeros((40, 20), np.float32)
    _parts.transpose_large(source.reshape(-1), 40, target.reshape(-1), 20, rows, columns)
    np.testing.assert_array_equal(target[:columns, :rows], source.T[:columns])
    assert not target[columns:].any()
    assert not target[:, rows:].any()


def test_exp_of_a_block_leaves_out_what_is_no_token() -> None:
    scores = np.full((2, _blocks.BLOCK), np.nan, np.float32)
    scores[:, :16] = -np.inf
    scores[:, :3] = [[1.0, 3.0, 2.0], [-np.inf, -np.inf, -np.inf]]
    tops, totals = np.empty((2, 2), np.float32)
    _blocks.exp_block(scores.reshape(-1), 0, 2, 3, tops, totals)
    assert tops.tolist() == [3.0, -np.inf]
    np.testing.assert_allclose(totals, [np.exp(-2) + 1 + np.exp(-1), 0.0], rtol=1e-6)


@pytest.mark.parametrize("dropout", ["", "of units", "of inputs too"])
def test_looking_ahead_takes_the_loss_of_one_more_batch_and_changes_no_bit(dropout: str) -> None:
    task = Task.at_random(27, dropout=dropout)
    losses, weights = task.fused(cuts=(K - 1,))
    ahead = {name: tensor.clone() for name, tensor in task.weights.items()}
    found, _ = fused.take_steps(
        no_loss, ahead, GradientDescent(), {}, task.contexts, task.targets, task.batches,
        task.rates[:-1], masks=None if task.masks is None else task.masks[:-1], looks_ahead=True,
    )  # fmt: skip
    before_last = {name: tensor.clone() for name, tensor in ahead.items()}
    assert torch.equal(found[:-1], losses[:-1])
    rows = task.batches[-1]
    expected = paper_loss(before_last, task.contexts[rows], task.targets[rows], None)
    assert found[-1].item() == pytest.approx(expected.item(), rel=1e-5)
    assert not torch.equal(weights["b2"], ahead["b2"])  # of that batch no step was taken
