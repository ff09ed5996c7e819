"""The pass by hand is right, and the code shown makes the same one."""

from __future__ import annotations

import math

import pytest
import torch

from core.config import RunConfig
from core.lesson import forward
from core.models import MLP
from core.text import Corpus, Examples


def model_of(**sizes: int) -> MLP:
    return MLP(RunConfig.from_settings(sizes).model, 27)


def test_a_pass_by_hand_made_numbers(by_hand: MLP) -> None:
    found = forward.forward(by_hand, Examples(torch.tensor([[1], [1]]), torch.tensor([2, 0])))
    assert found.hidden.tolist() == [[0.0], [0.0]]
    assert found.counts[0].tolist() == pytest.approx([1, 2, 5])
    assert found.probabilities[0].tolist() == pytest.approx([1 / 8, 2 / 8, 5 / 8])
    assert found.nll.tolist() == pytest.approx([math.log(8 / 5), math.log(8)])
    assert found.loss == pytest.approx((math.log(8 / 5) + math.log(8)) / 2)
    assert found.n_saturated(0) == 0


def test_the_tutorials_weights_give_its_loss(examples) -> None:
    found = forward.forward(model_of(), examples)
    assert found.loss == pytest.approx(17.769712, abs=1e-4)
    assert [tuple(found.stage(name).shape) for name in forward.STAGES] == [
        (32, 3, 2),
        (32, 100),
        (32, 27),
        (32, 27),
        (32, 27),
    ]
    assert found.sums == "1.0000 each"
    assert found.probabilities.sum(1).tolist() == pytest.approx([1.0] * 32, abs=1e-6)


def test_a_saturated_unit_is_beyond_a_hundredth_of_the_end(examples) -> None:
    model = model_of(n_hidden=4)
    model.parameters["W1"].zero_()
    model.parameters["b1"].copy_(torch.tensor([-9.0, 9.0, 0.5, -0.5]))
    assert forward.forward(model, examples).n_saturated(31) == 2


def test_a_count_beyond_float32_makes_the_row_nan(examples) -> None:
    model = model_of()
    model.parameters["W2"].zero_()
    model.parameters["b2"].zero_()[3] = 100.0
    found = forward.forward(model, examples)
    assert math.isinf(found.counts[0, 3])
    assert math.isnan(found.probabilities[0, 3])
    assert found.sums == "nan each"


@pytest.mark.parametrize("sizes", [{}, {"block_size": 1, "n_embd": 1, "n_hidden": 1, "seed": 5}])
def test_the_code_shown_makes_the_same_pass(run_code, capsys, corpus: Corpus, sizes) -> None:
    config = RunConfig.from_settings(sizes)
    found = forward.forward(
        MLP(config.model, 27), corpus.examples("first_five", config.model.block_size)
    )
    variables = run_code(forward.code(config, 7), config)
    assert torch.allclose(variables["probs"], found.probabilities, atol=1e-6)
    assert variables["nll"].tolist() == pytest.approx(found.nll.tolist(), rel=1e-4)
    assert variables["loss"].item() == pytest.approx(found.loss, rel=1e-5)
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == str(MLP(config.model, 27).n_parameters)
    context = ("." * config.model.block_size + "ol")[-config.model.block_size :]
    assert any(line.startswith(f"{context} → i ") for line in printed)
