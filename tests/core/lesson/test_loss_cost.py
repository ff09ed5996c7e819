"""What the two ways to the loss cost: the graph is counted, the clock is given."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from core.lesson.cross_entropy.loss_cost import WAYS, costs, graph


@pytest.fixture
def logits(generator: torch.Generator) -> Tensor:
    return torch.randn((6, 4), generator=generator)


@pytest.fixture
def targets() -> Tensor:
    return torch.tensor([0, 1, 2, 3, 0, 1])


def test_both_ways_are_the_same_loss_and_gradient(logits: Tensor, targets: Tensor) -> None:
    found = []
    for way in WAYS.values():
        leaf = logits.clone().requires_grad_()
        loss = way(leaf, targets)
        loss.backward()
        assert leaf.grad is not None
        found.append((loss.item(), leaf.grad))
    (by_hand, slope), (by_library, other_slope) = found
    assert by_hand == pytest.approx(by_library, rel=1e-5)
    assert torch.allclose(slope, other_slope, atol=1e-6)
    # The gradient in closed form: (softmax - one-hot) / N.
    expected = torch.softmax(logits, 1)
    expected[torch.arange(6), targets] -= 1
    assert torch.allclose(slope, expected / 6, atol=1e-6)


def test_by_hand_there_are_seven_operations_and_four_tensors(
    logits: Tensor, targets: Tensor
) -> None:
    found = graph(WAYS["by hand"], logits, targets)
    assert found.operations == ("Exp", "Sum", "Div", "Index", "Log", "Mean", "Neg")
    # Counts once although two operations saved them, their sums, row numbers, what the truth got.
    assert sorted(found.kept) == [(6,), (6,), (6, 1), (6, 4)]
    assert found.n_numbers == 6 + 6 + 6 + 24


def test_the_library_keeps_the_log_probabilities_and_one_number(
    logits: Tensor, targets: Tensor
) -> None:
    found = graph(WAYS["cross_entropy"], logits, targets)
    assert found.operations == ("LogSoftmax", "NllLoss")
    assert sorted(found.kept) == [(), (6, 4)]
    assert found.n_numbers == 25


def test_costs_are_medians_of_the_clock(logits: Tensor, targets: Tensor) -> None:
    # Every reading is a millisecond after the last: 1 ms there and 1 ms back, in both ways.
    ticks = itertools.count()
    found = costs(logits, targets, repeats=3, clock=lambda: next(ticks) / 1000)
    assert list(found) == ["by hand", "cross_entropy"]
    for cost in found.values():
        assert cost.forward_us == pytest.approx(1000)
        assert cost.us("both") == pytest.approx(2000)
    assert next(ticks) == 3 * 2 * 3


def test_a_slow_moment_does_not_move_the_median(logits: Tensor, targets: Tensor) -> None:
    readings = iter([0.0, 1.0, 2.0, *range(2, 5), 5.0, 99.0, 100.0, *range(100, 103), *range(6)])
    cost = costs(logits, targets, repeats=3, clock=lambda: float(next(readings)))["by hand"]
    assert (cost.forward_us, cost.backward_us) == pytest.approx((1e6, 1e6))
