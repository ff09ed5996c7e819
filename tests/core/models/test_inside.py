"""Inside the network: every number of one pass against the model itself and sums by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.config import ModelConfig
from core.models import MLP, SATURATED, activations, look, strong_units
from core.models._looking import influence_of
from core.models.inside import RELEASED_FROM, Look

SIZES = {
    "tutorial": ModelConfig(),
    "one number": ModelConfig(n_embd=1, n_hidden=5),
    "direct": ModelConfig(n_embd=3, n_hidden=4, direct=True),
    "no hidden layer": ModelConfig(n_hidden=0, direct=True),
    "tied": ModelConfig(n_embd=6, n_hidden=6, tied=True),
}
CONTEXT = [0, 5, 13]


@pytest.mark.parametrize("name", SIZES)
def test_what_is_inside_adds_up_to_what_the_model_says(name: str) -> None:
    model = MLP(SIZES[name], vocab_size=27)
    inside = activations(model, CONTEXT)
    X = torch.tensor([CONTEXT])
    np.testing.assert_allclose(inside.logits, model.logits(X)[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(inside.hidden, model.hidden(X)[0], rtol=1e-5, atol=1e-6)
    expected = model.log_probs(X)[0].exp()
    np.testing.assert_allclose(inside.probabilities, expected, rtol=1e-3, atol=1e-6)
    assert inside.probabilities.sum() == pytest.approx(1)
    assert inside.W2.shape == (SIZES[name].n_hidden, 27)
    assert inside.W.shape == (len(inside.inputs), 27 if SIZES[name].direct else 0)


def seen_of(model: MLP, **options: Any) -> Look:
    contexts = torch.randint(0, 27, (50, 3), generator=torch.Generator().manual_seed(1))
    cells = np.arange(3 * model.config.n_embd)
    return look(model, CONTEXT, contexts.numpy(), range(27), cells, **options)


@pytest.mark.parametrize("name", SIZES)
def test_a_look_sees_what_is_inside(name: str) -> None:
    model = MLP(SIZES[name], vocab_size=27)
    inside, seen = activations(model, CONTEXT), seen_of(model)
    for found, expected in (
        (seen.sums, inside.sums),
        (seen.hidden, inside.hidden),
        (seen.probabilities, inside.probabilities),
        (seen.weights_in, inside.W1[:, seen.units].T),
        (seen.weights_out, inside.W2[seen.units]),
        (seen.weights_direct, inside.W if SIZES[name].direct else np.empty((0, 27))),
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_what_a_unit_listens_to_most_adds_most_to_its_sum() -> None:
    model = MLP(ModelConfig(n_embd=4, n_hidden=9), vocab_size=27)
    for n_tokens in (27, 5):
        seen = seen_of(model, units=np.array([2, 7]), n_tokens=n_tokens, n_heard=3)
        for row, unit in enumerate((2, 7)):
            weights = model.W1[:, unit].reshape(3, 4)
            added = (weights @ model.C[:n_tokens].T).reshape(-1).numpy()
            order = np.argsort(added)
            assert seen.heard_by[row].tolist() == [*order[:-4:-1], *order[:3]]
            np.testing.assert_allclose(
                seen.heard[row], [*added[order[:-4:-1]], *added[order[:3]]], rtol=1e-4, atol=1e-6
            )


def test_of_tokens_that_add_the_same_each_is_named_once() -> None:
    model = MLP(ModelConfig(n_embd=1, n_hidden=1), vocab_size=27)
    model.C[:] = 1.0
    model.W1[:] = 1.0
    seen = seen_of(model)
    assert seen.heard_by.tolist() == [[80, 79, 0, 1]]


def test_a_unit_that_raises_all_scores_alike_has_no_influence() -> None:
    model = MLP(ModelConfig(n_hidden=3), vocab_size=27)
    model.W2[1] = 4.0
    model.W2[2] = 0.0
    model.W2[2, 5] = 1.0
    h = activations(model, CONTEXT).hidden
    influence = influence_of(h, model.W2.numpy(), np.arange(27))
    assert influence[1] == pytest.approx(0, abs=1e-6)
    assert influence[2] == pytest.approx(abs(h[2]) * np.sqrt(26) / 27, rel=1e-4)  # of one 1 in 27
    assert seen_of(model, most_units=1).units.tolist() == [int(influence.argmax())]


def test_a_context_of_another_length_is_refused() -> None:
    model = MLP(ModelConfig(), vocab_size=27)
    with pytest.raises(ValueError, match="3 tokens, got 2"):
        activations(model, [1, 2])
    with pytest.raises(ValueError, match="3 tokens, got 2"):
        look(model, [1, 2], np.zeros((1, 3), np.int64), [0], np.arange(6))


def test_shares_of_saturation_are_counted_over_the_contexts() -> None:
    model = MLP(ModelConfig(n_hidden=4), vocab_size=27)
    model.W1[:, 0] = 0
    model.b1[0] = 9.0  # tanh(9) is 1 whatever comes: dead
    model.W1[:, 1] = 0
    model.b1[1] = 0.5
    contexts = torch.randint(0, 27, (50, 3), generator=torch.Generator().manual_seed(1))
    shares = look(
        model, CONTEXT, contexts.numpy(), range(27), np.arange(6), units=np.array([0, 1, 3])
    ).saturated
    outputs = np.tanh(
        model.C[contexts].reshape(50, 6).numpy() @ model.W1.numpy() + model.b1.numpy()
    )
    assert shares[:2].tolist() == [1, 0]
    assert shares[2] == pytest.approx((np.abs(outputs[:, 3]) > SATURATED).mean())


def test_of_many_units_each_group_sends_its_strongest() -> None:
    influence = np.random.default_rng(0).uniform(0, 1, 1000).astype(np.float32)
    units = strong_units(influence, 24)
    assert len(units) == 24
    assert (np.diff(units) > 0).all()
    for i, unit in enumerate(units):
        group = influence[i * 1000 // 24 : (i + 1) * 1000 // 24]
        assert influence[unit] >= group.max() / 2**0.5
    assert strong_units(influence[:20], 24).tolist() == list(range(20))
    assert strong_units(influence[:0], 24).tolist() == []


def test_a_little_move_of_the_weights_changes_hardly_any_unit_that_is_shown() -> None:
    random = np.random.default_rng(0)
    influence = random.uniform(0.1, 1, 1024).astype(np.float32)
    before = strong_units(influence, 24)
    moved = influence * random.uniform(0.99, 1.01, 1024).astype(np.float32)
    assert (strong_units(moved, 24) == before).sum() >= 21


def test_weights_that_are_no_numbers_still_choose_units() -> None:
    influence = np.full(100, np.nan, dtype=np.float32)
    assert len(strong_units(influence, 24)) == 24


def test_a_look_at_a_large_vocabulary_is_the_same_pass() -> None:
    V = RELEASED_FROM + 10
    model = MLP(ModelConfig(), vocab_size=V)
    inside = activations(model, CONTEXT)
    seen = look(model, CONTEXT, np.zeros((1, 3), np.int64), [1, V - 1], np.arange(6))
    np.testing.assert_allclose(seen.hidden, inside.hidden, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(seen.probabilities, inside.probabilities, rtol=1e-3, atol=1e-6)
