"""The chapter long_run as a page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.lesson.long_run import pairs
from core.text import Corpus
from tests.pages.conftest import Visitor

PAGE = "lesson/long_run/page.py"
WORDS = Corpus.of_words(
    "mine", ("anna", "öse", "lina", "nils", "ina", "olli", "sina", "nola", "la", "i")
)
SHORT = {"long_run.steps": "1500"}


def lines_of(visitor: Visitor) -> str:
    """The first lines of torch on the page."""
    return next(code.value for code in visitor.app.code if code.language == "python")


@pytest.fixture
def few() -> Iterator[Visitor]:
    """On the page with ten words of one's own and the shortest run."""
    visitor = Visitor(SHORT)
    visitor.app.session_state["session"].corpus = WORDS
    yield visitor.open(PAGE)
    visitor.close()


def test_opens_with_the_tutorials_run_made(visitor) -> None:
    visitor.open(PAGE)
    assert "As printed 2.3" in visitor.text
    assert "press Run both" not in visitor.text


def test_a_value_in_the_url_is_taken(few) -> None:
    assert few.slider(key="long_run.steps").value == 1500
    assert "range(1, 1_501)" in lines_of(few)


def test_the_chosen_schedule_is_in_the_code(few) -> None:
    assert "[as_printed]" in lines_of(few)
    few.segmented_control(key="long_run.schedule").set_value("As meant")
    assert "[as_meant]" in lines_of(few.draw())


def test_seeds_are_measured(few) -> None:
    few.slider(key="long_run.seeds").set_value(3)
    few.draw()
    few.press("Measure over 3 seeds")
    assert "3 seeds of the batches" in few.text


def test_steps_change_the_run(few) -> None:
    before = few.text
    few.slider(key="long_run.steps").set_value(3000)
    assert few.draw().text != before


def test_a_large_model_waits_for_its_button(few, monkeypatch) -> None:
    monkeypatch.setattr(pairs, "_AT_ONCE_COST", 0)
    few.slider(key="long_run.steps").set_value(4500)
    few.draw()
    assert "Press **Run both**" in few.text
    assert "press Run both, above" in few.text
    few.press("Run both")
    assert "Press **Run both**" not in few.text


def test_opens_with_the_smallest_sizes(few) -> None:
    for name in ("block_size", "n_embd", "n_hidden"):
        few.app.session_state[f"setting:{name}"] = 1
    assert "As printed" in few.draw().text


def test_the_same_run_goes_to_the_train_page(few) -> None:
    few.segmented_control(key="long_run.schedule").set_value("As meant")
    few.draw()
    few.press("Watch it on the Train page")
    config = few.snapshot.config
    assert config.training == pairs.training("meant", 1500, config.model.seed)
