"""What one does in each chapter: a control to move, and a run to go on with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from core.config import RunConfig
from core.presets import LECTURE, ON_A_PLANE, SCALED_START, SMALL_LANGUAGE


@dataclass(frozen=True, kw_only=True)
class NextRun:
    """A run on the Train page that goes on where a chapter ends.

    Attributes:
        label: what one will see, after 'Next: '.
        settings: what is not the tutorial's, as in `RunConfig.from_settings`.
        data: what it learns from.
    """

    label: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    data: Literal["names", "words"] = "names"

    @property
    def config(self) -> RunConfig:
        """All its settings.

        >>> PRACTICE["minibatches"].next_run.config.training.batch_size
        4
        """
        return RunConfig.from_settings(self.settings)


@dataclass(frozen=True, kw_only=True)
class Practice:
    """What there is to do in a chapter.

    Attributes:
        control: key of the widget that it speaks of.
        next_run: to go on with; None where the chapter has a button of its own.
        shows: what widgets are moved to once there is a guess, by their keys.
    """

    control: str
    next_run: NextRun | None = None
    shows: Mapping[str, Any] = field(default_factory=dict)


PRACTICE = {
    "counting": Practice(
        control="counting.n",
        shows={"counting.n": 5},
        next_run=NextRun(label="train a network on the same names"),
    ),
    "idea": Practice(
        control="idea.when",
        next_run=NextRun(
            label="watch words find their places", settings=ON_A_PLANE.settings, data="words"
        ),
    ),
    "windows": Practice(
        control="windows.name",
        next_run=NextRun(label="train with 5 characters of context", settings={"block_size": 5}),
    ),
    "look_up": Practice(
        control="look_up.character",
        next_run=NextRun(label="train with 3 numbers a character", settings={"n_embd": 3}),
    ),
    "one_row": Practice(
        control="one_row.way",
        next_run=NextRun(
            label="train on rows of 8 · 10 numbers", settings={"block_size": 8, "n_embd": 10}
        ),
    ),
    "forward": Practice(
        control="forward.row",
        next_run=NextRun(label="start from scaled weights instead", settings=SCALED_START.settings),
    ),
    "cross_entropy": Practice(
        control="cross_entropy.z3",
        shows={
            **{f"cross_entropy.z{i}": z for i, z in enumerate((-100, -3, 0, 100))},
            "cross_entropy.offset": 0,
        },
        next_run=NextRun(
            label="train at a rate of 10, where logits explode", settings={"base_lr": 10.0}
        ),
    ),
    "backward": Practice(
        control="backward.what",
        shows={"backward.what": "Update", "backward.rate": 10.0},
        next_run=NextRun(
            label="take single steps and watch", settings={"steps": 100, "decay_steps": ()}
        ),
    ),
    "overfit": Practice(
        control="overfit.steps",
    ),
    "minibatches": Practice(
        control="minibatches.size",
        next_run=NextRun(label="train with batches of 4", settings={"batch_size": 4}),
    ),
    "rate": Practice(
        control="rate.exponent",
        next_run=NextRun(label="train at a rate of 0.15", settings={"base_lr": 0.15}),
    ),
    "long_run": Practice(
        control="long_run.schedule",
    ),
    "beyond": Practice(
        control="beyond.what",
        next_run=NextRun(
            label="the lecture’s sizes from scaled weights",
            settings={**LECTURE.settings, **SCALED_START.settings},
        ),
    ),
    "generalising": Practice(
        control="generalising.change",
        next_run=NextRun(
            label="watch it learn the small language",
            settings=SMALL_LANGUAGE.settings,
            data="words",
        ),
    ),
    "paper_run": Practice(control="paper_run.row"),
}
