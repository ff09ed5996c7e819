"""The page's own steps of gradient descent, held against the engine's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from core.config import RunConfig
from core.learning import optimiser_of
from core.learning.engines import ENGINES
from core.models import MLP

pytestmark = pytest.mark.browser

V, N_STEPS = 11, 30
TRAIN = """async ({ flat, sizes, contexts, targets, batches, rate, decay }) => {
  const { Descent, lossOver, weightsOf } = await import("/model/mlp.js")
  const weights = Float32Array.from(flat)
  const descent = new Descent(weights, sizes, batches[0].length, decay)
  const losses = batches.map((rows) => descent.step(contexts, targets, rows, rate))
  return [losses, [...weights], lossOver(weightsOf(weights, sizes), sizes, { contexts, targets })]
}"""


@pytest.mark.parametrize(
    ("settings", "batch"),
    [
        ({"block_size": 3, "n_embd": 2, "n_hidden": 100}, 32),
        ({"block_size": 2, "n_embd": 3, "n_hidden": 7}, 5),  # nothing is a multiple of four
        ({"block_size": 1, "n_embd": 5, "n_hidden": 6, "direct": True, "weight_decay": 1e-3}, 1),
        ({"block_size": 4, "n_embd": 4, "n_hidden": 0, "direct": True}, 8),
    ],
)
def test_losses_and_weights_are_autograds(
    modules: Page, settings: dict[str, Any], batch: int
) -> None:
    config = RunConfig.from_settings({"init": "scaled", **settings})
    T, D, H = config.model.block_size, config.model.n_embd, config.model.n_hidden
    rng = np.random.default_rng(1)
    contexts, targets = rng.integers(0, V, (60, T)), rng.integers(0, V, 60)
    batches = rng.integers(0, 60, (N_STEPS, batch))
    model, optimiser = MLP(config.model, V), optimiser_of(config.training)

    def flat() -> list[float]:
        found = [each.reshape(-1) for each in model.parameters.values()]
        return torch.cat(found).tolist()

    given = {
        "flat": flat(),
        "sizes": {"V": V, "D": D, "T": T, "H": H, "isDirect": config.model.direct, "isTied": False},
        "contexts": contexts.reshape(-1).tolist(),
        "targets": targets.tolist(),
        "batches": batches.tolist(),
        "rate": 0.3,
        "decay": config.training.weight_decay,
    }
    losses, weights, over_all = modules.evaluate(TRAIN, given)
    examples = torch.from_numpy(contexts), torch.from_numpy(targets)
    expected, _ = ENGINES["autograd"].take_steps(
        MLP.loss_of, model.parameters, optimiser, {},
        *examples, torch.from_numpy(batches), torch.full((N_STEPS,), 0.3),
    )  # fmt: skip
    np.testing.assert_allclose(losses, expected.numpy(), atol=1e-5)
    np.testing.assert_allclose(weights, flat(), atol=1e-5)
    assert over_all == pytest.approx(MLP.loss_of(model.parameters, *examples).item(), abs=1e-5)
