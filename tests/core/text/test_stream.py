"""Running text: words by rank, rare ones as one, documents in order cut into three parts."""

from __future__ import annotations

import random
from collections import Counter
from itertools import chain

import pytest

from core.errors import DatasetError
from core.text import TEXT_MARK, Corpus, Vocabulary, cut_tokens
from core.text.vocabulary import RARE

PAGES = [
    ["the", "cat", "sat", ".", "the", "dog", "ran", "."],
    ["a", "dog", "sat", "?", "the", "cat", "ran", "!"],
    ["the", "bird", "sang", "."],
]


def corpus_of(n_train: int, n_val: int, rare_at_most: int = 0) -> Corpus:
    return Corpus.of_stream(
        "pages", PAGES, n_train=n_train, n_val=n_val, rare_at_most=rare_at_most, stops=".?!"
    )


# Words by rank


def test_ids_are_ranks_and_words_as_frequent_as_each_other_are_sorted() -> None:
    vocabulary = corpus_of(8, 8).vocabulary
    expected = "¶ the . cat dog ran sat ! ? a bird sang"
    assert " ".join(vocabulary.itos) == expected
    assert (vocabulary.rare, vocabulary.rare_id, vocabulary.unit) == ("", None, "word")


def test_rare_words_are_one_word() -> None:
    corpus = corpus_of(8, 8, rare_at_most=1)
    assert " ".join(corpus.vocabulary.itos) == "¶ <rare> the . cat dog ran sat"
    assert corpus.vocabulary.rare_id == 1
    assert corpus.texts[-1] == "the <rare> <rare> ."
    assert corpus.vocabulary.encode("the emu sat") == [2, 1, 7]


def test_without_a_rare_word_an_unknown_one_is_refused() -> None:
    with pytest.raises(DatasetError, match="'emu' never occurs"):
        corpus_of(8, 8).vocabulary.encode("the emu sat")


def test_names_have_no_rare_character(corpus: Corpus) -> None:
    assert (corpus.vocabulary.rare, corpus.vocabulary.rare_id) == ("", None)
    assert corpus.stops == {0}


def test_the_text_mark_and_the_rare_word_are_never_words_of_the_text() -> None:
    vocabulary = Vocabulary.from_counts({TEXT_MARK: 9, RARE: 9, "a": 9, "b": 1}, rare_at_most=1)
    assert vocabulary.itos == (TEXT_MARK, RARE, "a")


# Words of a typed text


def test_a_typed_text_is_cut_as_its_corpus_was() -> None:
    words = Vocabulary.from_counts(
        dict.fromkeys(["Mr.", "U.S.", "``", "''", "said", ",", ".", "don't", "$5"], 2),
        rare_at_most=0,
    )
    assert words.tokens("Mr., said.") == ["Mr.", ",", "said", "."]
    assert words.tokens("``don't'' U.S.,") == ["``", "don't", "''", "U.S.", ","]
    assert words.tokens("$5, $6.50") == ["$5", ",", "$", "6.50"]


def test_typed_quotation_marks_and_apostrophes_become_those_of_the_corpus() -> None:
    known = ["``", "''", "said", ",", ".", "I", "don't", "(", ")"]
    words = Vocabulary.from_counts(dict.fromkeys(known, 2), rare_at_most=0)
    typed = words.tokens('"I don’t," I said. ("I don\'t.") “I”')
    assert " ".join(typed) == "`` I don't , '' I said . ( `` I don't . '' ) `` I ''"
    curly = Vocabulary.from_counts({"don’t": 2, '"': 2}, rare_at_most=0)
    assert curly.tokens('"don\'t"') == ['"', "don’t", '"']


@pytest.mark.parametrize("rare_at_most", [0, 1])
def test_what_is_decoded_is_encoded_to_the_same(rare_at_most: int) -> None:
    vocabulary = corpus_of(8, 8, rare_at_most).vocabulary
    ids = random.Random(1).choices(range(1, len(vocabulary)), k=200)
    assert vocabulary.encode(vocabulary.decode(ids)) == ids


def test_every_character_of_a_text_is_in_one_of_its_tokens() -> None:
    chance = random.Random(3)
    signs = "ab'’-.,;:!?…()\"`_$%1230é\u0301ж名 \n\t"
    for _ in range(300):
        text = "".join(chance.choices(signs, k=40))
        tokens = cut_tokens(text)
        assert "".join(tokens) == "".join(text.split())
        assert list(chain.from_iterable(map(cut_tokens, tokens))) == tokens


# Parts


def examples_of(corpus: Corpus, block_size: int) -> list[list[tuple[str, str]]]:
    decode = corpus.vocabulary.decode
    return [
        [
            (decode(context), decode([target]))
            for context, target in zip(*map(lambda t: t.tolist(), pair), strict=True)  # noqa: C417
        ]
        for pair in (corpus.examples(part, block_size) for part in ("train", "val", "test"))
    ]


def test_a_document_that_crosses_a_cut_is_cut_in_two_without_an_end_between() -> None:
    corpus = corpus_of(4, 13)
    train, val, test = examples_of(corpus, 2)
    assert train == [("¶ ¶", "the"), ("¶ the", "cat"), ("the cat", "sat"), ("cat sat", ".")]
    assert val[:2] == [("¶ ¶", "the"), ("¶ the", "dog")]
    assert (val[4], val[-1]) == (("ran .", "¶"), ("ran !", "¶"))
    assert test[0] == ("¶ ¶", "the")
    assert corpus.texts[:2] == ("the cat sat .", "the dog ran .")


@pytest.mark.parametrize("n_train", range(0, 26, 5))
@pytest.mark.parametrize("n_val", [0, 1, 7, 40])
def test_the_parts_are_one_line_cut_at_the_counts(n_train: int, n_val: int) -> None:
    corpus = corpus_of(n_train, n_val)
    targets = [[target for _, target in part] for part in examples_of(corpus, 3)]
    line = list(chain.from_iterable([*page, TEXT_MARK] for page in PAGES))
    assert list(chain.from_iterable(targets)) == line
    cuts = [min(n_train, len(line)), min(n_train + n_val, len(line))]
    # A cut just before a document's end is moved behind it.
    behind = [cut + (cut < len(line) and line[cut] == TEXT_MARK) for cut in cuts]
    sizes = [len(part) for part in targets]
    assert [sizes[0], sizes[0] + sizes[1]] == behind
    assert [corpus.n_examples(part) for part in ("train", "val", "test")] == sizes


def test_counts_are_those_of_the_training_targets() -> None:
    corpus = corpus_of(13, 4)
    (train, _, _) = examples_of(corpus, 1)
    expected = Counter(target for _, target in train)
    found = dict(zip(corpus.vocabulary.itos, corpus.counts.tolist(), strict=True))
    assert {word: count for word, count in found.items() if count} == expected


def test_counts_of_names_sum_to_their_training_examples(corpus: Corpus) -> None:
    assert corpus.counts.sum() == corpus.n_examples("train") == 182_581
    assert corpus.counts[0] == len(corpus.texts_of("train"))


# Sentences


def test_what_is_known_of_running_text_is_its_sentences() -> None:
    assert corpus_of(30, 0).known == {
        "the cat sat .",
        "the dog ran .",
        "a dog sat ?",
        "the cat ran !",
        "the bird sang .",
    }


def test_what_is_known_of_the_training_part_is_its_sentences() -> None:
    corpus = corpus_of(13, 4)
    assert corpus.known_in("train") == {"the cat sat .", "the dog ran .", "a dog sat ?"}
    assert corpus.known_in("all") == corpus.known


def test_without_stops_only_the_end_of_a_document_ends_a_sentence() -> None:
    corpus = Corpus.of_stream("pages", PAGES, n_train=10, n_val=5)
    assert corpus.stops == {0}
    assert set(map(len, (text.split() for text in corpus.known))) <= set(range(1, 9))
    assert {corpus.vocabulary.itos[stop] for stop in corpus_of(9, 9).stops} == {"¶", ".", "?", "!"}


def test_the_report_counts_what_was_read() -> None:
    report = corpus_of(8, 4, rare_at_most=1).report
    assert report is not None
    assert (report.n_tokens, report.n_types, report.n_documents) == (20, 11, 3)
    # The question mark and the exclamation mark are rare here, so they end nothing.
    assert (report.n_sentences, report.n_rare_types, report.n_rare_tokens) == (4, 5, 5)
    assert report.rare_examples == ("a", "?", "!", "bird", "sang")
    assert (report.n_train, report.n_val, report.n_test) == (9, 3, 11)


def test_of_long_texts_only_the_latest_examples_are_kept() -> None:
    corpus = Corpus.of_stream("long", [["a", "b"] * 100_000], n_train=100, n_val=100)
    first = corpus.examples("val", 2)
    assert corpus.examples("val", 2) is first
    for block_size in (3, 4, 5):
        corpus.examples("val", block_size)
    assert corpus.examples("val", 2) is not first
