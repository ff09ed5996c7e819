"""The presets are runs that can be had, each once, and the lesson speaks of the same ones."""

from __future__ import annotations

from core.config import RunConfig
from core.lesson.beyond import EXPERIMENTS
from core.presets import (
    LECTURE,
    OWN_TEXT_PRESETS,
    PRESETS,
    SCALED_START,
    SMALL_LANGUAGE_PRESETS,
    TUTORIAL,
    WHAT_WORKS,
    presets_of,
)
from core.text import BUILT_IN, is_at_hand, load_text, name_of, read_text


def test_each_preset_is_a_run_of_its_own() -> None:
    assert len({preset.config for preset in PRESETS}) == len(PRESETS) == 6
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


def test_each_text_by_name_has_presets_of_its_own() -> None:
    for name in set(BUILT_IN) - {"brown"}:
        corpus = load_text(name)
        assert name_of(corpus) == name
        assert is_at_hand(name)
    own = read_text("song", "The cat sat. A dog ran.\n\n" * 50)
    assert name_of(own) == ""
    found = [presets_of(load_text("names")), presets_of(load_text("words")), presets_of(own)]
    assert found == [PRESETS, SMALL_LANGUAGE_PRESETS, OWN_TEXT_PRESETS]
