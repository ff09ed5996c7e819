"""The Sample page on running text: the small language, and a visitor's own text of rare words."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import torch

from core.models import generate, next_probabilities, trace, trigram_of
from core.text import Corpus, read_text, readable, small_language
from pages.sample import names
from tests.pages.conftest import Visitor


@pytest.fixture(scope="module")
def text() -> Corpus:
    """Paragraphs of two sentences, with a word in each that occurs once."""
    chance = random.Random(4)
    animals = ["cat", "dog", "fox", "cow"]
    paragraphs = [
        f"The {chance.choice(animals)} saw a {chance.choice(animals)} in the garden. "
        f'"It was the {chance.choice(animals)} of w{chr(97 + number % 26)}{number}," he said.'
        for number in range(150)
    ]
    return read_text("gardens", "\n\n".join(paragraphs))


@pytest.fixture
def reader(text: Corpus) -> Iterator[Visitor]:
    yield from visited(text)


@pytest.fixture
def learner() -> Iterator[Visitor]:
    yield from visited(small_language())


def visited(corpus: Corpus) -> Iterator[Visitor]:
    visitor = Visitor()
    visitor.session_state["session"].corpus = corpus
    visitor.train(corpus, train_on="train", steps=60)
    yield visitor.open("sample/page.py")
    visitor.close()


def written(visitor: Visitor, seed: int = 1, **how: object) -> list[str]:
    snapshot = visitor.snapshot
    generator = torch.Generator().manual_seed(seed)
    corpus = snapshot.corpus
    settings = {"stops": corpus.stops} | how
    return generate(snapshot.model, corpus.vocabulary, 20, 1.0, generator, **settings)  # type: ignore[arg-type]


def sentences(visitor: Visitor) -> list[str]:
    return ["" if it == "(empty)" else it for it in visitor.dataframe[0].value["Sentence"]]


def test_sentences_are_shown_as_one_reads_them_and_saved_both_ways(reader: Visitor) -> None:
    texts = written(reader)
    assert sentences(reader) == [readable(text) for text in texts]
    assert not any("<rare>" in text for text in texts)
    assert [code.value for code in reader.code] == ["\n".join(map(readable, texts))]
    table = pd.read_csv(
        io.BytesIO(names.as_csv(reader.session_state["session"].sampled)), keep_default_na=False
    )
    assert table.columns.tolist() == [
        "sentence", "readable", "is_new", "nll_per_word", "perplexity",
    ]  # fmt: skip
    assert table["sentence"].tolist() == texts
    known = reader.snapshot.corpus.known
    assert table["is_new"].tolist() == [text not in known for text in texts]
    np.testing.assert_allclose(table["perplexity"], np.exp(table["nll_per_word"]), rtol=1e-9)


def test_known_and_new_sentences_are_told_apart(reader: Visitor) -> None:
    (known, *_) = sorted(reader.snapshot.corpus.known)
    reader.text_input(key="sample_beginning").set_value(known)
    reader.draw()
    table, texts = reader.dataframe[0].value, written(reader, prefix=known)
    expected = ["known" if it in reader.snapshot.corpus.known else "new" for it in texts]
    assert table["Text"].tolist() == expected


def test_rare_words_are_written_where_one_asks_for_them(reader: Visitor) -> None:
    reader.toggle(key="sample_rare").set_value(True)
    reader.draw()
    texts = written(reader, rare=True)
    assert sentences(reader) == [readable(text) for text in texts]
    assert any("<rare>" in text for text in texts)


def test_words_that_the_text_lacks_are_named(reader: Visitor) -> None:
    reader.text_input(key="sample_beginning").set_value("The zebra saw")
    reader.draw()
    assert not reader.errors
    assert "`zebra` isn't in the text" in reader.text
    assert all(text.startswith("The <rare> saw") for text in sentences(reader))
    assert "or is too rare, is read as `<rare>`" in reader.text_input(key="sample_beginning").help
    assert reader.text_input(key="sample_beginning").placeholder.startswith("The ")


def test_a_sentence_opens_word_by_word(reader: Visitor) -> None:
    corpus, model = reader.snapshot.corpus, reader.snapshot.model
    text = written(reader)[0]
    choices = trace(model, corpus.vocabulary, text, stops=corpus.stops, rare=False)
    steps = reader.dataframe[1].value
    assert steps["Next"].tolist() == [choice.token for choice in choices]
    np.testing.assert_allclose(
        steps["Probability"], [100 * choice.probability for choice in choices], rtol=1e-4
    )
    assert f"of {len(corpus.vocabulary)}" in reader.text


def test_a_language_without_rare_words_has_no_switch_for_them(learner: Visitor) -> None:
    assert not [toggle for toggle in learner.toggle if toggle.key == "sample_rare"]
    assert all(set(text.split()) <= set(small_language().vocabulary.itos)
               for text in sentences(learner))  # fmt: skip


def test_what_comes_after_a_question_is_answered_by_network_and_trigram(learner: Visitor) -> None:
    corpus = learner.snapshot.corpus
    question = next(q for q in corpus.questions if q.held_out)
    (box,) = [box for box in learner.selectbox if "question" in box.label.lower()]
    box.set_value(question.context)
    learner.draw()
    key = f"comes_after:{corpus.name}"
    assert learner.text_input(key=key).value == question.context
    right = [corpus.vocabulary.stoi[word] for word in question.right]
    for model in (learner.snapshot.model, trigram_of(corpus)):
        share = next_probabilities(model, corpus.vocabulary, question.context)[right].sum()
        assert (f"**{share:.0%}**" if share >= 0.1 else f"**{share:.1%}**") in learner.text
    assert "never occurs in the text" in learner.text
    learner.text_input(key=key).set_value("the zebra")
    (error,) = learner.draw().errors
    assert "'zebra'" in error


def test_what_comes_after_any_words_of_ones_own_text(reader: Visitor) -> None:
    key = f"comes_after:{reader.snapshot.corpus.name}"
    reader.text_input(key=key).set_value("The okapi saw a")
    reader.draw()
    assert "`okapi` isn't in the text" in reader.text
    assert "The network expects" in reader.text
    reader.text_input(key=key).set_value("")
    assert not reader.draw().errors


def test_other_texts_than_the_next_run_s_are_spoken_of_in_their_own_words(reader: Visitor) -> None:
    reader.session_state["session"].corpus = Corpus.of_words("two", ["emma", "ava"])
    reader.draw()
    assert reader.segmented_control(key="sample_how").label == "Next word"


def test_results_and_runs_give_perplexities(reader: Visitor) -> None:
    reader.open("train/page.py")
    final = reader.snapshot.final
    assert final is not None
    perplexity = float(np.exp(final.val))
    assert f"perplexity {perplexity:.1f}" in reader.text
    assert f"{final.val:.2f} nats a word, perplexity {perplexity:.1f}" in reader.text
    row = reader.dataframe[0].value.iloc[0]
    assert row["Perplexity"] == pytest.approx(perplexity, abs=0.06)
    reader.press("Show test loss")
    test_loss = reader.trainer.runs()[0].test_loss
    assert test_loss is not None
    assert f"**{test_loss:.4f}**, perplexity {np.exp(test_loss):.1f}." in reader.text


def test_only_runs_of_the_same_data_are_compared(reader: Visitor) -> None:
    reader.open("train/page.py")
    reader.train(Corpus.of_words("few", ["emma", "ava", "mia", "otto", "ida", "nina"]))
    reader.session_state["runs_table"] = {
        "selection": {"rows": [0], "columns": [], "cells": []}
    }  # fmt: skip
    reader.draw()
    assert reader.views["train"]["overlaid"] == []
    (table,) = [d.value for d in reader.dataframe if "Run" in d.value.columns]
    assert len(table) == 1
    assert "Perplexity" not in table.columns
