"""Names of any characters are kept, and written into the lesson, as they were."""

from __future__ import annotations

from typing import Any

from core.config import RunConfig
from core.lesson.code import shared
from core.runs.codec.corpora import corpus_from_bytes, corpus_to_bytes, fingerprint
from core.text import Corpus, Vocabulary

NAMES = [
    "Mr. Mime",
    "St. Albert",
    "Dan🇫🇷",
    "भाषा",
    "豪成",
    "דוד",
    "Zoë",
    "a|b",
    "O’Neil",
    "Ана",
] * 4


def test_they_are_kept_as_they_are() -> None:
    corpus = Corpus.of_words("odd", NAMES)
    again = corpus_from_bytes(corpus_to_bytes(corpus))
    assert again.texts == corpus.texts == tuple(NAMES)
    assert (again.boundary, again.kinds) == ("¶", corpus.kinds)
    assert fingerprint(again) == fingerprint(corpus)


def test_rare_characters_are_kept_as_one() -> None:
    vocabulary = Vocabulary.from_words(NAMES, most=12)
    corpus = Corpus.of_texts("odd", NAMES, vocabulary)
    again = corpus_from_bytes(corpus_to_bytes(corpus))
    assert again.vocabulary == vocabulary
    assert again.vocabulary.rare_id is not None


def test_the_lessons_code_has_the_same_tokens_and_examples() -> None:
    corpus = Corpus.of_words("odd", NAMES)
    parts = shared(RunConfig(), ["all_names"])
    held: dict[str, Any] = {"names": NAMES}
    exec("\n".join(lines for name, lines in parts.items() if name != "names"), held)
    assert held["itos"] == list(corpus.vocabulary.itos)
    assert held["X_all"].tolist() == corpus.examples("all", 3).contexts.tolist()
    assert held["Y_all"].tolist() == corpus.examples("all", 3).targets.tolist()
