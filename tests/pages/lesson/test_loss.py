"""The chapter on the loss as a page."""

from __future__ import annotations

from core.text import Corpus
from tests.pages.conftest import Visitor

PAGE = "lesson/loss/page.py"


def test_the_loss_falls_with_the_steps_as_the_tutorials_did(visitor: Visitor) -> None:
    visitor.open(PAGE)
    assert "the mean of 32: **17.7697**" in visitor.text
    assert "The striped bar is `...`: the right letter, `e`, got 0.0000000000015 %" in visitor.text
    assert "| loss on the 32 examples | 17.0337 | 17.7697 |" in visitor.text
    assert "10 other seeds" in visitor.text
    visitor.select_slider(key="loss.steps").set_value(1)
    visitor.draw()
    assert "the mean of 32: **13.6564**" in visitor.text  # the tutorial's second loss
    assert "[0.1] * 1, batch_size" in visitor.code[1].value
    assert "| 17.0337 | 17.7697 |" in visitor.text  # before the first step, whatever is shown


def test_words_of_ones_own_have_their_own_costs(visitor: Visitor) -> None:
    visitor.app.session_state["session"].corpus = Corpus.of_words("own", ("ab", "b`a") * 10)
    visitor.open(PAGE)
    assert "the mean of 17" in visitor.text  # three words of two letters, two of three, their ends
