"""Documents one by one: which of them training has, and what each adds up to."""

from __future__ import annotations

import numpy as np
import pytest

from core.text import Corpus, Part, by_document, is_new, read_text, small_language

DISTINCT = [f"{a}{b}" for a in "abcdefgh" for b in "klmno"]
PARTS: tuple[Part, ...] = ("val", "test")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("learned", ["train", "all", "first_five"])
def test_a_name_is_new_where_no_name_that_was_learned_from_is_the_same(
    part: Part, learned: Part
) -> None:
    some = Corpus.of_words("some", [*DISTINCT, *DISTINCT[:25]])
    known = some.texts_of(learned)
    found = is_new(some, part, learned).tolist()
    assert found == [text not in known for text in some.texts_of(part)]
    assert {True, False} >= set(found) != {learned == "all"}


def test_all_none_and_some_repeat() -> None:
    assert is_new(Corpus.of_words("none", DISTINCT), "val").all()
    assert not is_new(Corpus.of_words("all", ["ann", "bo"] * 20), "val").any()


def test_of_the_embedded_names_every_eighth_stands_in_training_too(corpus: Corpus) -> None:
    are_new = is_new(corpus, "val")
    assert (len(are_new), int((~are_new).sum())) == (3_203, 409)
    n_examples = corpus.lengths("val")
    assert n_examples[~are_new].sum() / n_examples.sum() == pytest.approx(0.118, abs=5e-4)


def test_paragraphs_of_a_text_and_sentences_of_the_small_language_repeat_too() -> None:
    song = "Row the boat. It goes by.\n\n" * 30 + "Life is but a dream, merrily, merrily.\n\n" * 2
    for corpus in (read_text("song", song), small_language()):
        known = [tuple(document) for document in documents(corpus, "train")]
        for part in PARTS:
            expected = [tuple(document) not in known for document in documents(corpus, part)]
            assert is_new(corpus, part).tolist() == expected


def documents(corpus: Corpus, part: Part) -> list[list[int]]:
    starts = [0, *corpus.ends.tolist()]
    return [corpus.ids[starts[n] : starts[n + 1]].tolist() for n in corpus.numbers(part).tolist()]


@pytest.mark.parametrize("part", ["train", "val", "test", "all"])
def test_sums_are_those_of_each_documents_own_examples(part: Part) -> None:
    cut = Corpus.of_stream("cut", [list("abc"), list("dabcab"), list("bd")], n_train=6, n_val=4)
    values = np.random.default_rng(1).normal(size=cut.n_examples(part))
    left, expected = list(values), []
    for number, document in zip(cut.numbers(part), documents(cut, part), strict=True):
        n_examples = len(document) + (not cut.is_cut[number])
        expected.append(sum(left[:n_examples]))
        left = left[n_examples:]
    assert not left
    assert by_document(cut, part, values).tolist() == pytest.approx(expected)
