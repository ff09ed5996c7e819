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


LARGE = 9_000  # tokens: with 30 numbers each, over a megabyte


class Ticks:
    """A clock that each look moves on by as much."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds = 0.0, seconds

    def __call__(self) -> float:
        self.now += self.seconds
        return self.now


def words(n_examples: int = 400, vocab_size: int = LARGE) -> Examples:
    draw = torch.Generator().manual_seed(1)
    return Examples(
        torch.randint(vocab_size - 1, (n_examples, 2), generator=draw),
        torch.randint(vocab_size - 1, (n_examples,), generator=draw),
    )


def model_of_words() -> MLP:
    return MLP(ModelConfig(block_size=2, n_embd=20, n_hidden=20, init="scaled"), LARGE)


@pytest.mark.parametrize("engine", sorted(ENGINES))
@pytest.mark.parametrize("cut", [1, 3, 5, 8])
@pytest.mark.parametrize("tick", [0.0, 0.3, 2.0])  # saved once, now and then, before every chunk
def test_a_large_model_goes_back_to_the_last_good_weights_too(
    engine: EngineName, cut: int, tick: float
) -> None:
    data, config = words(), TrainingConfig(steps=30, batch_size=4, engine=engine, seed=3)
    rows = start_of(config).sample_batches(len(data.targets), 4, config.steps)
    rare = LARGE - 1
    first_bad = 12
    data.contexts[rows[first_bad, 2], 0] = rare
    first_bad = int((data.contexts[rows] == rare).any(dim=(1, 2)).nonzero()[0])

    def poisoned_words() -> MLP:
        model = model_of_words()
        model.C[rare] = math.nan
        return model

    model = poisoned_words()
    under_way = Loop(model, data, config, clock=Ticks(tick))
    losses = np.full(config.steps, np.nan, dtype=np.float32)
    under_way.advance(1).put_losses(losses)
    under_way.set_lr(0.2)
    # With few steps wanted at once each is looked at before it is shown, so some have no bound.
    limit = None if cut == 8 else cut
    for _ in range(config.steps):
        progress = under_way.advance(limit)
        progress.put_losses(losses)
        if progress.divergence is not None:
            break
    where = progress.divergence
    assert where is not None
    assert where.step == first_bad
    assert where.lr == pytest.approx(0.2)
    assert under_way.step == where.good_step == first_bad - 1

    fresh = poisoned_words()
    straight = Loop(fresh, data, config)
    expected = straight.advance(1).losses.tolist()
    straight.set_lr(0.2)
    while straight.step < where.good_step:
        expected += straight.advance(1).losses.tolist()
    assert losses[: where.good_step].tolist() == expected
    for mine, theirs in zip(model.parameters.values(), fresh.parameters.values(), strict=True):
        assert torch.equal(mine.nan_to_num(7.0), theirs.nan_to_num(7.0))


@pytest.mark.parametrize("tick", [0.0, 2.0])
def test_a_rate_that_changed_since_the_last_copy_is_not_used_on_the_way_back(tick: float) -> None:
    data, config = words(), TrainingConfig(steps=60, batch_size=4, seed=3)
    good_step = 8

    def trained(model: MLP, n_steps: int) -> Loop:
        """With a rate of its own from each third step on."""
        loop = Loop(model, data, config, clock=Ticks(tick))
        while loop.step < n_steps:
            if loop.step % 3 == 0:
                loop.set_lr(0.05 + loop.step / 10)
            loop.advance(1)
        return loop

    model, expected = model_of_words(), model_of_words()
    loop = trained(model, good_step + 1)
    trained(expected, good_step)
    loop.set_lr(9.0)
    model.b2[0] = math.inf  # as if the last update had done it; the next chunk finds it
    divergence = loop.advance().divergence
    assert divergence is not None
    assert (divergence.step, divergence.good_step) == (good_step + 1, good_step)
    assert divergence.lr == pytest.approx(0.05 + 6 / 10)
    for mine, theirs in zip(model.parameters.values(), expected.parameters.values(), strict=True):
        assert torch.equal(mine, theirs)


def test_no_loss_of_a_large_model_depends_on_threads() -> None:
    data, config = words(), TrainingConfig(steps=12, batch_size=4)
    runs = []
    for n_threads in (1, 2, 3):
        loop = Loop(model_of_words(), data, config)
        assert loop.profits_from_threads
        losses: list[float] = []
        while not loop.is_finished:
            losses += loop.advance(5, n_threads=n_threads).losses.tolist()
        runs.append(losses)
    assert runs[0] == runs[1] == runs[2]


def test_a_small_model_has_no_use_for_more_threads(few: Examples) -> None:
    assert not Loop(MLP(ModelConfig(), 27), few, TrainingConfig()).profits_from_threads


def test_of_very_many_validation_examples_some_are_used_but_in_the_end() -> None:
    many, data = words(50_001, vocab_size=9), words(64, vocab_size=9)
    model = MLP(ModelConfig(block_size=2, n_embd=1, n_hidden=1), 9)
    config = TrainingConfig(steps=5, batch_size=32)
    pieces = list(Loop(model, data, config, validation=many).to_the_end())
    evaluations = [piece.evaluation for piece in pieces if piece.evaluation]
    assert [e.step for e in evaluations] == [0, 1, 2, 3, 5]
    assert [e.is_whole for e in evaluations] == [False] * 4 + [True]
    assert evaluations[-1].val_loss == pytest.approx(mean_loss(model, many), rel=1e-5)


def test_some_are_nearly_all() -> None:
    """Within two standard errors of a mean of 10,000."""
    many, data = words(50_001, vocab_size=9), words(64, vocab_size=9)
    model = MLP(ModelConfig(block_size=2, n_embd=1, n_hidden=1), 9)
    loop = Loop(model, data, TrainingConfig(steps=50), validation=many)
    evaluation = None
    while evaluation is None:
        evaluation = loop.advance().evaluation
    error = model.nll(*many).std().item() / 10_000**0.5
    assert evaluation.val_loss == pytest.approx(mean_loss(model, many), abs=2 * error)


def test_the_last_evaluation_is_not_taken_again(corpus: Corpus) -> None:
    model = MLP(ModelConfig(), 27)
    config, val = TrainingConfig(steps=3), corpus.examples("val", 3)
    loop = Loop(model, corpus.examples("train", 3), config, validation=val)
    last = [progress.evaluation for progress in loop.to_the_end()][-1]
    *all_pieces, anew = final_losses(model, corpus, "train")
    *pieces, final = final_losses(model, corpus, "train", val_singles=loop.final_singles)
    assert len(pieces) < len(all_pieces)
    assert final == anew
    assert last is not None
    assert final is not None
    assert anew is not None
    assert last.val_loss == final.val
    assert final.documents is not None
    assert anew.documents is not None
    assert np.array_equal(final.documents, anew.documents)


def test_a_rate_may_change_as_often_as_one_likes_and_only_the_last_counts() -> None:
    loop = Loop(model_of_words(), words(), TrainingConfig(steps=100, batch_size=4, seed=3))
    loop.advance(1)
    for n in range(3000):
        loop.set_lr(0.01 + n / 10_000)
    assert loop.lr == pytest.approx(0.01 + 2999 / 10_000)
    saved = loop.save()
    assert saved is not None
    assert [step for step, _ in saved.rates] == [1]
    loop.advance(1)
    loop.set_lr(0.5)
    loop.set_lr(0.05)
    saved = loop.save()
    assert saved is not None
    assert [step for step, _ in saved.rates] == [1, 2]
    again = Loop(model_of_words(), words(), TrainingConfig(steps=100, batch_size=4, seed=3))
    again.go_on_from(saved)
    assert again.lr == loop.lr
    assert again.advance(1).losses.tolist() == loop.advance(1).losses.tolist()
