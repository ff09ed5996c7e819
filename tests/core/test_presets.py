"""The presets are runs that can be had, each once, and chapter 13 speaks of the same ones."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.beyond import EXPERIMENTS
from core.presets import LECTURE, PRESETS, SCALED_START, TUTORIAL, WHAT_WORKS


def test_each_preset_is_a_run_of_its_own() -> None:
    assert len({preset.config for preset in PRESETS}) == len(PRESETS) == 5
    assert TUTORIAL.config == RunConfig()


def test_the_lectures_run_is_the_lectures() -> None:
    model, training = LECTURE.config.model, LECTURE.config.training
    assert (model.block_size, model.n_embd, model.n_hidden) == (3, 10, 200)
    assert (training.steps, training.batch_size) == (200_000, 32)
    assert (training.lr_schedule.base_lr, training.lr_schedule.decay_steps) == (0.1, (100_000,))


def test_chapter_13_runs_the_presets() -> None:
    configs = {experiment.short: experiment.config for experiment in EXPERIMENTS}
    assert configs["all of it"] == LECTURE.config
    assert configs["scaled"] == SCALED_START.config
    assert configs["what works"] == WHAT_WORKS.config
