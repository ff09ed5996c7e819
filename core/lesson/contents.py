"""The chapters in their order."""

from __future__ import annotations

from collections.abc import Callable

from core.config import RunConfig
from core.lesson import beyond, counting, forward, look_up, one_row, overfit, rate, windows
from core.lesson.backward import words as backward
from core.lesson.chapter import Chapter, Code, read
from core.lesson.cross_entropy import words as cross_entropy
from core.lesson.generalising import words as generalising
from core.lesson.idea import words as idea
from core.lesson.long_run import words as long_run
from core.lesson.minibatches import words as minibatches
from core.lesson.paper_run import words as paper_run

# Each chapter's lines of torch for the settings, by its slug.
CODES: dict[str, Callable[[RunConfig], Code]] = {
    "counting": counting.code,
    "idea": idea.code,
    "windows": windows.code,
    "look_up": look_up.code,
    "one_row": one_row.code,
    "forward": forward.code,
    "cross_entropy": cross_entropy.code,
    "backward": backward.code,
    "overfit": overfit.code,
    "minibatches": minibatches.code,
    "rate": rate.code,
    "long_run": long_run.code,
    "beyond": beyond.code,
    "generalising": generalising.code,
    "paper_run": paper_run.code,
}
CHAPTERS: tuple[Chapter, ...] = tuple(map(read, CODES))
