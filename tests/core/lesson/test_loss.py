"""The costs of the examples, and the steps that bring them down."""

from __future__ import annotations

import math

import pytest
import torch

from core.config import ModelConfig, RunConfig
from core.lesson import loss
from core.lesson.tutorial import printed
from core.models import MLP
from core.text import Corpus, Examples


def test_a_cost_is_minus_the_logarithm_of_the_right_ones_probability(by_hand: MLP) -> None:
    found = loss.costs(by_hand, Examples(torch.tensor([[1], [1]]), torch.tensor([2, 0])))
    assert found.tolist() == pytest.approx([math.log(8 / 5), math.log(8)])


def test_steps_give_the_tutorials_losses(examples) -> None:
    found = [
        loss.costs(loss.after(RunConfig(), 27, examples, steps), examples).mean().item()
        for steps in range(3)
    ]
    assert found == pytest.approx(printed("ten_losses")[:3], rel=1e-5)


def test_other_seeds_give_other_losses_and_the_same_seed_the_same(examples) -> None:
    config = ModelConfig()
    first, second, tutorial = loss.losses_of_seeds(config, 27, examples, [1, 2, config.seed])
    assert first != second
    assert tutorial == pytest.approx(17.769712, abs=1e-4)


def test_scaled_weights_start_near_a_guess(examples) -> None:
    config = ModelConfig(init="scaled")
    (found,) = loss.losses_of_seeds(config, 27, examples, [config.seed])
    assert found == pytest.approx(math.log(27), abs=0.05)


def test_the_code_shown_finds_the_same_costs(run_code, corpus: Corpus) -> None:
    examples = corpus.examples("first_five", 3)
    variables = run_code(loss.code(RunConfig(), 5))
    mine = loss.costs(loss.after(RunConfig(), 27, examples, 5), examples)
    assert variables["nll"].tolist() == pytest.approx(mine.tolist(), rel=1e-4)
