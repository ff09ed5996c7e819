"""What one does in the chapters, and what one can answer after the core of them.

six_questions.json is for learners: to answer before the lesson and after it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.lesson.chapter import Prediction, plain
from core.lesson.contents import CHAPTERS, CORE

QUESTIONS = json.loads(Path(__file__).with_name("six_questions.json").read_text("utf-8"))
PREDICTIONS = {chapter.slug: chapter.prediction for chapter in CHAPTERS if chapter.prediction}


def test_every_chapter_has_something_to_do() -> None:
    assert len(PREDICTIONS) >= 6
    assert all(chapter.control for chapter in CHAPTERS)


def test_every_next_run_has_settings_that_can_be_trained() -> None:
    runs = [chapter.next_run for chapter in CHAPTERS if chapter.next_run]
    labels = [run.label for run in runs if run.config.training.steps]
    assert len(labels) == len(set(labels)) >= 10


@pytest.mark.parametrize("prediction", PREDICTIONS.values(), ids=PREDICTIONS)
def test_a_guess_is_judged_and_explained(prediction: Prediction) -> None:
    for place, option in enumerate(prediction.options):
        verdict = prediction.verdict(option)
        assert verdict.endswith(prediction.why)
        assert verdict.startswith("Right.") == (place == prediction.right)
    assert prediction.verdict("Just show me") == prediction.why


def test_the_six_questions_can_be_answered_from_the_core_alone() -> None:
    text_of = {one.slug: plain(" ".join(one.paragraphs)) for one in CORE}
    assert len(QUESTIONS) == 6
    for asked in QUESTIONS:
        assert len(set(asked["options"])) == 4
        assert 0 <= asked["right"] < 4
        assert asked["phrases"]
        assert [
            phrase for phrase in asked["phrases"] if phrase not in text_of[asked["chapter"]]
        ] == []
