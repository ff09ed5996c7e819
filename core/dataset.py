"""Words, their characters, and the examples that a model of characters learns from."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.errors import DatasetError

BOUNDARY = "."  # stands before and after every word
NAMES_FILE = Path(__file__).parent.parent / "data" / "names.txt"
SPLIT_SEED = 42  # the same split for every run, so that validation losses can be compared

MAX_BYTES = 1_000_000
MAX_WORD_LENGTH = 64
MAX_CHARACTERS = 200
MIN_WORDS = 10

Part = Literal["train", "val", "test", "all", "first_five"]


class Examples(NamedTuple):
    """Contexts and what followed them: a pair of tensors, X and Y in the tutorial."""

    contexts: Tensor  # int64 (N, T)
    targets: Tensor  # int64 (N,)

    def drawn(self, count: int, seed: int) -> Examples:
        """At most `count` of them, drawn by seed; themselves when there are no more."""
        if len(self.targets) <= count:
            return self
        generator = torch.Generator().manual_seed(seed)
        rows = torch.randperm(len(self.targets), generator=generator)[:count]
        return Examples(self.contexts[rows], self.targets[rows])


class Split(NamedTuple):
    """The words in three parts that share no place in the list."""

    train: list[str]
    val: list[str]
    test: list[str]


@dataclass(frozen=True)
class Vocabulary:
    """The characters of a list of words, each with its index; the boundary is index 0."""

    itos: tuple[str, ...]

    @classmethod
    def from_words(cls, words: Iterable[str]) -> Vocabulary:
        """Number the boundary and then the words' characters in their sorted order."""
        return cls((BOUNDARY, *sorted(set("".join(words)) - {BOUNDARY})))

    @cached_property
    def stoi(self) -> dict[str, int]:
        """Character to index."""
        return {character: index for index, character in enumerate(self.itos)}

    def __len__(self) -> int:
        return len(self.itos)

    def encode(self, text: str) -> list[int]:
        """Indices of the characters of `text`.

        Raises:
            DatasetError: if a character is not in the vocabulary.
        """
        unknown = sorted(set(text) - self.stoi.keys())
        if unknown:
            raise DatasetError(
                f"{', '.join(map(repr, unknown))} does not stand in the training words: "
                f"use only {' '.join(self.itos[1:])}"
            )
        return [self.stoi[character] for character in text]

    def decode(self, indices: Iterable[int]) -> str:
        """Characters of the indices, joined."""
        return "".join(self.itos[index] for index in indices)


@dataclass(frozen=True)
class NamesFile:
    """What an uploaded file held: the words to use, and what was left out of it."""

    words: list[str]
    n_blank_lines: int
    n_trimmed: int  # lines whose surrounding spaces were dropped


@cache
def _embedded_names() -> tuple[str, ...]:
    return tuple(NAMES_FILE.read_text(encoding="utf-8").splitlines())


def load_names() -> list[str]:
    """The embedded list of 32,033 names, in the order of the tutorial's list."""
    return list(_embedded_names())


def parse_names(data: bytes) -> list[str]:
    """Read an uploaded list, one word a line in UTF-8.

    Raises:
        DatasetError: if the list cannot be used; the text says why, and in which line.
    """
    return read_names(data).words


def read_names(data: bytes) -> NamesFile:
    """Read an uploaded list and say what was dropped.

    Characters are composed (NFC), so that an accented letter is one character.

    Raises:
        DatasetError: if the list cannot be used; the text says why, and in which line.
    """
    if len(data) > MAX_BYTES:
        raise DatasetError(f"The file has {len(data):,} bytes; at most {MAX_BYTES:,} are read.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad_line = len(re.split(rb"\r\n|\n|\r", data[: error.start]))
        raise DatasetError(
            f"Line {bad_line} is not UTF-8 text. Save the list as plain text in UTF-8, "
            "one word a line, and upload it again."
        ) from None
    lines = re.split(r"\r\n|\n|\r", unicodedata.normalize("NFC", text))
    if lines[-1] == "":
        lines.pop()
    words: list[str] = []
    n_trimmed = 0
    for line_number, line in enumerate(lines, start=1):
        word = line.strip(" \u00a0\u3000")
        n_trimmed += bool(word) and word != line
        if word:
            _check_word(word, line_number)
            words.append(word)
    _check_words(words)
    return NamesFile(words=words, n_blank_lines=len(lines) - len(words), n_trimmed=n_trimmed)


def build_contexts(words: Sequence[str], vocabulary: Vocabulary, block_size: int) -> Examples:
    """Slide a window over every word, padded with the boundary, up to and with its end.

    'emma' at a context of 3 gives `... → e`, `..e → m`, `.em → m`, `emm → a`, `mma → .`.

    Args:
        words: in any order; examples follow the order of the words.
        vocabulary: must hold every character of the words.
        block_size: T, characters of context.

    Returns:
        X int64 (N, T) and Y int64 (N,), where N counts every character and every word's end.

    Raises:
        DatasetError: if a word has a character outside the vocabulary.
    """
    padding = BOUNDARY * block_size
    # One long line, each word behind its own padding, so that all windows are one slice each.
    indices = np.array(
        vocabulary.encode("".join(padding + word for word in words) + BOUNDARY * block_size),
        dtype=np.int64,
    )
    lengths = np.fromiter((len(word) for word in words), dtype=np.int64, count=len(words))
    starts = np.cumsum(lengths + block_size) - (lengths + block_size)
    n_examples = int((lengths + 1).sum())
    first = np.repeat(starts - np.cumsum(lengths + 1) + (lengths + 1), lengths + 1)
    windows = first + np.arange(n_examples)
    contexts = indices[windows[:, None] + np.arange(block_size)]
    targets = indices[windows + block_size]
    return Examples(torch.from_numpy(contexts), torch.from_numpy(targets))


def split_words(words: Sequence[str], seed: int = SPLIT_SEED) -> Split:
    """Shuffle a copy with the seed and cut it into 80, 10 and 10 per cent, as the lecture does."""
    shuffled = list(words)
    random.Random(seed).shuffle(shuffled)
    first, second = int(0.8 * len(words)), int(0.9 * len(words))
    return Split(shuffled[:first], shuffled[first:second], shuffled[second:])


@dataclass(frozen=True, eq=False)
class Dataset:
    """A list of words with its name, vocabulary and split; examples are made when asked for."""

    name: str
    words: tuple[str, ...]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The characters of all words, so that validation never meets an unknown one."""
        return Vocabulary.from_words(self.words)

    @property
    def is_embedded(self) -> bool:
        """Whether these are the tutorial's names."""
        return self is embedded_dataset()

    @cached_property
    def split(self) -> Split:
        """Training, validation and test words."""
        return split_words(self.words)

    @cached_property
    def unique_words(self) -> frozenset[str]:
        """The words without repeats, to tell a new name from a known one."""
        return frozenset(self.words)

    def part(self, part: Part) -> Sequence[str]:
        """The words of one part of the split, all of them, or the first five."""
        if part == "all":
            return self.words
        if part == "first_five":
            return self.words[:5]
        words: list[str] = getattr(self.split, part)
        return words

    def examples(self, part: Part, block_size: int) -> Examples:
        """Contexts and targets of one part; shared by everyone who asks for the same."""
        return _examples(self, part, block_size)


@lru_cache(maxsize=12)
def _examples(dataset: Dataset, part: Part, block_size: int) -> Examples:
    return build_contexts(dataset.part(part), dataset.vocabulary, block_size)


@cache
def embedded_dataset() -> Dataset:
    """The embedded names as one dataset, shared by all sessions."""
    return Dataset("U.S. baby names of 2018", _embedded_names())


def _check_word(word: str, line: int) -> None:
    if len(word) > MAX_WORD_LENGTH:
        raise DatasetError(
            f"Line {line} has {len(word)} characters; a word may have {MAX_WORD_LENGTH}. "
            "Put one word on each line."
        )
    if BOUNDARY in word:
        raise DatasetError(
            f"Line {line}, {word!r}, holds a '{BOUNDARY}'. It marks the start and end of every "
            "word here, so it cannot stand inside one: take it out."
        )
    for character in word:
        if unicodedata.category(character) in {"Cc", "Zl", "Zp"}:
            raise DatasetError(
                f"Line {line} holds the control character U+{ord(character):04X}. "
                "Save the list as plain text, one word a line."
            )


def _check_words(words: Sequence[str]) -> None:
    if not words:
        raise DatasetError("The file holds no words. Put one word on each line.")
    if len(words) < MIN_WORDS:
        raise DatasetError(f"The file holds {len(words)} words; at least {MIN_WORDS} are needed.")
    characters = set("".join(words))
    if len(characters) < 2:
        raise DatasetError(
            f"All words are made of the one character {words[0][0]!r}: there is nothing to learn."
        )
    if len(characters) > MAX_CHARACTERS:
        raise DatasetError(
            f"The words use {len(characters)} different characters; "
            f"at most {MAX_CHARACTERS} are possible."
        )
