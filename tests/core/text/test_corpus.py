"""The embedded names, and the examples made of words."""

from __future__ import annotations

import hashlib
import random

import pytest
import torch

from core.errors import DatasetError
from core.text import (
    Corpus,
    Examples,
    Vocabulary,
    build_contexts,
    load_names,
    parse_names,
    split_words,
)
from core.text.names import NAMES_FILE

# The embedded list


def test_the_embedded_list_has_the_tutorials_counts(corpus: Corpus) -> None:
    assert len(load_names()) == 32_033
    assert len(corpus.known) == 29_494
    contexts, targets = corpus.examples("all", block_size=3)
    assert contexts.shape == (228_146, 3)
    assert targets.shape == (228_146,)


def test_the_first_eight_names_are_the_tutorials() -> None:
    first = "emma olivia ava isabella sophia charlotte mia amelia"
    assert load_names()[:8] == first.split()


def test_the_embedded_list_is_one_lower_case_word_a_line() -> None:
    content = NAMES_FILE.read_bytes()
    assert set(content) == set(b"abcdefghijklmnopqrstuvwxyz\n")
    assert content.endswith(b"\n")
    assert b"\n\n" not in content


def test_the_embedded_list_is_the_one_that_its_readme_describes() -> None:
    readme = (NAMES_FILE.parent / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(NAMES_FILE.read_bytes()).hexdigest() in readme


def test_changing_the_loaded_list_does_not_change_the_next_one() -> None:
    load_names().clear()
    assert len(load_names()) == 32_033


def test_the_embedded_list_would_pass_as_an_upload() -> None:
    assert parse_names(NAMES_FILE.read_bytes()) == load_names()


# Vocabulary


def test_the_vocabulary_is_the_boundary_and_the_alphabet(corpus: Corpus) -> None:
    vocabulary = corpus.vocabulary
    assert len(vocabulary) == 27
    assert "".join(vocabulary.itos) == ".abcdefghijklmnopqrstuvwxyz"
    assert (vocabulary.stoi["."], vocabulary.stoi["a"], vocabulary.stoi["z"]) == (0, 1, 26)


def test_decoding_undoes_encoding(corpus: Corpus) -> None:
    assert corpus.vocabulary.encode(".emma.") == [0, 5, 13, 13, 1, 0]
    assert corpus.vocabulary.decode([0, 5, 13, 13, 1, 0]) == ".emma."


def test_a_character_outside_the_vocabulary_is_named() -> None:
    with pytest.raises(DatasetError, match="'x', 'ß' never occurs in the training names: use"):
        Vocabulary.from_words(["ab"]).encode("axßb")


# Contexts


def test_contexts_of_emma_by_hand(corpus: Corpus) -> None:
    contexts, targets = build_contexts(["emma"], corpus.vocabulary, block_size=3)
    windows = [corpus.vocabulary.decode(row) for row in contexts.tolist()]
    assert windows == ["...", "..e", ".em", "emm", "mma"]
    assert corpus.vocabulary.decode(targets.tolist()) == "emma."


def test_the_first_five_names_give_32_examples(examples: Examples) -> None:
    assert examples.contexts.shape == (32, 3)
    assert examples.targets.shape == (32,)
    assert examples.contexts.dtype == examples.targets.dtype == torch.int64


@pytest.mark.parametrize("block_size", range(1, 17))
def test_contexts_are_those_of_a_slow_loop(
    block_size: int, names: tuple[str, ...], corpus: Corpus
) -> None:
    words = random.Random(block_size).sample(names, 20)
    stoi = corpus.vocabulary.stoi
    slow_contexts, slow_targets = [], []
    for word in words:
        context = [0] * block_size
        for character in f"{word}.":
            slow_contexts.append(context)
            slow_targets.append(stoi[character])
            context = [*context[1:], stoi[character]]
    contexts, targets = build_contexts(words, corpus.vocabulary, block_size)
    assert contexts.tolist() == slow_contexts
    assert targets.tolist() == slow_targets


def test_no_words_give_no_examples(corpus: Corpus) -> None:
    contexts, targets = build_contexts([], corpus.vocabulary, block_size=3)
    assert (contexts.shape, targets.shape) == ((0, 3), (0,))
    assert contexts.dtype == targets.dtype == torch.int64


# Split


def test_the_split_has_the_documented_numbers_of_examples(corpus: Corpus) -> None:
    sizes = [len(corpus.examples(part, 3).targets) for part in ("train", "val", "test")]
    assert sizes == [182_581, 22_859, 22_706]  # as data/README.md says
    assert sum(sizes) == 228_146


def test_the_split_uses_every_place_of_the_list_once() -> None:
    places = [str(place) for place in range(32_033)]
    train, val, test = split_words(places, seed=42)
    assert (len(train), len(val), len(test)) == (25_626, 3_203, 3_204)
    assert sorted(train + val + test) == sorted(places)


def test_the_split_follows_its_seed_alone_and_leaves_its_words_in_order() -> None:
    words = load_names()
    assert split_words(words, seed=1) == split_words(words, seed=1)
    assert split_words(words, seed=1) != split_words(words, seed=2)
    assert words == load_names()


def test_parts_are_shared_by_all_who_ask(corpus: Corpus) -> None:
    assert corpus.examples("val", 3) is corpus.examples("val", 3)
    assert corpus.texts_of("first_five") == ["emma", "olivia", "ava", "isabella", "sophia"]
    assert tuple(corpus.texts_of("all")) == corpus.texts


def test_at_most_so_many_examples_are_drawn_and_always_the_same(corpus: Corpus) -> None:
    examples = corpus.examples("all", 3)
    one, other = examples.sampled(4096, 7), examples.sampled(4096, 7)
    assert one.contexts.shape == (4096, 3)
    assert torch.equal(one.contexts, other.contexts)
    few = Examples(examples.contexts[:10], examples.targets[:10])
    assert few.sampled(4096, 7) is few
