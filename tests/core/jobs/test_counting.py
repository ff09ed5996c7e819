"""Counting beside the runs: once for each corpus, and to be looked up while it goes on."""

from __future__ import annotations

from core.jobs import count_in_background
from core.models import baselines_of, known_baselines
from core.runs import Seats
from core.text import Corpus, Vocabulary

SENTENCES = [f"the {who} {does}" for who in ("cat", "dog", "fox") for does in ("sat", "ran")] * 5


def a_corpus() -> Corpus:
    words = {word for sentence in SENTENCES for word in sentence.split()}
    return Corpus.of_texts("cats", SENTENCES, Vocabulary.from_tokens(words, unit="word"))


def test_all_baselines_are_known_when_the_thread_ends() -> None:
    corpus = a_corpus()
    thread = count_in_background(corpus, Seats(1))
    assert thread is not None
    thread.join(timeout=30)
    assert list(known_baselines(corpus).items()) == list(baselines_of(a_corpus()))


def test_a_corpus_is_counted_once() -> None:
    corpus = a_corpus()
    first = count_in_background(corpus, Seats(1))
    assert count_in_background(corpus, Seats(1)) is None
    assert first is not None
    first.join(timeout=30)


def test_nothing_is_counted_while_there_is_no_seat() -> None:
    corpus, seats = a_corpus(), Seats(1)
    with seats:
        thread = count_in_background(corpus, seats)
        assert thread is not None
        assert known_baselines(corpus) == {}
    thread.join(timeout=30)
    assert known_baselines(corpus)
