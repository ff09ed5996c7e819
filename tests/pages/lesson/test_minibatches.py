"""The chapter minibatches as a page."""

from __future__ import annotations

import pytest

from core.config import ModelConfig
from core.lesson.minibatches import gradient_noise
from core.text import Corpus
from tests.pages.conftest import Visitor

PAGE = "lesson/minibatches/page.py"
WORDS = Corpus.of_words(
    "mine", ("anna", "öse", "lina", "nils", "ina", "olli", "sina", "nola", "la", "i")
)
SIZES = ModelConfig()


def lines_of(visitor: Visitor) -> str:
    """The first lines of torch on the page."""
    return next(code.value for code in visitor.app.code if code.language == "python")


@pytest.fixture
def few(visitor: Visitor) -> Visitor:
    """On the page with ten words of one's own."""
    visitor.app.session_state["session"].corpus = WORDS
    return visitor.open(PAGE)


def test_opens_with_the_tutorials_names(visitor) -> None:
    visitor.open(PAGE)
    assert "3,200 examples: 1.4 % of an epoch of 228,146" in visitor.text
    assert "(228146, 3)" in visitor.text
    assert "batch_size=32" in lines_of(visitor)


def test_few_words_have_no_larger_batch_than_examples(few) -> None:
    assert few.select_slider(key="minibatches.size").options[-1] == "32"


def test_moving_each_control_changes_the_code(few) -> None:
    seen = {lines_of(few)}
    few.select_slider(key="minibatches.size").set_value(4)
    seen.add(lines_of(few.draw()))
    few.select_slider(key="minibatches.rate").set_value(0.01)
    seen.add(lines_of(few.draw()))
    few.number_input(key="minibatches.seed").set_value(5)
    seen.add(lines_of(few.draw()))
    few.segmented_control(key="minibatches.place").set_value("Noise after 100 steps")
    seen.add(lines_of(few.draw()))
    few.press("Other batches")
    seen.add(lines_of(few))
    assert len(seen) == 6
    assert "A batch of 4 " in few.text


@pytest.mark.parametrize("sizes", [(1, 1, 1), (16, 64, 200)])
def test_opens_with_other_sizes(few, sizes) -> None:
    for name, value in zip(("block_size", "n_embd", "n_hidden"), sizes, strict=True):
        few.app.session_state[f"setting:{name}"] = value
    few.draw()
    assert "points" in few.text


def test_a_large_model_says_that_some_examples_stand_for_all(visitor, monkeypatch) -> None:
    monkeypatch.setattr(gradient_noise, "_FULL_COST", 30 * gradient_noise.example_cost(SIZES, 9))
    visitor.app.session_state["session"].corpus = Corpus.of_words("mine again", WORDS.texts)
    visitor.open(PAGE)
    assert "the gradient of 30 random examples is used for that of all" in visitor.text
    assert "[:30]" in lines_of(visitor)
    assert "over 30 examples" in visitor.text


def test_a_value_in_the_url_is_taken() -> None:
    visitor = Visitor({"minibatches.size": "4", "minibatches.rate": "0.01"})
    visitor.app.session_state["session"].corpus = WORDS
    visitor.open(PAGE)
    lines = lines_of(visitor)
    visitor.close()
    assert "[0.01] * 100, batch_size=4," in lines
