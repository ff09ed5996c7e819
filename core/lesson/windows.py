"""Chapter 3: a name as contexts and the characters that follow them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from core.config import RunConfig
from core.errors import DatasetError
from core.lesson.chapter import Chapter, Code
from core.text import BOUNDARY, Vocabulary, build_contexts

N_FIRST = 8  # words that the tutorial prints


def read_name(text: str, vocabulary: Vocabulary) -> str:
    """A name as typed, without the spaces around it and with composed accents.

    Raises:
        DatasetError: if nothing is left, or a character is not one that names are made of.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise DatasetError("There is no name: type one character or more.")
    if BOUNDARY in name:
        raise DatasetError(
            f"'{BOUNDARY}' marks the start and the end of a name, so it cannot stand inside one."
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
            lines.append(f"{vocabulary.decode(context)} --> {vocabulary.itos[target]}")
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
    return ", ".join(f"{character} {index}" for index, character in enumerate(vocabulary.itos))


def vocabulary_in_short(vocabulary: Vocabulary) -> str:
    """The first three characters and the last one with their indices.

    >>> vocabulary_in_short(Vocabulary.from_words(["emma", "ava"]))
    '. 0, a 1, e 2, … v 4'
    """
    pairs = [f"{character} {index}" for index, character in enumerate(vocabulary.itos)]
    return ", ".join(pairs) if len(pairs) <= 4 else f"{', '.join(pairs[:3])}, … {pairs[-1]}"


CHAPTER = Chapter(
    slug="windows",
    title="Examples from names",
    see="Type a name and move the window along it: each place is a row of X and an entry of Y. "
    "Then change T.",
    paragraphs=(
        "A name gives one [[example]] for each of its characters and one for its end. Each is a "
        "[[window]]: T characters of [[context]], and the character that comes next. Then the "
        "window moves on by one: the first character of the context drops out, and the one "
        "that followed goes in at the end.",
        "The first character of a name has nothing before it, so the [[boundary]] `.` fills the "
        "context. It also follows the last character, as the sign to stop. The tutorial says that "
        "the boundary comes at the end. It’s at both ends: T times before the name as "
        "padding, and once after it, always with the [[index]] 0.",
        "The [[vocabulary]] gives every character its index: `stoi` leads from character to index, "
        "`itos` back. The tutorial takes the 26 letters; here it’s the characters of your "
        "words. All contexts in one table are X, of the [[shape]] (N, T), and what follows them "
        "is Y, of the shape (N,). Both hold whole numbers, int64, because they are indices.",
    ),
    question="The first window of every name is nothing but boundaries. What can a model learn "
    "from an example whose context is always the same?",
    answer="How often each character begins a name. The contexts are alike and the characters that "
    "follow differ, so the best it can do is to give each its share of all names: in the "
    "tutorial’s list 'a' begins 4,410 of 32,033. That is also what it needs to make up a name of "
    "its own, because sampling starts from this very context.",
)


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
for character in name + ".":  # and once behind the name
    print("".join(itos[index] for index in context), "→", character, context, stoi[character])
    cut.append((context, stoi[character]))
    context = context[1:] + [stoi[character]]  # drop the first, put the new one behind

print(X.shape, X.dtype, Y.shape, Y.dtype)  # the first five names
print(X_all.shape, Y_all.shape)  # all names""",
    )
