"""The loss in pieces is the loss at once."""

from __future__ import annotations

import itertools
import math
from contextlib import nullcontext

import pytest
import torch
import torch.nn.functional as F

from core.config import ModelConfig
from core.learning import evaluation_steps, loss_chunks, mean_loss, nll_chunks
from core.learning.evaluation import few_evaluation_steps, some_of
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


@pytest.mark.parametrize("n_steps", [1, 40, 1_000, 25_000, 1_000_000])
def test_many_examples_are_looked_at_rarely_and_early(n_steps: int) -> None:
    steps = sorted(few_evaluation_steps(n_steps, batch_size=32))
    assert steps[0] == 0
    assert steps[-1] == n_steps
    assert len(steps) <= 20
    assert steps[1] <= 100
    # At least five, and beyond that a third of what is learned, and the first two.
    assert len(steps) <= max(5, n_steps * 32 / 30_000) + 3
    apart = [b - a for a, b in itertools.pairwise([step**0.5 for step in steps if step > 1_000])]
    assert not apart or max(apart) / min(apart) < 1.05


def test_some_have_as_many_of_each_target_and_of_each_before_it_as_all() -> None:
    """Targets 0 to 9, each twice as often as the one before; before half of each is a rare one."""
    targets = torch.repeat_interleave(torch.arange(10), 2 ** torch.arange(10))
    targets = targets[torch.randperm(len(targets), generator=torch.Generator().manual_seed(1))]
    numbers = torch.arange(len(targets))
    whole = Examples(torch.stack([numbers, 9 * (numbers % 2)], dim=1), targets)
    some = some_of(100, whole, whole)
    assert len(some.targets) == pytest.approx(102, abs=1)
    assert torch.equal(targets[some.contexts[:, 0]], some.targets)  # each with its own context
    for before in (0, 9):
        all_shares, shares = (
            torch.bincount(each.targets[each.contexts[:, 1] == before], minlength=10)
            for each in (whole, some)
        )
        assert (shares - all_shares / 10).abs().max() <= 1
    assert some_of(600, whole, whole) is whole


@pytest.mark.parametrize("n_others", [1, 2])
def test_no_chunk_depends_on_who_helps(n_others: int) -> None:
    draw = torch.Generator().manual_seed(1)
    examples = Examples(
        torch.randint(5_000, (2_100, 2), generator=draw),
        torch.randint(5_000, (2_100,), generator=draw),
    )
    model = MLP(ModelConfig(block_size=2, n_embd=5, n_hidden=20, init="scaled"), 5_000)
    alone = list(nll_chunks(model, examples))
    helped = list(nll_chunks(model, examples, lambda: nullcontext(n_others)))
    assert len(alone) == len(helped) > n_others
    assert all(map(torch.equal, alone, helped))
