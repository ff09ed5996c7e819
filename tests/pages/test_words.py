"""A corpus of words on every page: nothing there assumes that a token is a character."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.text import Corpus, Vocabulary
from tests.pages.conftest import Visitor

SENTENCES = tuple(
    f"the {who} {does} in the {where}"
    for who in ("cat", "dog", "fox")
    for does in ("sat", "ran", "slept")
    for where in ("room", "garden")
)


@pytest.fixture
def reader() -> Iterator[Visitor]:
    """A visitor whose corpus is of words, after a short run on it."""
    visitor = Visitor()
    words = {word for sentence in SENTENCES for word in sentence.split()}
    vocabulary = Vocabulary.from_tokens(words, unit="word")
    corpus = Corpus.of_texts("cats and dogs", SENTENCES, vocabulary)
    visitor.session_state["session"].corpus = corpus
    assert "Teach a small language model to write sentences" in visitor.draw().text
    visitor.train(corpus, train_on="train", steps=60)
    yield visitor
    visitor.close()


def test_train_speaks_of_words(reader: Visitor) -> None:
    assert "18 sentences, 18 different, 11 words with the boundary" in reader.text
    assert "characters" not in reader.text
    assert len(reader.snapshot.samples) == 10
    known = set(reader.snapshot.corpus.vocabulary.itos)
    assert set(" ".join(reader.snapshot.samples).split()) <= known


def test_embeddings_have_a_point_for_each_word(reader: Visitor) -> None:
    reader.open("embeddings/page.py")
    assert "**Words that are used alike move together**" in reader.text
    assert "characters" not in reader.text.lower()
    (table, _) = [frame.value for frame in reader.dataframe]
    assert "Word" in table.columns
    assert set(table["Word"]) <= set(reader.snapshot.corpus.vocabulary.itos)


def test_sample_writes_sentences_and_opens_them_word_by_word(reader: Visitor) -> None:
    reader.open("sample/page.py")
    reader.text_input(key="sample_beginning").set_value("the cat")
    reader.draw()
    assert not reader.errors
    sentences = reader.dataframe[0].value.iloc[:, 0].tolist()
    assert all(sentence.startswith("the cat") for sentence in sentences)
    assert "character" not in reader.text


def test_a_beginning_of_unknown_words_is_refused(reader: Visitor) -> None:
    reader.open("sample/page.py")
    reader.text_input(key="sample_beginning").set_value("the zebra")
    (error,) = reader.draw().errors
    assert "'zebra'" in error


def test_a_sweep_runs_on_words(reader: Visitor) -> None:
    reader.open("sweeps/page.py")
    reader.press("Run sweep")
    assert not reader.errors
