"""The loss in pieces is the loss at once."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from core.config import ModelConfig
from core.learning import evaluation_steps, mean_loss
from core.learning.evaluation import loss_chunks
from core.models import MLP
from core.text import Corpus, Examples


@pytest.mark.parametrize(
    "config",
    [ModelConfig(), ModelConfig(block_size=8, n_embd=64, n_hidden=5), ModelConfig(n_hidden=700)],
)
def test_pieces_add_up_to_the_cross_entropy_of_all_at_once(
    config: ModelConfig, corpus: Corpus
) -> None:
    model = MLP(config, len(corpus.vocabulary))
    examples = corpus.examples("test", config.block_size)
    pieces = list(loss_chunks(model, examples))
    at_once = F.cross_entropy(model.logits(examples.contexts).double(), examples.targets).item()
    assert len(pieces) > 1
    assert pieces[-1][1] / pieces[-1][0] == pytest.approx(at_once, rel=1e-6)
    assert mean_loss(model, examples) == pytest.approx(at_once, rel=1e-6)


def test_pieces_count_every_example_once(corpus: Corpus) -> None:
    examples = corpus.examples("val", 3)
    seen = [count for count, _ in loss_chunks(MLP(ModelConfig(), 27), examples)]
    assert seen == sorted(set(seen))
    assert seen[-1] == len(examples.targets)


def test_a_model_that_knows_nothing_scores_ln_27(examples: Examples) -> None:
    model = MLP(ModelConfig(), 27)
    model.W2.zero_()
    model.b2.zero_()
    assert mean_loss(model, examples) == pytest.approx(math.log(27), rel=1e-6)


def test_evaluation_leaves_the_weights_as_they_were(examples: Examples) -> None:
    model = MLP(ModelConfig(), 27)
    before = model.parameters.copy()
    mean_loss(model, examples)
    assert all(torch.equal(before[name], model.parameters[name]) for name in before)


def test_no_examples_have_no_loss() -> None:
    none = Examples(torch.empty(0, 3, dtype=torch.int64), torch.empty(0, dtype=torch.int64))
    assert math.isnan(mean_loss(MLP(ModelConfig(), 27), none))


@pytest.mark.parametrize(
    ("n_steps", "first"),
    [
        (1, [0, 1]),
        (40, [0, 2, 4]),
        (2_000, [0, 10, 20, 50, 100, 200]),
        (2_020, [0, 10, 20, 50, 100, 101, 202]),
        (30_000, [0, 10, 20, 50, 100, 200, 500, 1_000, 1_500, 3_000]),
        (1_000_000, [0, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000]),
    ],
)
def test_a_long_run_is_validated_early_too(n_steps: int, first: list[int]) -> None:
    steps = sorted(evaluation_steps(n_steps))
    assert steps[: len(first)] == first
    assert steps[-1] == n_steps
    few = evaluation_steps(n_steps, are_many=True)
    assert few <= {100, 1_000, 10_000, n_steps, *range(0, n_steps, max(1, n_steps // 20))}
