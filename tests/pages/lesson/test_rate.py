"""The chapter rate as a page."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from core.config import RunConfig
from core.lesson.side_by_side import SideBySide
from core.text import Corpus, load_text
from pages.live.sweep_frames import RatesFrames
from pages.visit.state import SHOW_AT_ONCE
from tests.pages.conftest import Visitor
from tests.pages.test_frames import unpack

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


def test_three_rates_are_trained_at_once_and_stopped_by_the_same_button(here: Visitor) -> None:
    jobs = here.app.session_state["session"].side_by_side
    here.select_slider(key="rate.low:0.1").set_value(0.01)
    here.draw().press("Train all three rates")
    begun = jobs.snapshot()
    assert begun.is_running
    assert [line.lr for line in begun.lines] == [0.01, 0.1, 10.0]
    assert (begun.run.model.n_hidden, begun.corpus) == (5, OWN)
    assert here.views["rates"]["shown"] == "1 running"
    assert not here.has_button("Train all three rates")
    here.press("Stop")
    assert jobs.join(60)
    assert here.draw().views["rates"]["shown"] == "1 stopped"
    assert here.has_button("Train all three again")


def test_words_have_their_three_rates_with_all_of_their_settings(visitor: Visitor) -> None:
    small = load_text("words")
    visitor.app.session_state["session"].corpus = small
    visitor.app.session_state["setting:init"] = "small"
    visitor.open(PAGE).press("Train all three rates")
    begun = visitor.app.session_state["session"].side_by_side.snapshot()
    assert (begun.corpus, begun.run.model.init) == (small, "small")


def test_before_the_guess_there_is_no_film() -> None:
    visitor = Visitor(state={SHOW_AT_ONCE.key: False}).open(PAGE)
    assert not visitor.has_button("Train all three rates")
    visitor.close()


def test_forgetting_everything_ends_the_three_runs_too(here: Visitor) -> None:
    mine = here.app.session_state["session"]
    here.press("Train all three rates")
    running = mine.side_by_side._threads[-1]
    mine.forget()
    running.join(60)
    assert not running.is_alive()
    assert mine.side_by_side.snapshot() is None


def test_a_message_has_each_runs_own_bins() -> None:
    jobs = SideBySide()
    jobs.start(RunConfig.from_settings({"steps": 100, "n_hidden": 4}), (0.01, 1.0), OWN, pace=None)
    assert jobs.join(60)
    snapshot = jobs.snapshot()
    assert snapshot is not None
    frame = unpack(RatesFrames().make(snapshot))
    n_bins = [line["n_bins"] for line in frame["lines"]]
    first, second = np.split(frame["mean"], [n_bins[0]])
    np.testing.assert_array_equal(first, snapshot.lines[0].curve.mean)
    np.testing.assert_array_equal(second, snapshot.lines[1].curve.mean)
    described = unpack(RatesFrames().describe(snapshot))
    assert described["labels"] == ["10 times lower", "10 times higher"]
