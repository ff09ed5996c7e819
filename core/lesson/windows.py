"""A name as contexts and the characters that follow them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from core.config import RunConfig
from core.errors import DatasetError
from core.lesson.chapter import Code
from core.text import Vocabulary, build_contexts

N_FIRST = 8  # words that the tutorial prints


def read_name(text: str, vocabulary: Vocabulary) -> str:
    """A name as typed, without the spaces around it and with composed accents.

    Raises:
        DatasetError: if nothing is left, or a character is not one that names are made of.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise DatasetError("There is no name: type one character or more.")
    if vocabulary.boundary in name:
        raise DatasetError(
            f"'{vocabulary.boundary}' marks the start and the end of a name, so it cannot stand "
            "inside one."
        )
    vocabulary.encode(name)
    return name


def as_printed(words: Sequence[str], vocabulary: Vocabulary, block_size: int) -> str:
    """Each word and below it its windows, one a line, as the tutorial prints them.

    >>> print(as_printed(["ava"], Vocabulary.from_words(["ava"]), block_size=3))
    ava
    ... --> a
    ..a --> v
    .av --> a
    ava --> .
    """
    lines = []
    for word in words:
        lines.append(word)
        X, Y = build_contexts([word], vocabulary, block_size)
        for context, target in zip(X.tolist(), Y.tolist(), strict=True):
            lines.append(f"{vocabulary.shown(context)} --> {vocabulary.labels[target]}")
    return "\n".join(lines)


def n_examples(words: Sequence[str]) -> int:
    """N of a list of words at any T: one example for each character and one for each end.

    >>> n_examples(["emma", "ava"])
    9
    """
    return sum(len(word) + 1 for word in words)


def first_words(words: Sequence[str]) -> str:
    """The first eight, with commas between them."""
    return ", ".join(words[:N_FIRST])


def vocabulary_in_full(vocabulary: Vocabulary) -> str:
    """Every character with its index."""
    return ", ".join(f"{character} {index}" for index, character in enumerate(vocabulary.labels))


def vocabulary_in_short(vocabulary: Vocabulary) -> str:
    """The first three characters and the last one with their indices.

    >>> vocabulary_in_short(Vocabulary.from_words(["emma", "ava"]))
    '. 0, a 1, e 2, … v 4'
    """
    pairs = [f"{character} {index}" for index, character in enumerate(vocabulary.labels)]
    return ", ".join(pairs) if len(pairs) <= 4 else f"{', '.join(pairs[:3])}, … {pairs[-1]}"


def code(config: RunConfig, name: str | None = None) -> Code:  # noqa: ARG001 - T stands in T
    """The windows of a name, and the shapes of those of five names and of all.

    Args:
        config: sizes.
        name: to cut into windows; the first of the list when none is given.
    """
    chosen = "names[0]" if name is None else repr(name)
    return Code(
        ("five_names", "all_names"),
        f"""print(names[:{N_FIRST}])
print(stoi)

name = {chosen}
context = [0] * T  # the boundary, T times
cut = []
for character in name + end:  # the boundary once behind the name
    print("".join(itos[index] for index in context), "→", character, context, stoi[character])
    cut.append((context, stoi[character]))
    context = context[1:] + [stoi[character]]  # drop the first, put the new one behind

print(X.shape, X.dtype, Y.shape, Y.dtype)  # the first five names
print(X_all.shape, Y_all.shape)  # all names""",
    )
