"""Losses to hold a run against, as lines across its chart."""

from __future__ import annotations

from typing import TypedDict

from core.lesson.tutorial import LECTURE_LOSS, TUTORIAL_LOSS
from core.models import baseline_losses, best_counting, kneser_ney_losses
from core.runs import RunRecord
from core.text import Corpus, is_embedded


class Reference(TypedDict):
    """A line to hold the loss against, in nats per token."""

    label: str
    loss: float
    is_first: bool


def references_on(corpus: Corpus) -> list[Reference]:
    """Losses on the validation part of a corpus that runs of several settings are held against."""
    best = best_counting(corpus)
    lines = [("counting", best.loss)] if best is not None else []
    if is_embedded(corpus):
        lines.append(("the tutorial", TUTORIAL_LOSS))
    return [{"label": label, "loss": loss, "is_first": True} for label, loss in lines]


def references(run: RunRecord) -> list[Reference]:
    """Losses to hold the run against: guessing, counting, and the tutorial's where they apply.

    Of words none: counting them takes a while, so the frames bring what is known by then.
    """
    if run.corpus.unit == "word":
        return []
    is_all = run.config.training.train_on == "all"
    known = baseline_losses(run.corpus, *(("all", "all") if is_all else ("train", "val")))
    lines = [("guessing", known.uniform, True), ("bigrams", known.bigram, False)]
    lines.append(("trigrams", known.trigram, is_all))
    if not is_all:
        losses = kneser_ney_losses(run.corpus)
        lines.append(("Kneser–Ney", min(losses.values()), True))
    if is_embedded(run.corpus) and run.config.training.train_on != "first_five":
        lines += [("tutorial", TUTORIAL_LOSS, True), ("lecture", LECTURE_LOSS, False)]
    return [{"label": label, "loss": loss, "is_first": first} for label, loss, first in lines]
