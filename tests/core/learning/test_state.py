"""Dropout's masks: their share, their mean, and no say of how a run is cut."""

from __future__ import annotations

import pytest
import torch

from core.config import ModelConfig, TrainingConfig
from core.learning import GradientDescent, Loop, TrainState
from core.models import MLP
from core.text import Corpus


def state() -> TrainState:
    return TrainState.initial(MLP(ModelConfig(), 27), GradientDescent(), seed=5)


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


def test_masks_leave_the_batches_as_they_were() -> None:
    with_masks, without = state(), state()
    with_masks.sample_masks((3, 5, 7), 0.5)
    assert torch.equal(with_masks.sample_batches(100, 8, 4), without.sample_batches(100, 8, 4))


@pytest.mark.parametrize("engine", ["fused", "autograd"])
def test_a_run_with_dropout_is_the_same_however_it_is_cut(engine: str) -> None:
    corpus = Corpus.of_words("few", ["anna", "otto", "ida", "emil"] * 5)
    config = TrainingConfig(steps=30, batch_size=8, dropout=0.5, engine=engine)  # type: ignore[arg-type]
    weights = []
    for max_steps in (30, 7):
        model = MLP(ModelConfig(n_hidden=6), len(corpus.vocabulary))
        loop = Loop(model, corpus.examples("train", 3), config)
        while not loop.is_finished:
            loop.advance(max_steps)
        weights.append(model.parameters.copy())
    for name, tensor in weights[0].items():
        assert torch.equal(tensor, weights[1][name])
