"""The small language: its sentences, what never occurs in it, and that a network needs it not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise, takewhile

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.config import LrSchedule, ModelConfig, TrainingConfig
from core.learning import Loop, mean_loss
from core.models import MLP
from core.text import (
    PAPERS_SENTENCE,
    Corpus,
    Question,
    is_small_language,
    small_language,
)
from core.text.small_language import NEVER_BEFORE_A

Floats = NDArray[np.float64]
Probabilities = Callable[[NDArray[np.int64]], Floats]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return small_language()


# Its sentences


def test_it_is_the_same_in_every_process_and_made_once(corpus: Corpus) -> None:
    assert small_language() is corpus
    assert is_small_language(corpus)
    assert (len(corpus), len(corpus.vocabulary), corpus.document) == (8_000, 138, "sentence")
    digest = sha256("\n".join(corpus.texts).encode()).hexdigest()
    assert digest.startswith("24efbbb4f99722a6")


def test_every_word_has_one_of_twelve_kinds(corpus: Corpus) -> None:
    kinds = dict(zip(corpus.vocabulary.itos, corpus.kinds, strict=True))
    assert kinds["."] == "boundary"
    assert Counter(corpus.kinds)["boundary"] == 1
    assert len(set(corpus.kinds)) == 13
    assert [kinds[word] for word in PAPERS_SENTENCE.split()] == (
        ["determiner", "animal", "verb", "verb", "preposition", "determiner", "place"]
    )


def test_every_word_occurs_in_training(corpus: Corpus) -> None:
    assert corpus.counts.min() >= 20


def test_verbs_agree_with_their_subjects(corpus: Corpus) -> None:
    plurals, beings = {"two", "three", "some"}, {"is", "are", "was", "were"}
    for text in corpus.texts:
        words = text.split()
        being = beings.intersection(words)
        if being:
            subject = list(takewhile(lambda word: word not in beings, words))
            noun = subject[-1]
            is_plural = noun.endswith("s") or noun in {"men", "women"}
            assert being <= ({"are", "were"} if is_plural else {"is", "was"}), text
            assert is_plural or subject[0] not in plurals, text


def test_some_pairs_of_words_never_occur_in_any_part(corpus: Corpus) -> None:
    pairs = Counter(pair for text in corpus.texts for pair in pairwise(text.split()))
    assert len(NEVER_BEFORE_A) == 6
    for word in NEVER_BEFORE_A:
        assert pairs[word, "a"] == 0
        assert pairs[word, "the"] >= 50
    for word in ("into", "inside", "under", "cooked", "parked", "tuned", "sewed"):
        assert pairs[word, "a"] >= 20


def test_a_sentence_can_be_left_out_and_the_rest_stays(corpus: Corpus) -> None:
    assert PAPERS_SENTENCE in corpus.texts_of("train")
    other = small_language(without=PAPERS_SENTENCE)
    assert PAPERS_SENTENCE not in other.known
    assert other.vocabulary == corpus.vocabulary
    changed = [one for one, two in zip(corpus.texts, other.texts, strict=True) if one != two]
    assert set(changed) == {PAPERS_SENTENCE}
    assert not is_small_language(other)


# What a network makes of what never occurs


def interpolated_trigrams(corpus: Corpus) -> Probabilities:
    """p(w|u,v) = w₃ f(w|u,v) + w₂ f(w|v) + w₁ f(w), by expectation maximisation on validation.

    Jelinek and Mercer (1980), as the paper's benchmark. Where (u, v) never occurred, the weight
    of the trigram goes to the others.
    """
    V = len(corpus.vocabulary)
    X, Y = (tensor.numpy() for tensor in corpus.examples("train", 2))
    counts = np.zeros((V, V, V))
    np.add.at(counts, (X[:, 0], X[:, 1], Y), 1)

    def parts(contexts: NDArray[np.int64]) -> Floats:
        u, v = contexts.T
        three, two = counts[u, v], counts.sum(axis=0)[v]
        one = np.broadcast_to(counts.sum(axis=(0, 1)), two.shape)
        stacked = np.stack([one, two, three])
        shares: Floats = stacked / np.maximum(stacked.sum(axis=2, keepdims=True), 1)
        return shares  # (3, N, V)

    held_out, targets = (tensor.numpy() for tensor in corpus.examples("val", 2))
    seen = parts(held_out)[:, np.arange(len(targets)), targets]
    weights = np.full((3, 1), 1 / 3)
    for _ in range(50):
        shares = weights * seen
        weights = (shares / shares.sum(axis=0)).mean(axis=1, keepdims=True)

    def probabilities(contexts: NDArray[np.int64]) -> Floats:
        mixed: Floats = np.einsum("i,inv->nv", weights[:, 0], parts(contexts))
        mixed /= mixed.sum(axis=1, keepdims=True)
        return mixed

    return probabilities


def context(corpus: Corpus, question: Question, length: int) -> list[int]:
    return ([0] * length + corpus.vocabulary.encode(question.context))[-length:]


def mass_of_the_right_kind(
    corpus: Corpus,
    probabilities: Callable[[NDArray[np.int64]], Floats],
    length: int,
    held_out: bool,
) -> Floats:
    questions = [question for question in corpus.questions if question.held_out == held_out]
    rows = probabilities(np.array([context(corpus, question, length) for question in questions]))
    right = [corpus.vocabulary.encode(question.right) for question in questions]
    return np.array([row[ids].sum() for row, ids in zip(rows, right, strict=True)])


def test_where_counts_know_nothing_a_network_expects_the_right_kind(corpus: Corpus) -> None:
    sizes = ModelConfig(block_size=5, n_embd=8, n_hidden=80, init="scaled")
    training = TrainingConfig(
        steps=10_000, lr_schedule=LrSchedule(base_lr=0.3, decay_steps=(7_000, 9_000), factor=0.2)
    )
    network = MLP(sizes, len(corpus.vocabulary))
    for _ in Loop(network, corpus.examples("train", 5), training).to_the_end():
        pass

    def by_network(contexts: NDArray[np.int64]) -> Floats:
        with torch.no_grad():
            return network.log_probs(torch.from_numpy(contexts)).exp().double().numpy()

    by_counts = interpolated_trigrams(corpus)
    assert sum(question.held_out for question in corpus.questions) == 7
    net = mass_of_the_right_kind(corpus, by_network, 5, held_out=True)
    counted = mass_of_the_right_kind(corpus, by_counts, 2, held_out=True)
    assert net.min() > 0.5
    assert net.mean() / counted.mean() > 10
    # What does occur is no riddle for counts.
    assert mass_of_the_right_kind(corpus, by_counts, 2, held_out=False).min() > 0.5

    X, Y = corpus.examples("val", 2)
    rows = by_counts(X.numpy())[np.arange(len(Y)), Y.numpy()]
    assert mean_loss(network, corpus.examples("val", 5)) < -np.log(rows).mean()
