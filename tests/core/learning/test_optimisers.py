"""Optimisers against torch's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from core.learning import Adam, GradientDescent, Optimiser

Torch = Callable[[list[Tensor]], torch.optim.Optimizer]


def targets() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(3)
    return {name: torch.randn(3, 2, generator=generator) for name in ("one", "two")}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (GradientDescent(), lambda p: torch.optim.SGD(p, lr=0.1)),
        (GradientDescent(0.01), lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.01)),
        (Adam(), lambda p: torch.optim.Adam(p, lr=0.1)),
        (Adam(0.01), lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.01)),
    ],
)
def test_ten_updates_are_those_of_torch(ours: Optimiser, theirs: Torch) -> None:
    wanted = targets()
    mine = {name: torch.ones(3, 2) for name in wanted}
    others = {name: torch.ones(3, 2, requires_grad=True) for name in wanted}
    state, by_torch = ours.init(mine), theirs(list(others.values()))
    for _ in range(10):
        gradients = {name: 2 * (mine[name] - wanted[name]) for name in mine}
        updates, state = ours.update(gradients, state, 0.1, mine)
        mine = {name: mine[name] + updates[name] for name in mine}
        by_torch.zero_grad()
        loss = sum(((others[name] - wanted[name]) ** 2).sum() for name in others)
        assert isinstance(loss, Tensor)
        loss.backward()
        by_torch.step()
    for name, tensor in mine.items():
        torch.testing.assert_close(tensor, others[name].detach(), rtol=1e-5, atol=1e-6)


def test_biases_do_not_decay() -> None:
    parameters = {"W1": torch.ones(2, 2), "b1": torch.ones(2)}
    nothing = {name: torch.zeros_like(tensor) for name, tensor in parameters.items()}
    updates, _ = GradientDescent(0.5).update(nothing, {}, 0.1, parameters)
    assert updates["W1"].tolist() == [[pytest.approx(-0.05)] * 2] * 2
    assert updates["b1"].tolist() == [0, 0]
