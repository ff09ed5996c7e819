"""A mixture against sums by hand, and its best weight against a grid."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch

from core.config import ModelConfig
from core.errors import ConfigError
from core.learning import mean_loss
from core.models import (
    MLP,
    Interpolated,
    KneserNey,
    Mixture,
    Model,
    best_weight,
    generate,
    mixed_nll,
    mixture,
    nll_of,
)
from core.text import Corpus, Examples, Vocabulary


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


def test_probabilities_are_the_weighed_sums_of_the_parts(
    words: Corpus, models: tuple[Model, ...]
) -> None:
    network, trigrams, smoothed = models
    mixed = Mixture(models, [0.5, 0.2, 0.3])
    assert (mixed.block_size, mixed.vocab_size) == (4, 50)
    X, Y = words.examples("val", 4)
    expected = (
        0.5 * network.log_probs(X[:, 1:]).double().exp()
        + 0.2 * trigrams.log_probs(X[:, 2:]).double().exp()
        + 0.3 * smoothed.log_probs(X).double().exp()
    )
    found = mixed.log_probs(X).double().exp()
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=0)
    torch.testing.assert_close(found.sum(dim=1), torch.ones(len(X)).double(), rtol=0, atol=1e-5)
    of_targets = expected.gather(1, Y[:, None])[:, 0]
    torch.testing.assert_close(mixed.nll(X, Y).double(), -of_targets.log(), rtol=1e-5, atol=0)


def test_it_is_evaluated_and_writes_like_any_model(
    words: Corpus, models: tuple[Model, ...]
) -> None:
    mixed = Mixture(models, [0.5, 0.2, 0.3])
    held_out = words.examples("val", 4)
    assert mean_loss(mixed, held_out) == pytest.approx(
        mixed.nll(*held_out).double().mean().item(), rel=1e-5
    )
    assert len(generate(mixed, words.vocabulary, 2, 1.0, torch.Generator().manual_seed(2))) == 2
    assert mixed.parameters["weights"].tolist() == [0.5, 0.2, 0.3]
    torch.testing.assert_close(mixed.parameters["0.C"], models[0].parameters["C"])


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
    w = best_weight(*(nll_of(model, *held_out) for model in (smoothed, trigrams)))
    assert 0 < w < 1

    def loss(weight: float) -> float:
        return mean_loss(Mixture([smoothed, trigrams], [weight, 1 - weight]), held_out)

    best = loss(w)
    assert all(best <= loss(other) + 1e-7 for other in (0, w / 2, w - 0.01, w + 0.01, 1))


@pytest.mark.parametrize("weights", [[0.5], [0.5, 0.6], [1.5, -0.5], [math.nan, 0.5], []])
def test_weights_that_are_no_shares_are_refused(
    models: tuple[Model, ...], weights: list[float]
) -> None:
    with pytest.raises(ConfigError) as caught:
        Mixture(models[:2], weights)
    assert caught.value.field == "weights"


def test_models_of_other_tokens_and_too_short_contexts_are_refused(
    words: Corpus, models: tuple[Model, ...]
) -> None:
    few = Examples(torch.tensor([[0]]), torch.tensor([1]))
    with pytest.raises(ValueError, match=r"\[50, 3\]"):
        Mixture([models[0], Interpolated.fit(few, few, 3, 2)], [0.5, 0.5])
    with pytest.raises(ValueError, match="models"):
        Mixture([], [])
    with pytest.raises(ValueError, match="4 tokens or more, got 3"):
        Mixture(models, [0.5, 0.2, 0.3]).nll(*words.examples("val", 3))
