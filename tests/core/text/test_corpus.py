"""The embedded names, the examples made of words, and what an upload may hold."""

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
    read_names,
    split_words,
)
from core.text.names import NAMES_FILE

TEN = ["anna", "bo", "cy", "di", "ed", "flo", "gus", "hal", "ida", "jo"]


def as_file(*lines: str, end: str = "\n") -> bytes:
    return "".join(line + end for line in lines).encode()


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


# Uploads that are taken


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_systems_line_ends_are_read(end: str) -> None:
    assert parse_names(as_file(*TEN, end=end)) == TEN


def test_the_last_line_needs_no_end() -> None:
    assert parse_names(as_file(*TEN).removesuffix(b"\n")) == TEN


def test_a_byte_order_mark_is_no_character() -> None:
    assert parse_names(b"\xef\xbb\xbf" + as_file(*TEN)) == TEN


def test_case_accents_and_apostrophes_are_kept() -> None:
    odd = ["Zoë", "O'Neil", "Núria", "José María", "Łucja", "ANNA", "Anne-Marie", "D’Arcy"]
    assert parse_names(as_file(*odd, *TEN)) == odd + TEN


def test_a_letter_and_its_combining_accent_become_one_character() -> None:
    assert parse_names(as_file("zoe\u0308", *TEN))[0] == "zo\u00eb"


def test_blank_lines_and_surrounding_spaces_are_dropped_and_counted() -> None:
    read = read_names(as_file("", "  mia", "eva\u00a0", "   ", *TEN, ""))
    assert read.words == ["mia", "eva", *TEN]
    assert (read.n_blank_lines, read.n_trimmed) == (3, 2)


def test_repeats_are_kept() -> None:
    assert parse_names(as_file(*TEN, "anna")).count("anna") == 2


def test_ten_words_are_enough_and_nine_are_not() -> None:
    assert len(parse_names(as_file(*TEN))) == 10
    refused("holds 9 names; at least 10", as_file(*TEN[:9]))


def test_a_word_may_have_64_characters_and_not_65() -> None:
    assert "a" * 64 in parse_names(as_file(*TEN, "a" * 64))
    refused("Line 11 has 65 characters.*64", as_file(*TEN, "a" * 65))


def test_a_words_length_is_counted_in_composed_characters() -> None:
    assert "\u00eb" * 64 in parse_names(as_file(*TEN, "e\u0308" * 64))


def test_200_characters_are_possible_and_201_are_not() -> None:
    letters = [chr(0x4E00 + i) for i in range(201)]
    assert len(set(parse_names(as_file(*letters[:200])))) == 200
    refused("201 different characters.*200", as_file(*letters))


def test_a_file_may_have_a_million_bytes_and_not_one_more() -> None:
    line = b"abcdefghijklmno\n" * 62_500
    assert len(line) == 1_000_000
    assert len(parse_names(line)) == 62_500
    refused("1,000,001 bytes; at most 1,000,000", line + b"\n")


# Uploads that are refused


def refused(key_words: str, data: bytes) -> None:
    with pytest.raises(DatasetError, match=key_words):
        parse_names(data)


@pytest.mark.parametrize("data", [b"", b"\n\n\n", b"   \n \r\n", b"\xef\xbb\xbf"])
def test_a_file_without_words_is_refused(data: bytes) -> None:
    refused("holds no names", data)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_is_not_utf8_is_refused_with_its_line(end: str) -> None:
    refused("Line 3 is not UTF-8", as_file("anna", "bo", end=end) + b"zo\xeb\n")


def test_a_picture_and_utf16_are_refused() -> None:
    refused("Line 1 is not UTF-8", b"\x89PNG\r\n\x1a\n")
    refused("Line 1 is not UTF-8", "\n".join(TEN).encode("utf-16"))


def test_words_of_one_character_alone_are_refused() -> None:
    refused("the one character 'a'", as_file(*["a", "aa"] * 5))


def test_a_word_with_the_boundary_inside_is_refused() -> None:
    refused("Line 2, 'st. john', holds a '.'", as_file("anna", "st. john", *TEN))


@pytest.mark.parametrize(
    ("character", "code"),
    [
        ("\x00", "0000"),
        ("\t", "0009"),
        ("\x0b", "000B"),
        ("\x1c", "001C"),
        ("\x7f", "007F"),
        ("\x85", "0085"),
        ("\u2028", "2028"),
        ("\u2029", "2029"),
    ],
)
def test_control_characters_are_refused_by_code_and_line(character: str, code: str) -> None:
    refused(rf"Line 11 .*control character U\+{code}", as_file(*TEN, f"an{character}na"))


def test_at_most_so_many_examples_are_drawn_and_always_the_same(corpus: Corpus) -> None:
    examples = corpus.examples("all", 3)
    one, other = examples.sampled(4096, 7), examples.sampled(4096, 7)
    assert one.contexts.shape == (4096, 3)
    assert torch.equal(one.contexts, other.contexts)
    few = Examples(examples.contexts[:10], examples.targets[:10])
    assert few.sampled(4096, 7) is few
