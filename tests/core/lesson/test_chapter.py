"""Marked terms in the texts."""

from __future__ import annotations

import re

from core.lesson.chapter import TEXTS, plain, terms, with_terms
from core.lesson.contents import CHAPTERS

TEXT = "An [[embedding]] is a row; [[embedding|embeddings]] are rows of `C[X]`."


def test_terms_are_found_with_their_words() -> None:
    assert terms(TEXT) == [("embedding", "embedding"), ("embedding", "embeddings")]


def test_plain_text_has_no_marks() -> None:
    assert plain(TEXT) == "An embedding is a row; embeddings are rows of `C[X]`."


def test_terms_take_the_given_form() -> None:
    assert with_terms(TEXT, {"embedding": "<b>{}</b>"}).startswith("An <b>embedding</b> is a row; ")
    assert with_terms(TEXT, {}) == plain(TEXT)


def test_every_text_is_a_chapters_and_is_read_in_whole() -> None:
    for chapter in CHAPTERS:
        parts = [chapter.title, chapter.see, *chapter.paragraphs]
        if asked := chapter.prediction:
            guess = [asked.question, *asked.options, asked.why]
            parts[2 + chapter.n_first : 2 + chapter.n_first] = guess
        parts += [chapter.question, chapter.answer, chapter.tutorial]
        written = (TEXTS / f"{chapter.slug}.md").read_text(encoding="utf-8")
        words = re.sub(r"^(## .*|# |- \[[ x]\] )", "", written, flags=re.MULTILINE)
        assert words.split() == " ".join(parts).split()
    assert {path.stem for path in TEXTS.iterdir()} == {chapter.slug for chapter in CHAPTERS}
