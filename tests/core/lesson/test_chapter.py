"""Marked terms in the texts."""

from __future__ import annotations

from core.lesson.chapter import plain, terms, with_terms

TEXT = "An [[embedding]] is a row; [[embedding|embeddings]] are rows of `C[X]`."


def test_terms_are_found_with_their_words() -> None:
    assert terms(TEXT) == [("embedding", "embedding"), ("embedding", "embeddings")]


def test_plain_text_has_no_marks() -> None:
    assert plain(TEXT) == "An embedding is a row; embeddings are rows of `C[X]`."


def test_terms_take_the_given_form() -> None:
    assert with_terms(TEXT, {"embedding": "<b>{}</b>"}).startswith("An <b>embedding</b> is a row; ")
    assert with_terms(TEXT, {}) == plain(TEXT)
