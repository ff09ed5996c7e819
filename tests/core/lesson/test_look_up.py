"""The look-ups are the same numbers, and the code shown finds them too."""

from __future__ import annotations

import torch

from core.config import RunConfig
from core.lesson import look_up
from core.models import initial_parameters


def test_row_and_product_are_the_same_numbers() -> None:
    C = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    found = look_up.look_up(C, 1)
    assert found.row.tolist() == [3.0, 4.0]
    assert found.one_hot.tolist() == [0.0, 1.0, 0.0]
    assert torch.equal(found.product, found.row)


def test_the_code_shown_looks_up_the_same(run_code, examples) -> None:
    config = RunConfig.from_settings({"n_embd": 3, "seed": 5})
    C = initial_parameters(config.model, 27)["C"]
    variables = run_code(look_up.code(config, "m"), config)
    assert variables["i"] == 13
    assert torch.equal(variables["C"], C)
    assert torch.equal(variables["emb"], C[examples.contexts])


def test_the_code_fits_a_short_context(run_code) -> None:
    config = RunConfig.from_settings({"block_size": 1})
    assert run_code(look_up.code(config), config)["emb"].shape == (32, 1, 2)
