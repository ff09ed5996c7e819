"""Somebody's own data is known again by its label, which holds none of it."""

from __future__ import annotations

import pytest

from core.errors import DatasetError
from core.runs.codec.label import DataLabel
from core.text import Corpus, read_text

TOWNS = ("Zoëville", "Ätown", "Bee", "Cee", "Dee", "Eff", "Gee", "Aitch", "Jay", "Kay")


def test_the_same_list_has_the_same_digest_whatever_its_file_is_called() -> None:
    one, other = (DataLabel.of(Corpus.of_words(name, TOWNS)) for name in ("a.txt", "b.csv"))
    assert one.digest == other.digest
    assert (one.name, other.name) == ("a.txt", "b.csv")
    moved = DataLabel.of(Corpus.of_words("a.txt", TOWNS[::-1]))
    assert moved.digest != one.digest


@pytest.mark.parametrize("name", ["towns.txt", "a:b", "two\nlines", "日本", "own:word:1:"])
def test_a_link_s_label_comes_back(name: str) -> None:
    label = DataLabel.of(Corpus.of_words(name, TOWNS))
    assert DataLabel.from_link(label.to_link()) == label
    assert not any(town in label.to_link() for town in TOWNS)


def test_a_text_is_counted_in_tokens() -> None:
    label = DataLabel.of(read_text("song", "The cat sat.\n\n" * 50))
    assert label.amount == "200 words and marks"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "names",
        "own:",
        "own:letter:3:0123456789ab:x",
        "own:word:-3:0123456789ab:x",
        "own:word:3:0123:x",
        "own:word:3:0123456789ab:",
    ],
)
def test_what_is_no_label_is_refused(text: str) -> None:
    with pytest.raises(DatasetError):
        DataLabel.from_link(text)
