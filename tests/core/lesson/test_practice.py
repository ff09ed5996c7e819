"""What one does in the chapters: every chapter has something, and a guess has one right answer."""

from __future__ import annotations

import pytest

from core.lesson.chapter import Prediction
from core.lesson.contents import CHAPTERS

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
