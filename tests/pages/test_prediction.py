"""Predictions: nothing of the answer before a guess, a verdict after it, and chapters done."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from core.lesson.chapter import plain
from core.lesson.contents import CHAPTERS
from pages.lesson.parts.prediction import SHOW_ME
from pages.visit.state import SHOW_AT_ONCE
from tests.pages.conftest import Visitor

CHAPTER = {chapter.slug: chapter for chapter in CHAPTERS}
GUESSING = {slug: one.prediction for slug, one in CHAPTER.items() if one.prediction}
HELD_BACK = "Make your guess first"


@pytest.fixture
def guesser() -> Iterator[Visitor]:
    """A visitor who has not asked for the answers at once."""
    visitor = Visitor(state={SHOW_AT_ONCE.key: False})
    yield visitor
    visitor.close()


@pytest.mark.parametrize("slug", GUESSING)
def test_a_chapter_asks_first_and_says_right_or_wrong(guesser: Visitor, slug: str) -> None:
    prediction = GUESSING[slug]
    assert prediction is not None
    guesser.open(f"lesson/{slug}/page.py")
    assert HELD_BACK in guesser.text
    for later in (prediction.why, "**Do this.**", *CHAPTER[slug].paragraphs[1:][-1:]):
        assert plain(later) not in words(guesser)
    assert not [each for each in guesser.expander if each.label != "With everything it needs"]
    right = prediction.options[prediction.right]
    guesser.radio(key=f"{slug}.prediction").set_value(right)
    guesser.draw()
    assert f"Right. {prediction.why}" in guesser.text
    assert HELD_BACK not in guesser.text
    assert "**Do this.**" in guesser.text
    for name, value in CHAPTER[slug].shows.items():
        assert guesser.session_state[f"{slug}.{name}"] == value
    assert done(guesser.draw()) == set()  # to guess, and to be shown, isn't to have done it


def test_on_a_stage_the_answer_waits_for_a_key(guesser: Visitor) -> None:
    guesser.tab.is_presenting = True
    for slug, prediction in GUESSING.items():
        assert prediction is not None
        guesser.open(f"lesson/{slug}/page.py")
        assert prediction.question in guesser.text
        assert HELD_BACK in guesser.text
        assert not guesser.expander
        assert prediction.why not in guesser.text
    assert guesser.button("Show the answer").proto.shortcut == "a"
    guesser.press("Show the answer")
    assert HELD_BACK not in guesser.text
    assert "Ask the room" in [expander.label for expander in guesser.expander]
    assert done(guesser.draw()) == set()


def test_the_contents_give_no_answer_away(guesser: Visitor) -> None:
    guesser.open("lesson/contents.py")
    for slug, prediction in GUESSING.items():
        assert prediction is not None
        assert prediction.question in guesser.text
        assert plain(CHAPTER[slug].see) not in guesser.text


def test_a_figure_is_held_back_until_there_is_a_guess(guesser: Visitor) -> None:
    guesser.open("lesson/counting/page.py")
    n_charts = len(guesser.get("plotly_chart"))
    assert HELD_BACK in guesser.text
    guesser.radio(key="counting.prediction").set_value(SHOW_ME)
    guesser.draw()
    assert len(guesser.get("plotly_chart")) == n_charts + 2
    assert "Right." not in guesser.text


def test_a_guess_lasts_over_other_pages(guesser: Visitor) -> None:
    guesser.open("lesson/counting/page.py")
    guesser.radio(key="counting.prediction").set_value(SHOW_ME)
    guesser.draw()
    guesser.open("train/page.py").open("lesson/counting/page.py")
    assert HELD_BACK not in guesser.text


def words(visitor: Visitor) -> str:
    return re.sub(r'<span class="nm-tip".*?</span>|<[^>]*>', "", visitor.text)


def done(visitor: Visitor) -> set[str]:
    return {page["path"] for page in visitor.views["bar"]["pages"] if page["is_done"]}


def test_a_chapter_is_done_once_its_experiment_was_used(visitor: Visitor) -> None:
    visitor.open("lesson/counting/page.py")
    assert "**Do this.**" in visitor.text
    assert done(visitor.draw()) == set()
    visitor.press("New names")  # not what it asks for
    assert done(visitor.draw()) == set()
    visitor.slider(key="counting.n").set_value(4)
    assert done(visitor.draw()) == {"counting"}
    assert "**Done.**" in visitor.text
    visitor.open("lesson/contents.py")
    labels = [link.proto.label for link in visitor.get("page_link")]
    visitor.open("lesson/windows/page.py").open("lesson/idea/page.py").open(
        "lesson/windows/page.py"
    )
    assert done(visitor.draw()) == {"counting"}  # to come back isn't to do
    assert [label for label in labels if "✓" in label] == ["**1 · Why not count?** ✓"]


@pytest.mark.parametrize(("slug", "unit"), [("minibatches", "character"), ("idea", "word")])
def test_a_chapter_goes_on_to_the_next_run_on_the_train_page(
    visitor: Visitor, slug: str, unit: str
) -> None:
    next_run = CHAPTER[slug].next_run
    assert next_run is not None
    visitor.open(f"lesson/{slug}/page.py")
    visitor.press(f"Next: {next_run.label}")
    visitor.open("train/page.py")  # as the app does; here a page has to be opened by hand
    assert visitor.session_state["session"].corpus.unit == unit
    visitor.press("Train")
    assert visitor.snapshot.config == next_run.config
