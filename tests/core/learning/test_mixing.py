"""The mixture of a network with counts: by hand, and never worse than either when fitted."""

from __future__ import annotations

import pytest
import torch

from core.config import Mix, ModelConfig
from core.learning import MixedLoss, mixed_loss
from core.models import MLP, KneserNey, kneser_ney_loss, trigram_of
from core.text import Corpus, Vocabulary

SENTENCES = [
    f"{article} {who} {does}"
    for article in ("the", "a")
    for who in ("cat", "dog", "fox", "hen")
    for does in ("sat", "ran", "slept")
] * 3


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    words = {word for sentence in SENTENCES for word in sentence.split()}
    return Corpus.of_texts("cats", SENTENCES, Vocabulary.from_tokens(words, unit="word"))


@pytest.fixture(scope="module")
def network(corpus: Corpus) -> MLP:
    return MLP(ModelConfig(block_size=3, n_embd=3, n_hidden=5), len(corpus.vocabulary))


def last(network: MLP, corpus: Corpus, mix: Mix, **more: object) -> MixedLoss:
    *_, found = mixed_loss(network, corpus, mix, **more)  # type: ignore[arg-type]
    assert found is not None
    return found


def by_hand(network: MLP, corpus: Corpus, weight: float) -> float:
    X, Y = corpus.examples("val", 3)
    p = network.log_probs(X).double().exp().gather(1, Y[:, None])
    q = trigram_of(corpus).log_probs(X).double().exp().gather(1, Y[:, None])
    return -(weight * p + (1 - weight) * q).log().mean().item()


def test_half_is_the_mean_of_both_probabilities(network: MLP, corpus: Corpus) -> None:
    found = last(network, corpus, "half")
    assert found.weight == 0.5
    assert found.loss == pytest.approx(by_hand(network, corpus, 0.5), rel=1e-5)


def test_the_fitted_weight_is_the_best_on_a_grid(network: MLP, corpus: Corpus) -> None:
    found = last(network, corpus, "fitted")
    assert found.loss == pytest.approx(by_hand(network, corpus, found.weight), rel=1e-5)
    grid = [by_hand(network, corpus, weight) for weight in torch.linspace(0, 1, 41).tolist()]
    assert found.loss <= min(grid) + 1e-6


def test_kneser_ney_is_mixed_at_its_best_order_and_weight(network: MLP, corpus: Corpus) -> None:
    losses = {n: kneser_ney_loss(corpus, n) for n in (3, 4, 5)}  # orders of words
    order = min(losses, key=losses.__getitem__)
    found = last(network, corpus, "kneser_ney")
    assert found.order == order
    X, Y = corpus.examples("val", max(3, order - 1))
    p = network.log_probs(X[:, -3:]).double().exp().gather(1, Y[:, None])
    q = KneserNey(corpus, order).log_probs(X).double().exp().gather(1, Y[:, None])

    def loss(weight: float) -> float:
        return -(weight * p + (1 - weight) * q).log().mean().item()

    assert found.loss == pytest.approx(loss(found.weight), rel=1e-5)
    assert found.loss <= min(loss(weight) for weight in torch.linspace(0, 1, 41).tolist()) + 1e-6
    # Never worse than either alone, as a weight of 0 or 1 is one of them.
    assert found.loss <= min(losses[order], loss(1.0)) + 1e-6


def test_the_test_part_takes_the_weight_that_was_fitted_before(
    network: MLP, corpus: Corpus
) -> None:
    found = last(network, corpus, "fitted", part="test", weight=0.25)
    assert found.weight == 0.25


def test_nothing_is_mixed_unless_asked_for(network: MLP, corpus: Corpus) -> None:
    assert list(mixed_loss(network, corpus, "none")) == []


def test_a_network_with_less_context_than_the_trigram_can_be_mixed(corpus: Corpus) -> None:
    short = MLP(ModelConfig(block_size=1, n_embd=2, n_hidden=4), len(corpus.vocabulary))
    assert last(short, corpus, "half").loss > 0
