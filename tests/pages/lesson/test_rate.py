"""The chapter rate as a page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.text import Corpus
from tests.pages.conftest import Visitor

PAGE = "lesson/rate/page.py"
OWN = Corpus.of_words("own", ("anna", "bob", "otto", "eve", "hannah") * 6)


@pytest.fixture
def here(visitor: Visitor) -> Iterator[Visitor]:
    """On the page, with few words and a small model."""
    visitor.app.session_state["session"].corpus = OWN
    visitor.app.session_state["setting:n_hidden"] = 5
    return visitor.open(PAGE)


def captions(visitor: Visitor) -> str:
    return " ".join(caption.value for caption in visitor.caption)


def test_the_tutorials_sweep_and_what_the_rules_answer(visitor: Visitor) -> None:
    visitor.open(PAGE)
    assert "**Valley: 0.1" in visitor.text
    assert "**Steepest descent: 0.00" in visitor.text
    assert "The short runs are lowest, 3.1" in captions(visitor)
    visitor.segmented_control(key="rate.init").set_value("Scaled weights")
    visitor.draw()
    assert "**Steepest descent: 0.0" in visitor.text
    assert "**Steepest descent: 0.00" not in visitor.text
    assert "W1 *= 5 / 3" in visitor.code[-1].value


def test_moving_the_rate_runs_at_that_rate_and_it_can_be_used(here: Visitor) -> None:
    assert "200 steps at 0.1 end at" in captions(here)
    here.slider(key="rate.exponent").set_value(-2.0)
    here.draw()
    assert "200 steps at 0.01 end at" in captions(here)
    here.press("Use this rate")
    assert here.app.session_state["setting:base_lr"] == 0.01
    assert here.button("Use this rate").disabled


def test_steps_and_short_runs_change_what_is_said(here: Visitor) -> None:
    before = captions(here)
    here.segmented_control(key="rate.steps").set_value("500 steps")
    here.draw()
    assert "500 steps at 0.1" in captions(here)
    assert captions(here) != before
    here.toggle(key="rate.short").set_value(False)
    here.segmented_control(key="rate.axis").set_value("By rate")
    here.draw()
    assert "short runs are lowest" not in captions(here)


def test_the_initial_weights_follow_the_settings(here: Visitor) -> None:
    assert here.segmented_control(key="rate.init").value == "N(0, 1) weights"
    here.app.session_state["setting:init"] = "scaled"  # as the Train page does
    here.draw()
    assert here.segmented_control(key="rate.init").value == "Scaled weights"
    assert not here.warning


@pytest.mark.parametrize("words", [OWN, Corpus.of_words("few", ("ab", "ba") * 10)])
def test_the_smallest_model_has_a_sweep_too(visitor: Visitor, words: Corpus) -> None:
    visitor.app.session_state["session"].corpus = words
    for name in ("block_size", "n_embd", "n_hidden"):
        visitor.app.session_state[f"setting:{name}"] = 1
    visitor.open(PAGE)
    assert "200 steps at 0.1 end at" in captions(visitor)


def test_what_stands_in_the_url_is_taken() -> None:
    visitor = Visitor({"rate.exponent": "-1.5", "rate.init": "Scaled weights"})
    visitor.app.session_state["session"].corpus = OWN
    visitor.open(PAGE)
    assert visitor.slider(key="rate.exponent").value == -1.5
    assert visitor.segmented_control(key="rate.init").value == "Scaled weights"
    visitor.close()
