"""Texts are sifted by hand-written lists, and the kept ones don't depend on the batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import pytest
import torch

from core.config import MOST_TOKENS, ModelConfig, SampleConfig
from core.errors import ConfigError
from core.models import MLP, generate, sifting
from core.models.sampling import LONGEST
from core.models.sifting import Sieve, Sifted, most_tries, sieve_of, writing
from core.text import Corpus, Vocabulary

WRITTEN = ("ann", "bo", "ann", "catherine", "", "dora", "bo", "eve", "dora", "finn")


def writes(texts: Iterator[str]) -> Callable[[int], list[str]]:
    """A model that writes these in turn, as many as there are."""
    return lambda count: [*islice(texts, count)]


def sifted(sieve: Sieve, count: int) -> Sifted:
    (*_, last) = sifting.sifting(writes(iter(WRITTEN)), sieve, count, "character", at_once=3)
    return last


@pytest.fixture(autouse=True)
def few_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most the ten that there are."""
    monkeypatch.setitem(sifting.FEWEST_TRIES, "character", len(WRITTEN))
    monkeypatch.setitem(sifting.TRIES, "character", 1)


def test_an_open_sieve_keeps_what_is_written() -> None:
    assert sifted(Sieve(), 4) == Sifted(texts=("ann", "bo", "ann", "catherine"), n_wanted=4)


def test_known_texts_are_left_out_and_counted() -> None:
    found = sifted(Sieve(known={"ann", "dora"}), 4)
    assert found.texts == ("bo", "catherine", "", "bo")
    assert (found.n_known, found.n_misfit, found.n_repeated) == (3, 0, 0)
    assert (found.n_tried, found.is_complete) == (7, True)


def test_lengths_are_bounds_that_may_be_met() -> None:
    found = sifted(Sieve(shortest=3, longest=4), 5)
    assert found.texts == ("ann", "ann", "dora", "eve", "dora")
    assert (found.n_misfit, found.n_tried) == (4, 9)  # bo, catherine, '', bo
    assert sifted(Sieve(longest=0), 1).texts == ("",)


def test_without_duplicates_each_is_kept_where_it_first_was() -> None:
    found = sifted(Sieve(is_unique=True), 6)
    assert found.texts == ("ann", "bo", "catherine", "", "dora", "eve")
    assert found.n_repeated == 2


def test_each_is_counted_under_the_first_reason_it_has() -> None:
    found = sifted(Sieve(known={"bo", "eve"}, shortest=3, is_unique=True), 4)
    assert found.texts == ("ann", "catherine", "dora", "finn")
    assert (found.n_misfit, found.n_known, found.n_repeated) == (3, 1, 2)


def test_it_gives_up_where_too_few_are_kept() -> None:
    found = sifted(Sieve(known=set(WRITTEN)), 3)
    assert (found.texts, found.n_wanted, found.n_known) == ((), 3, len(WRITTEN))
    assert not found.is_complete


def test_a_model_that_writes_one_text_alone_comes_to_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    batches = list(sifting.sifting(lambda n: ["ann"] * n, Sieve(is_unique=True), 200, "character"))
    assert batches[-1].texts == ("ann",)
    assert batches[-1].n_tried == most_tries(200, "character") == 4_000


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_the_same_seed_keeps_the_same_texts_whatever_the_batches(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    vocabulary = Vocabulary(tuple(".abcdefgh"))
    model = MLP(ModelConfig(seed=1), len(vocabulary))
    written = generate(model, vocabulary, 300, 1.0, torch.Generator().manual_seed(3))
    expected = list(dict.fromkeys(text for text in written if 1 <= len(text) <= 8))[:20]
    assert len(expected) == 20
    monkeypatch.undo()
    generator = torch.Generator().manual_seed(3)
    (*_, found) = sifting.sifting(
        lambda n: generate(model, vocabulary, n, 1.0, generator),
        Sieve(shortest=1, longest=8, is_unique=True),
        20,
        "character",
        at_once=size,
    )
    assert list(found.texts) == expected


# By the settings of a sample

CORPUS = Corpus.of_words("mine", ["anna", "otto", "ina", "tina", "nita", "tia", "ian", "nat"])


def written(corpus: Corpus, how: SampleConfig) -> Sifted:
    model = MLP.of_corpus(ModelConfig(init="scaled"), corpus)
    (*_, last) = writing(model, corpus, how, "train", how.count)
    return last


def test_settings_without_filters_write_what_they_always_wrote() -> None:
    model = MLP.of_corpus(ModelConfig(init="scaled"), CORPUS)
    expected = generate(model, CORPUS.vocabulary, 30, 1.2, torch.Generator().manual_seed(7))
    how = SampleConfig(count=30, temperature=1.2, seed=7)
    assert sieve_of(how, CORPUS, "train").is_open
    assert written(CORPUS, how) == Sifted(texts=tuple(expected), n_wanted=30)


def test_new_is_what_the_part_that_was_learned_from_does_not_hold() -> None:
    learned = set(CORPUS.texts_of("train"))
    assert learned < set(CORPUS.texts)
    how = SampleConfig(new_only=True)
    assert sieve_of(how, CORPUS, "train").known == learned
    assert sieve_of(how, CORPUS, "all").known == set(CORPUS.texts)


def test_lengths_are_counted_in_tokens() -> None:
    pages = [["a", "cat", "sat", "."], ["a", "dog", "sat", "on", "a", "mat", "."]] * 3
    corpus = Corpus.of_stream("pages", pages, n_train=20, n_val=8, stops=["."])
    found = written(corpus, SampleConfig(shortest=3, longest=5, count=10, seed=2))
    assert found.is_complete
    assert found.n_misfit
    assert {len(text.split()) for text in found.texts} <= {3, 4, 5}


def test_greedy_keeps_its_text_whatever_the_filters() -> None:
    how = SampleConfig(how="greedy", new_only=True, is_unique=True, longest=0, count=1)
    assert len(written(CORPUS, how).texts) == 1


def test_the_widest_lengths_are_all() -> None:
    assert max(LONGEST.values()) == MOST_TOKENS
    with pytest.raises(ConfigError, match="longest must be at least 7, the shortest, got 5"):
        SampleConfig(shortest=7, longest=5)
