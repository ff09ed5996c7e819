"""The chapters in their order."""

from __future__ import annotations

from collections.abc import Callable

from core.config import RunConfig
from core.lesson import beyond, counting, forward, look_up, one_row, overfit, rate, windows
from core.lesson.backward import words as backward
from core.lesson.chapter import Chapter, Code
from core.lesson.cross_entropy import words as cross_entropy
from core.lesson.generalising import words as generalising
from core.lesson.idea import words as idea
from core.lesson.long_run import words as long_run
from core.lesson.minibatches import words as minibatches
from core.lesson.paper_run import words as paper_run

_MODULES = (
    counting,
    idea,
    windows,
    look_up,
    one_row,
    forward,
    cross_entropy,
    backward,
    overfit,
    minibatches,
    rate,
    long_run,
    beyond,
    generalising,
    paper_run,
)

CHAPTERS: tuple[Chapter, ...] = tuple(module.CHAPTER for module in _MODULES)
# Each chapter's lines of torch for the settings, by its slug.
CODES: dict[str, Callable[[RunConfig], Code]] = {
    module.CHAPTER.slug: module.code for module in _MODULES
}
