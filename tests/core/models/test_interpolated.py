"""Deleted interpolation against dictionaries and fractions, by hand, and by what EM promises."""

from __future__ import annotations

import math
import random
from collections import Counter
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import torch

from core.errors import ConfigError
from core.learning import mean_loss
from core.models import Interpolated, KneserNey, generate, interpolated_loss, trigram_of
from core.models.interpolated import em_step, fitted_weights, frequency_bins
from core.text import Corpus, Examples, Vocabulary

Run = tuple[int, ...]


@pytest.fixture(scope="module")
def words() -> Corpus:
    """Texts of 80 words, some much more frequent, and 20 more that never occur."""
    tokens = [f"w{number:02d}" for number in range(99)]
    chance = random.Random(1)
    weights = [1 / (1 + rank) for rank in range(79)]
    texts = [" ".join(chance.choices(tokens[:79], weights, k=12)) for _ in range(150)]
    return Corpus.of_texts("words", texts, Vocabulary.from_tokens(tokens, unit="word"))


class Slow:
    """The same by dictionaries, with runs as tuples of ids and frequencies as fractions."""

    def __init__(self, examples: Examples, vocab_size: int, order: int) -> None:
        self.V, self.order = vocab_size, order
        self.runs: Counter[Run] = Counter()
        self.contexts: Counter[Run] = Counter()
        for context, target in zip(*(part.tolist() for part in examples), strict=True):
            for n in range(order):
                before = tuple(context[len(context) - n :])
                self.runs[(*before, target)] += 1
                self.contexts[before] += 1
        self.n_tokens = len(examples.targets)

    def shares(self, context: Run, token: int) -> list[Fraction]:
        shares = [Fraction(1, self.V)]
        for n in range(self.order):
            before = context[len(context) - n :]
            total = self.contexts[before]
            seen = Fraction(self.runs[(*before, token)], total) if total else shares[-1]
            shares.append(seen)
        return shares

    def bin(self, context: Run) -> int:
        count = self.contexts[context[len(context) - self.order + 1 :]]
        return max(0, math.ceil(-math.log((1 + count) / self.n_tokens)))


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_probabilities_are_the_weighed_frequencies(words: Corpus, order: int) -> None:
    size = len(words.vocabulary)
    model = Interpolated(words, order)
    slow = Slow(words.examples("train", 4), size, order)
    contexts = words.examples("test", 4).contexts[:40]
    expected = [
        [
            float(np.dot(model.weights[slow.bin(context)], [float(s) for s in shares]))
            for shares in (slow.shares(context, token) for token in range(size))
        ]
        for context in map(tuple, contexts.tolist())
    ]
    rows = model.probabilities(contexts)
    np.testing.assert_allclose(rows, expected, rtol=1e-9)
    targets = words.examples("test", 4).targets[:40]
    nll = -np.log(np.array(expected)[np.arange(40), targets.numpy()])
    np.testing.assert_allclose(model.nll(contexts, targets), nll, rtol=1e-5)
    assert model.loss(Examples(contexts, targets)) == pytest.approx(nll.mean(), rel=1e-9)


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_every_row_adds_up_to_one_after_seen_half_seen_and_unseen_contexts(
    words: Corpus, order: int
) -> None:
    model = Interpolated(words, order)
    seen = words.examples("train", 4).contexts[:50]
    half_seen, unseen = seen.clone(), seen.clone()
    half_seen[:, -2] = words.vocabulary.stoi["w90"]
    unseen[:, -1] = words.vocabulary.stoi["w91"]
    for contexts in (seen, half_seen, unseen):
        rows = model.probabilities(contexts)
        np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-12)
        assert (rows > 0).all()
    np.testing.assert_allclose(model.weights.sum(axis=1), 1, rtol=1e-12)


def test_bigrams_of_a_few_tokens_by_hand() -> None:
    # After 1 came 1, 1, 2; after 2 came 1. So p₁ is 3/4 and 1/4, and 0 never came.
    learnt = Examples(torch.tensor([[1], [1], [1], [2]]), torch.tensor([1, 1, 2, 1]))
    model = Interpolated.fit(learnt, learnt, vocab_size=3, order=2)
    # Of 4 tokens 3 follow a 1, 1 follows a 2 and none a 0: -ln 1 = 0, -ln ½ and -ln ¼ round up.
    assert frequency_bins(np.array([3.0, 1.0, 0.0]), 4).tolist() == [0, 1, 2]
    even, unigrams = np.full(3, 1 / 3), np.array([0, 3 / 4, 1 / 4])
    # Nothing followed a 0, so there the bigrams say what the unigrams do.
    after = {1: (0, np.array([0, 2 / 3, 1 / 3])), 2: (1, np.array([0, 1, 0])), 0: (2, unigrams)}
    for context, (q, bigrams) in after.items():
        by_hand = model.weights[q] @ np.stack([even, unigrams, bigrams])
        found = model.probabilities(torch.tensor([[context]]))[0]
        np.testing.assert_allclose(found, by_hand, rtol=1e-12)


def test_em_never_makes_what_it_explains_less_probable() -> None:
    chance = np.random.default_rng(1)
    shares = chance.dirichlet(np.ones(4), size=300) * chance.uniform(0.1, 1, size=(300, 1))
    shares[chance.uniform(size=shares.shape) < 0.4] = 0
    shares[:, 0] = 0.01
    for prior in (np.zeros(4), np.full(4, 5.0)):
        weights, likelihoods = np.full(4, 0.25), []
        for _ in range(30):
            with np.errstate(divide="ignore"):
                believed = np.where(prior > 0, prior * np.log(weights), 0)
            likelihoods.append(np.log(shares @ weights).sum() + believed.sum())
            weights = em_step(shares, weights, prior)
            assert weights.sum() == pytest.approx(1)
        assert (np.diff(likelihoods) > -1e-9).all()
        assert likelihoods[-1] > likelihoods[0] + 1


def test_weights_are_the_best_of_a_grid() -> None:
    chance = np.random.default_rng(2)
    shares = chance.dirichlet((1.0, 2.0, 3.0), size=500)
    found = np.log(shares @ fitted_weights(shares, np.full(3, 1e-9))).mean()
    steps = np.linspace(0, 1, 21)
    grid = [
        np.log(shares @ np.array([a, b, 1 - a - b])).mean()
        for a, b in product(steps, steps)
        if a + b <= 1
    ]
    assert found >= max(grid) - 1e-9


def test_bins_without_validation_examples_are_weighed_as_all_together(words: Corpus) -> None:
    learnt, held_out = words.examples("train", 2), words.examples("val", 2)
    few = Examples(held_out.contexts[:1], held_out.targets[:1])
    model = Interpolated.fit(learnt, few, len(words.vocabulary), 3)
    assert len({tuple(row) for row in model.weights.tolist()}) == 2
    nothing = Examples(few.contexts[:0], few.targets[:0])
    unweighed = Interpolated.fit(learnt, nothing, len(words.vocabulary), 3)
    np.testing.assert_allclose(unweighed.weights, 0.25)


def test_counts_of_nothing_guess_evenly_and_no_examples_have_no_loss(words: Corpus) -> None:
    some = words.examples("val", 2)
    nothing = Examples(some.contexts[:0], some.targets[:0])
    model = Interpolated.fit(nothing, some, 100, 3)
    assert model.loss(some) == pytest.approx(math.log(100))
    assert math.isnan(model.loss(nothing))


def test_it_is_a_model_like_any_other(words: Corpus) -> None:
    model = Interpolated(words)
    assert (model.order, model.block_size, model.vocab_size) == (3, 2, 100)
    held_out = words.examples("val", 2)
    assert mean_loss(model, held_out) == pytest.approx(model.loss(held_out), rel=1e-6)
    longer = words.examples("val", 4)
    assert model.loss(longer) == pytest.approx(model.loss(held_out), rel=1e-12)
    assert model.log_probs(longer.contexts[:3]).dtype == torch.float32
    torch.testing.assert_close(model.logits(longer.contexts), model.log_probs(longer.contexts))
    assert model.n_seen == sum(len(t) for n, t in model.parameters.items() if "pairs" in n)
    texts = generate(model, words.vocabulary, 3, 1.0, torch.Generator().manual_seed(1))
    assert len(texts) == 3


def test_many_tokens_and_a_long_context_do_not_overflow() -> None:
    chance = np.random.default_rng(1)
    X = torch.from_numpy(chance.integers(0, 18_000, (2_000, 4)))
    Y = torch.from_numpy(chance.integers(0, 18_000, 2_000))
    model = Interpolated.fit(Examples(X, Y), Examples(X, Y), 18_000, 5)
    np.testing.assert_allclose(model.probabilities(X[:5]).sum(axis=1), 1, rtol=1e-12)
    assert model.loss(Examples(X, Y)) < KneserNey.fit(Examples(X, Y), 18_000, 5).loss(
        Examples(X, Y)
    )


def test_on_the_names_it_is_near_kneser_ney_at_the_same_order(corpus: Corpus) -> None:
    assert interpolated_loss(corpus, 3) == pytest.approx(2.215, abs=1e-3)
    assert interpolated_loss(corpus, 3, "test") == pytest.approx(2.228, abs=1e-3)


def test_the_trigram_of_a_corpus_is_counted_once_and_gives_its_baseline(words: Corpus) -> None:
    model = trigram_of(words)
    assert trigram_of(words) is model
    held_out = words.examples("val", 2)
    assert model.loss(held_out) == pytest.approx(Interpolated(words).loss(held_out), rel=1e-12)
    assert interpolated_loss(words, 3) == pytest.approx(model.loss(held_out), rel=1e-12)


@pytest.mark.parametrize("order", [0, 9, 2.0, True])
def test_an_order_out_of_range_is_refused(words: Corpus, order: int) -> None:
    some = words.examples("val", 2)
    with pytest.raises(ConfigError) as caught:
        Interpolated.fit(some, some, 100, order)
    assert caught.value.field == "order"
    with pytest.raises(ConfigError):
        Interpolated(words, order)
