"""Chapters on names, for a visitor who has chosen words, or another network than the tutorial's."""

from __future__ import annotations

import pytest

from core.lesson import scope
from core.lesson.chapter import Chapter
from core.lesson.contents import CHAPTERS
from core.presets import PAPER_PRESETS, SMALL_LANGUAGE
from core.text import Corpus, small_language
from tests.pages.conftest import Visitor

every_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.slug)
ON_WORDS = {"generalising", "paper_run"}
OTHER_DATA = "the embedded names are used instead"
OTHER_NETWORK = "It teaches the tutorial’s network: your settings without"


def choose(visitor: Visitor, settings: dict[str, object]) -> None:
    for name, value in settings.items():
        visitor.app.session_state[f"setting:{name}"] = value


@every_chapter
def test_words_and_a_network_without_a_hidden_layer(visitor: Visitor, chapter: Chapter) -> None:
    visitor.app.session_state["session"].corpus = small_language()
    choose(visitor, {"n_hidden": 0, "direct": True, "n_embd": 8, "block_size": 5, "dropout": 0.2})
    visitor.open(f"lesson/{chapter.slug}/page.py")
    assert not visitor.errors
    is_on_names = chapter.slug not in ON_WORDS
    assert (OTHER_DATA in visitor.text) == is_on_names
    assert (
        f"{OTHER_NETWORK} direct connections, dropout and H = 0, with 100 in its place."
        in visitor.text
    ) == is_on_names


@pytest.mark.parametrize("slug", ["idea", "forward", "backward", "beyond"])
def test_tied_embeddings_and_adam(visitor: Visitor, slug: str) -> None:
    choose(visitor, {"n_embd": 20, "n_hidden": 20, "tied": True, "optimiser": "adam"})
    visitor.open(f"lesson/{slug}/page.py")
    assert not visitor.errors
    assert OTHER_DATA not in visitor.text
    assert f"{OTHER_NETWORK} tied embeddings and Adam." in visitor.text


def test_too_many_characters_are_shown_as_the_embedded_names(visitor: Visitor) -> None:
    signs = "".join(chr(0x4E00 + number) for number in range(scope.MOST_CHARACTERS))
    visitor.app.session_state["session"].corpus = Corpus.of_words("many", [signs] * 10)
    visitor.open("lesson/look_up/page.py")
    assert OTHER_DATA in visitor.text
    assert "32,033" in visitor.open("lesson/counting/page.py").text


@pytest.mark.parametrize("slug", ["idea", "forward"])
def test_a_run_on_words_is_not_shown_as_one_on_characters(visitor: Visitor, slug: str) -> None:
    visitor.app.session_state["session"].corpus = small_language()
    visitor.train(small_language(), direct=True, block_size=3)
    visitor.open(f"lesson/{slug}/page.py")
    assert not visitor.errors
    assert "Run 1" not in visitor.text


def test_a_run_with_direct_connections_is_not_the_forward_chapters(visitor: Visitor) -> None:
    visitor.train(direct=True)
    visitor.open("lesson/forward/page.py")
    assert not visitor.errors


def test_runs_of_a_chapter_are_on_names_whatever_is_chosen(visitor: Visitor) -> None:
    visitor.app.session_state["session"].corpus = small_language()
    visitor.open("lesson/overfit/page.py")
    visitor.press("Run it on the Train page")
    assert visitor.snapshot.corpus.unit == "character"


@pytest.mark.parametrize("preset", [SMALL_LANGUAGE, PAPER_PRESETS["MLP3"]], ids=lambda p: p.name)
def test_what_a_chapter_left_out_is_still_chosen(visitor: Visitor, preset) -> None:
    values = preset.config.to_settings()
    choose(visitor, {name: values[name] for name in ("n_embd", "n_hidden", "direct")})
    visitor.open("lesson/forward/page.py")
    visitor.open("train/page.py")
    assert visitor.select_slider(key="setting:n_hidden").value == values["n_hidden"]


def test_the_contents_give_the_words_that_were_chosen(visitor: Visitor) -> None:
    visitor.app.session_state["session"].corpus = small_language()
    visitor.open("lesson/contents.py")
    assert not visitor.errors
