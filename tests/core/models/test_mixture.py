"""A mixture against sums by hand, and its best weight against a grid."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch

from core.config import ModelConfig
from core.errors import ConfigError
from core.models import (
    MLP,
    Interpolated,
    KneserNey,
    Mixture,
    Model,
    best_weight,
    mixed_nll,
    mixture,
    nll_of,
)
from core.text import Corpus, Vocabulary


@pytest.fixture(scope="module")
def words() -> Corpus:
    """After each word mostly one of five others, and now and then any."""
    tokens = [f"w{number:02d}" for number in range(49)]
    chance = random.Random(1)

    def text() -> str:
        place, text = 0, []
        for _ in range(10):
            steps = range(1, 6) if chance.random() < 0.8 else range(49)
            place = (3 * place + chance.choice(steps)) % 49
            text.append(tokens[place])
        return " ".join(text)

    texts = [text() for _ in range(150)]
    return Corpus.of_texts("words", texts, Vocabulary.from_tokens(tokens, unit="word"))


@pytest.fixture(scope="module")
def models(words: Corpus) -> tuple[Model, Model, Model]:
    """Of contexts of 3, 2 and 4."""
    network = MLP(ModelConfig(block_size=3, n_embd=4, n_hidden=8), len(words.vocabulary))
    return network, Interpolated(words), KneserNey(words, 5)


def test_losses_in_chunks_are_the_losses_at_once(
    words: Corpus, models: tuple[Model, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    X, Y = words.examples("val", 4)
    monkeypatch.setattr(mixture, "CHUNK_NUMBERS", 7 * 50)
    for model in models:
        at_once = model.nll(X[:, 4 - model.block_size :], Y)
        torch.testing.assert_close(nll_of(model, X, Y), at_once)
    assert nll_of(models[0], X[:0], Y[:0]).shape == (0,)


def test_known_losses_are_mixed_as_probabilities() -> None:
    nlls = [torch.tensor([math.log(2), 100.0]), torch.tensor([math.log(8), math.inf])]
    found = mixed_nll(nlls, [0.25, 0.75])
    # 1/4 · 1/2 + 3/4 · 1/8 = 7/32, and what is far from float32's range
    assert found.tolist() == pytest.approx([math.log(32 / 7), 100 + math.log(4)])


def test_a_model_without_weight_has_no_say() -> None:
    nlls = [torch.tensor([1.0, 2.0]), torch.tensor([math.nan, math.inf])]
    assert mixed_nll(nlls, [1.0, 0.0]).tolist() == [1.0, 2.0]


def test_the_best_weight_is_the_lowest_of_a_grid() -> None:
    chance = np.random.default_rng(1)
    one, other = torch.from_numpy(chance.gamma(2.0, 3.0, (2, 400)))
    grid = np.linspace(0, 1, 1_001)
    losses = [mixed_nll([one, other], [w, 1 - w]).mean().item() for w in grid]
    w = best_weight(one, other)
    assert w == pytest.approx(grid[int(np.argmin(losses))], abs=1e-3)
    assert mixed_nll([one, other], [w, 1 - w]).mean().item() <= min(losses)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1.0, 2.0], [1.5, 2.5], 1.0),
        ([1.5, 2.5], [1.0, 2.0], 0.0),
        ([1.0, 9_000.0], [9_000.0, 1.0], 0.5),
        ([1.0, math.inf], [2.0, 1.0], (math.e - 2) / (2 * math.e - 2)),  # slope by hand
        ([math.nan, 1.0], [2.0, 3.0], 0.0),
        ([], [], 0.5),
    ],
)
def test_the_best_weight_of_few_losses_by_thought(
    one: list[float], other: list[float], expected: float
) -> None:
    found = best_weight(torch.tensor(one), torch.tensor(other))
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_fitted_weight_beats_either_model_and_its_neighbours(
    words: Corpus, models: tuple[Model, ...]
) -> None:
    smoothed, trigrams = models[2], models[1]
    held_out = words.examples("test", 4)
    nlls = [nll_of(model, *held_out) for model in (smoothed, trigrams)]
    w = best_weight(*nlls)
    assert 0 < w < 1

    def loss(weight: float) -> float:
        return mixed_nll(nlls, [weight, 1 - weight]).mean().item()

    best = loss(w)
    assert all(best <= loss(other) + 1e-7 for other in (0, w / 2, w - 0.01, w + 0.01, 1))


@pytest.mark.parametrize("weights", [[0.5], [0.5, 0.6], [1.5, -0.5], [math.nan, 0.5], []])
def test_weights_that_are_no_shares_are_refused(weights: list[float]) -> None:
    with pytest.raises(ConfigError) as caught:
        mixed_nll([torch.ones(2), torch.ones(2)], weights)
    assert caught.value.field == "weights"


def test_too_short_contexts_are_refused(words: Corpus, models: tuple[Model, ...]) -> None:
    with pytest.raises(ValueError, match="4 tokens or more, got 3"):
        nll_of(models[2], *words.examples("val", 3))


def test_a_mixture_of_models_is_their_weighed_probabilities(words: Corpus) -> None:
    V = len(words.vocabulary)
    network = MLP(ModelConfig(block_size=3, seed=4), V)
    models: list[Model] = [network, KneserNey(words, 4), KneserNey(words, 2)]
    weights = [0.5, 0.3, 0.2]
    found = Mixture(models, weights)
    assert (found.vocab_size, found.block_size) == (V, 3)
    contexts, targets = words.examples("val", 3)
    each = [model.log_probs(contexts[:, -model.block_size :]).double().exp() for model in models]
    expected = sum(w * p for w, p in zip(weights, each, strict=True))
    assert isinstance(expected, torch.Tensor)
    torch.testing.assert_close(
        found.log_probs(contexts).double().exp(), expected, rtol=1e-5, atol=1e-7
    )
    chosen = expected[range(len(targets)), targets]
    torch.testing.assert_close(
        found.nll(contexts, targets).double(), -chosen.log(), rtol=1e-5, atol=1e-6
    )
    even = Mixture(models).log_probs(contexts[:5]).double().exp()
    torch.testing.assert_close(even, sum(p[:5] for p in each) / 3, rtol=1e-5, atol=1e-7)


def test_models_of_different_tokens_are_no_mixture(words: Corpus) -> None:
    with pytest.raises(ValueError, match="same tokens"):
        Mixture([MLP(ModelConfig(), 5), MLP(ModelConfig(), 6)])
    with pytest.raises(ConfigError):
        Mixture([MLP(ModelConfig(), 5)], [0.5])
