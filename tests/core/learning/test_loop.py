"""A run: its losses do not depend on how it is cut, and it finds its way back from a divergence."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from core.config import EngineName, LrSchedule, ModelConfig, TrainingConfig
from core.errors import ConfigError
from core.learning import ENGINES, GradientDescent, Loop, TrainState, final_losses, mean_loss
from core.models import MLP
from core.text import Corpus, Examples

GOLDEN: tuple[float, ...] = (17.769712, 13.656403, 11.298769, 9.452457, 7.984262)
GOLDEN += (6.891321, 6.100014, 5.452036, 4.898152, 4.414664)


@pytest.fixture
def few(corpus: Corpus) -> Examples:
    """The first 2,000 training examples: enough to draw from, quick to evaluate."""
    contexts, targets = corpus.examples("train", 3)
    return Examples(contexts[:2000], targets[:2000])


def start_of(config: TrainingConfig) -> TrainState:
    return TrainState.initial(MLP(ModelConfig(), 27), GradientDescent(), config.seed)


def losses_of(under_way: Loop, cuts: Sequence[int | None]) -> np.ndarray:
    losses = []
    for turn in range(100_000):
        if under_way.is_finished:
            break
        losses.append(under_way.advance(cuts[turn % len(cuts)]).losses)
    return np.concatenate(losses)


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_first_ten_losses_are_the_tutorials(engine: EngineName, corpus: Corpus) -> None:
    config = TrainingConfig(steps=10, engine=engine)
    progress = Loop(MLP(ModelConfig(), 27), corpus.examples("first_five", 3), config).to_the_end()
    losses = np.concatenate([piece.losses for piece in progress])
    assert losses == pytest.approx(GOLDEN, rel=5e-6)


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_losses_are_the_same_bit_for_bit_however_the_run_is_cut(
    engine: EngineName, few: Examples
) -> None:
    config = TrainingConfig(steps=300, engine=engine)
    ways = ([None], [1], [7, 1, 100], [64])
    runs = [losses_of(Loop(MLP(ModelConfig(), 27), few, config), cuts) for cuts in ways]
    for other in runs[1:]:
        np.testing.assert_array_equal(runs[0], other)


def test_evaluating_on_the_way_does_not_change_the_losses(few: Examples) -> None:
    config = TrainingConfig(steps=200, engine="autograd")
    plain = losses_of(Loop(MLP(ModelConfig(), 27), few, config), [None])
    evaluated = losses_of(Loop(MLP(ModelConfig(), 27), few, config, validation=few), [None])
    np.testing.assert_array_equal(plain, evaluated)


def test_batches_are_those_of_one_seeded_generator() -> None:
    config = TrainingConfig(batch_size=4, seed=11)
    state = start_of(config)
    generator = torch.Generator().manual_seed(11)
    expected = torch.randint(0, 100, (6, 4), generator=generator)
    sampled = [state.sample_batches(100, 4, 1), state.sample_batches(100, 4, 5)]
    assert torch.equal(torch.cat(sampled), expected)


def test_a_batch_as_large_as_the_data_is_the_data_in_order() -> None:
    rows = start_of(TrainingConfig(batch_size=32)).sample_batches(5, 32, 2)
    assert rows.tolist() == [[0, 1, 2, 3, 4]] * 2


def test_validation_is_taken_at_the_start_at_the_end_and_between(few: Examples) -> None:
    model = MLP(ModelConfig(), 27)
    first = mean_loss(model, few)
    pieces = list(
        Loop(model, few, TrainingConfig(steps=100, engine="autograd"), validation=few).to_the_end()
    )
    evaluations = [piece.evaluation for piece in pieces if piece.evaluation]
    assert [e.step for e in evaluations] == list(range(0, 101, 5))
    assert evaluations[0].val_loss == pytest.approx(first, rel=1e-6)
    assert evaluations[-1].val_loss == pytest.approx(mean_loss(model, few), rel=1e-6)


def test_a_new_rate_holds_from_the_next_update_and_decays_as_planned(few: Examples) -> None:
    schedule = LrSchedule(base_lr=0.1, decay_steps=(10, 30))
    under_way = Loop(MLP(ModelConfig(), 27), few, TrainingConfig(steps=40, lr_schedule=schedule))
    while under_way.step < 20:
        under_way.advance(1)
    assert under_way.lr == pytest.approx(0.01)
    under_way.set_lr(0.5)
    assert under_way.lr == 0.5
    while under_way.step < 30:
        under_way.advance(1)
    assert under_way.lr == pytest.approx(0.05)
    with pytest.raises(ConfigError):
        under_way.set_lr(0.0)
    assert under_way.lr == pytest.approx(0.05)


def poisoned(few: Examples) -> tuple[MLP, int]:
    """A model whose loss is not finite for contexts with one rare character, and that character.

    Its embedding gives inf - inf in the hidden layer; no other context notices.
    """
    counts = few.contexts.flatten().bincount(minlength=27)
    rare = int(torch.where(counts > 0, counts, counts.max()).argmin())
    model = MLP(ModelConfig(), 27)
    model.C[rare] = math.inf
    model.W1[0::2] = 10.0
    model.W1[1::2] = -10.0
    return model, rare


@pytest.mark.parametrize("engine", sorted(ENGINES))
@pytest.mark.parametrize("cut", [None, 1, 2, 5])
def test_a_diverging_run_goes_back_to_the_last_good_weights(
    engine: EngineName, cut: int | None, few: Examples
) -> None:
    config = TrainingConfig(steps=3000, batch_size=4, engine=engine, seed=3)
    model, rare = poisoned(few)
    rows = start_of(config).sample_batches(len(few.targets), 4, config.steps)
    first_bad = int((few.contexts[rows] == rare).any(dim=(1, 2)).nonzero()[0])
    assert first_bad > 5

    under_way, losses = Loop(model, few, config), []
    for _ in range(config.steps):
        progress = under_way.advance(cut)
        losses.extend(progress.losses.tolist())
        if progress.divergence is not None:
            break
    where = progress.divergence
    assert where is not None
    assert where.step == first_bad
    assert where.good_step == under_way.step == len(losses) == first_bad - 1
    assert where.lr == config.lr_schedule.base_lr
    assert np.isfinite(losses).all()

    # The weights are those of a run that was never tried any further.
    fresh, _ = poisoned(few)
    straight = Loop(fresh, few, config)
    while straight.step < where.good_step:
        straight.advance(min(3, where.good_step - straight.step))
    for mine, theirs in zip(model.parameters.values(), fresh.parameters.values(), strict=True):
        assert torch.equal(mine, theirs)


def test_run_ends_at_a_divergence(few: Examples) -> None:
    model = MLP(ModelConfig(), 27)
    model.W2.fill_(math.inf)
    pieces = list(Loop(model, few, TrainingConfig(steps=50, engine="autograd")).to_the_end())
    assert pieces[-1].divergence is not None
    assert pieces[-1].step == 0


def test_final_losses_are_those_of_each_part(corpus: Corpus) -> None:
    model = MLP(ModelConfig(), 27)
    *pieces, final = final_losses(model, corpus, "train")
    assert all(piece is None for piece in pieces)
    assert final is not None
    assert final.train == pytest.approx(mean_loss(model, corpus.examples("train", 3)), rel=1e-6)
    assert final.val == pytest.approx(mean_loss(model, corpus.examples("val", 3)), rel=1e-6)
    assert final.all == pytest.approx(mean_loss(model, corpus.examples("all", 3)), rel=1e-6)


def test_the_tutorials_whole_run_ends_at_its_loss(corpus: Corpus) -> None:
    model = MLP(ModelConfig(), 27)
    for _ in Loop(model, corpus.examples("train", 3), TrainingConfig()).to_the_end():
        pass
    loss = mean_loss(model, corpus.examples("all", 3))
    assert 2.33 < loss < 2.40
