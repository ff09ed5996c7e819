"""Settings for a purpose: the tutorial's run, the lecture's, and what is tried beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.config import RunConfig


@dataclass(frozen=True)
class Preset:
    """Settings for one purpose; what it does not name keeps the tutorial's value."""

    name: str
    help: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def config(self) -> RunConfig:
        """All settings of the preset.

        >>> LECTURE.config.training.steps
        200000
        """
        return RunConfig.from_settings(self.settings)


TUTORIAL = Preset(
    "Tutorial",
    "The tutorial's run: 2 numbers a character, 100 hidden units, 30,000 steps.",
)
OVERFIT = Preset(
    "Overfit 32",
    "The tutorial's first 32 examples, all at every step: it learns five names by heart.",
    {"train_on": "first_five", "batch_size": 32, "steps": 1000, "decay_steps": ()},
)
LECTURE = Preset(
    "Lecture",
    "The lecture's run: 10 numbers a character, 200 hidden units, 200,000 steps, rate 0.1, "
    "then 0.01.",
    {"n_embd": 10, "n_hidden": 200, "steps": 200_000, "decay_steps": (100_000,)},
)
SCALED_START = Preset(
    "Scaled start",
    "The tutorial's run from initial weights that are scaled to start near an even guess.",
    {"init": "scaled"},
)

PRESETS = (TUTORIAL, OVERFIT, LECTURE, SCALED_START)
