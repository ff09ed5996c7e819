"""The lines across the loss chart: found one by one, kept, and asked for without waiting."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from core.models import (
    Interpolated,
    KneserNey,
    baseline_losses,
    baselines_of,
    best_counting,
    best_kneser_ney,
    kneser_ney_losses,
    known_baselines,
    uniform_loss,
)
from core.text import Corpus, Vocabulary

NAMES = ("uniform", "unigram", "bigram", "trigram", "kneser_ney_3", "kneser_ney_4", "kneser_ney_5")


@pytest.fixture
def words() -> Corpus:
    tokens = [f"w{number:02d}" for number in range(30)]
    chance = random.Random(1)
    texts = [" ".join(chance.choices(tokens[: i % 30 + 1], k=8)) for i in range(80)]
    return Corpus.of_texts("words", texts, Vocabulary.from_tokens(tokens, unit="word"))


def test_losses_come_one_by_one_and_are_known_from_then_on(words: Corpus) -> None:
    assert known_baselines(words) == {}
    found = baselines_of(words)
    first = dict(islice(found, 2))
    assert list(first) == ["uniform", "unigram"]
    assert known_baselines(words) == first
    first["unigram"] = 0.0  # what was given away is nobody else's
    known_baselines(words).clear()
    assert known_baselines(words)["unigram"] > 0
    rest = dict(found)
    assert (*islice(first, 2), *rest) == NAMES
    assert list(known_baselines(words)) == list(NAMES)
    assert known_baselines(words, "test") == {}


def test_what_is_known_is_not_counted_again(words: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(baselines_of(words))

    def refuse(*args: object) -> None:
        raise AssertionError("counted again")

    monkeypatch.setattr(KneserNey, "fit", refuse)
    monkeypatch.setattr(Interpolated, "fit", refuse)
    assert dict(baselines_of(words)) == known


@pytest.mark.parametrize("part", ["val", "test"])
def test_they_are_the_models_losses(words: Corpus, part) -> None:
    losses = dict(baselines_of(words, part))
    assert losses["uniform"] == uniform_loss(31)
    for order, name in enumerate(("unigram", "bigram", "trigram"), start=1):
        examples = words.examples(part, max(1, order - 1))
        assert losses[name] == pytest.approx(Interpolated(words, order).loss(examples), rel=1e-12)
    for order in (3, 4, 5):
        expected = KneserNey(words, order).loss(words.examples(part, order - 1))
        assert losses[f"kneser_ney_{order}"] == pytest.approx(expected, rel=1e-12)
    assert list(losses) == list(NAMES)


def test_on_the_names_every_order_is_tried_and_six_is_best(corpus: Corpus) -> None:
    losses = dict(baselines_of(corpus))
    smoothed = {order: losses[f"kneser_ney_{order}"] for order in range(2, 9)}
    assert smoothed == kneser_ney_losses(corpus)
    assert best_kneser_ney(losses) == (6, smoothed[6])
    assert losses["uniform"] > losses["unigram"] > losses["bigram"] > losses["trigram"]
    assert losses["unigram"] == pytest.approx(2.819, abs=1e-3)
    assert losses["bigram"] == pytest.approx(2.460, abs=1e-3)


def test_counting_is_the_best_of_all_that_is_known_of_words(words: Corpus) -> None:
    assert best_counting(words) is None
    found = baselines_of(words)
    next(found)
    assert best_counting(words) is None  # guessing is no counting
    known: dict[str, float] = {}
    for name, loss in found:
        known[name] = loss
        best = best_counting(words)
        assert best is not None
        assert best.loss == pytest.approx(min(known.values()), rel=1e-12)
        assert best.documents.sum() / words.n_examples("val") == pytest.approx(best.loss)
        assert best.documents.shape == (len(words.numbers("val")),)


def test_where_a_trigram_is_better_than_kneser_ney_it_is_what_counting_means() -> None:
    tokens = [f"w{number}" for number in range(12)]
    texts = [" ".join(random.Random(i % 9).choices(tokens, k=4)) for i in range(20)]
    few = Corpus.of_texts("few", texts, Vocabulary.from_tokens(tokens, unit="word"))
    losses = dict(baselines_of(few))
    name = min(losses, key=losses.__getitem__)
    assert name in {"unigram", "bigram", "trigram"}
    best = best_counting(few)
    assert best is not None
    assert best.name == f"the {name}"
    assert best.loss == pytest.approx(losses[name], rel=1e-12)


@pytest.mark.parametrize("names", [["ab", "ba", "aab"] * 4, list("abcdefghijkl") * 2])
def test_of_characters_it_is_the_lowest_of_what_the_chart_of_a_run_shows(names: list[str]) -> None:
    few = Corpus.of_words("few", names)
    shown = [*baseline_losses(few, "train", "val")[1:], *kneser_ney_losses(few).values()]
    best = best_counting(few)
    assert best is not None
    assert best.loss == pytest.approx(min(shown), rel=1e-6)


def test_without_kneser_ney_none_is_best() -> None:
    assert best_kneser_ney({"uniform": 3.3, "bigram": 2.5}) is None
