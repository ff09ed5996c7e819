"""The quick way of writing: the same texts as the plain one's, and none of weights that broke."""

from __future__ import annotations

import numpy as np
import pytest

from core.config import ModelConfig
from core.learning import texts_of
from core.models import MLP, generate_from
from core.text import Corpus, Vocabulary, embedded_corpus


@pytest.mark.parametrize(
    "config",
    [
        ModelConfig(),
        ModelConfig(block_size=5, n_embd=10, n_hidden=60, init="scaled"),
        ModelConfig(direct=True),
        ModelConfig(direct=True, n_hidden=0, init="scaled"),
        ModelConfig(tied=True, n_embd=100),
    ],
    ids=["tutorial", "scaled", "direct", "no hidden layer", "tied"],
)
def test_texts_are_those_of_the_plain_way(config: ModelConfig) -> None:
    corpus = embedded_corpus()
    model = MLP.of_corpus(config, corpus)
    numbers = np.random.default_rng(1).random((300, 20))
    written = texts_of(model, corpus, numbers)
    assert written == generate_from(model, corpus.vocabulary, numbers)
    assert len(set(written)) > 50


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_text_ends_where_its_probabilities_are_not_finite(broken: float) -> None:
    corpus = embedded_corpus()
    model = MLP.of_corpus(ModelConfig(), corpus)
    model.parameters["b2"].fill_(broken)
    assert texts_of(model, corpus, np.full((3, 20), 0.5)) == ["", "", ""]


def test_words_are_written_as_before() -> None:
    vocabulary = Vocabulary.from_tokens(["the", "cat", "sat"], unit="word")
    corpus = Corpus.of_texts("cats", ["the cat sat"] * 10, vocabulary)
    model = MLP.of_corpus(ModelConfig(), corpus)
    numbers = np.random.default_rng(2).random((20, 8))
    assert texts_of(model, corpus, numbers) == generate_from(model, vocabulary, numbers)
