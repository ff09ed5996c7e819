"""The chapters in their order."""

from __future__ import annotations

from collections.abc import Callable

from core.config import RunConfig
from core.lesson import (
    backward,
    beyond,
    counting,
    cross_entropy,
    forward,
    generalising,
    idea,
    long_run,
    look_up,
    minibatches,
    one_row,
    overfit,
    paper_run,
    rate,
    windows,
)
from core.lesson.chapter import Chapter, Code

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
