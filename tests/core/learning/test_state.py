"""Dropout's masks: their share, their mean, and no say of how a run is cut."""

from __future__ import annotations

import pytest
import torch

from core.config import EngineName, ModelConfig, TrainingConfig
from core.learning import Batches, GradientDescent, Loop, TrainState
from core.models import MLP
from core.text import Corpus


def state() -> TrainState:
    return TrainState.initial(MLP(ModelConfig(), 27), GradientDescent(), seed=5)


def rows_of(seed: int, n_batches: int) -> list[list[int]]:
    """What torch draws in one call: the oracle of all ways of drawing."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 50_000, (n_batches, 32), generator=generator).tolist()


def test_batches_are_the_same_however_many_are_taken_at_a_time() -> None:
    batches = Batches(torch.Generator().manual_seed(3))
    taken: list[list[int]] = []
    for n_steps, n_ahead in [(1, 1), (500, 1), (11, 0), (0, 1), (1_200, 1), (3, 0), (1, 1)]:
        found = batches.take(50_000, 32, n_steps, n_ahead)
        assert found.flags.c_contiguous
        assert found.shape == (n_steps + n_ahead, 32)
        taken += found[:n_steps].tolist()
    assert taken == rows_of(3, len(taken))


@pytest.mark.parametrize("n_taken", [0, 1, 511, 512, 513, 1_700])
def test_batches_go_on_from_a_copy_and_from_a_saved_generator(n_taken: int) -> None:
    batches = Batches(torch.Generator().manual_seed(3))
    batches.take(50_000, 32, n_taken, 1)
    same, saved = batches.copy(), Batches(batches.generator())
    expected = rows_of(3, n_taken + 600)[n_taken:]
    for n_steps, others in ((600, (same, saved)), (600, (batches,))):
        for other in others:
            assert other.take(50_000, 32, n_steps, 0).tolist() == expected


def test_batches_of_another_size_go_on_where_the_generator_was() -> None:
    generator = torch.Generator().manual_seed(3)
    batches = Batches(torch.Generator().manual_seed(3))
    for n_examples, size in [(50_000, 32), (50_000, 8), (700, 8)]:
        expected = torch.randint(0, n_examples, (5, size), generator=generator)
        assert batches.take(n_examples, size, 5, 1)[:5].tolist() == expected.tolist()


def test_masks_are_0_or_scaled_so_that_their_mean_is_1() -> None:
    masks = state().sample_masks((50, 32, 40), 0.25)
    assert masks.dtype == torch.float32
    assert masks.unique().tolist() == [0.0, pytest.approx(4 / 3)]
    assert masks.mean().item() == pytest.approx(1, abs=0.01)


def test_masks_do_not_depend_on_how_they_are_drawn() -> None:
    whole, parts = state(), state()
    together = whole.sample_masks((9, 5, 7), 0.5)
    apart = [parts.sample_masks((n, 5, 7), 0.5) for n in (1, 2, 6)]
    assert torch.equal(together, torch.cat(apart))


def test_masks_of_inputs_follow_those_of_units_and_drop_their_own_share() -> None:
    here = state()
    n_hidden = len(here.parameters["b1"])
    units, inputs = here.sample_masks((50, 40, n_hidden + 30), 0.5, 0.2).split((n_hidden, 30), 2)
    for masks, share in ((units, 0.5), (inputs, 0.2)):
        assert masks.unique().tolist() == pytest.approx([0, 1 / (1 - share)])
        assert (masks == 0).float().mean().item() == pytest.approx(share, abs=0.02)


def test_masks_leave_the_batches_as_they_were() -> None:
    with_masks, without = state(), state()
    with_masks.sample_masks((3, 5, 7), 0.5)
    assert torch.equal(with_masks.sample_batches(100, 8, 4), without.sample_batches(100, 8, 4))


@pytest.mark.parametrize("engine", ["fused", "autograd"])
@pytest.mark.parametrize("of_embeddings", [0.0, 0.3])
def test_a_run_with_dropout_is_the_same_however_it_is_cut(
    engine: EngineName, of_embeddings: float
) -> None:
    corpus = Corpus.of_words("few", ["anna", "otto", "ida", "emil"] * 5)
    config = TrainingConfig(
        steps=30, batch_size=8, engine=engine, dropout=0.5, embedding_dropout=of_embeddings
    )
    weights = []
    for max_steps in (30, 7):
        model = MLP(ModelConfig(n_hidden=6), len(corpus.vocabulary))
        loop = Loop(model, corpus.examples("train", 3), config)
        while not loop.is_finished:
            loop.advance(max_steps)
        weights.append(model.parameters.copy())
    for name, tensor in weights[0].items():
        assert torch.equal(tensor, weights[1][name])
