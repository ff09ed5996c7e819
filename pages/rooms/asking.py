"""The chapters' questions, as a room is asked them."""

from __future__ import annotations

from core.lesson.contents import CHAPTERS
from core.rooms import Question

QUESTIONS = {
    chapter.slug: Question(
        chapter.slug,
        chapter.prediction.question.replace("**", ""),
        chapter.prediction.options,
    )
    for chapter in CHAPTERS
    if chapter.prediction is not None
}
