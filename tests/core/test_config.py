"""Every setting is held to its bounds, and survives the way to the URL and back."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from core.config import LrSchedule, ModelConfig, RunConfig, TrainingConfig
from core.errors import ConfigError, NamesmithError

WHOLE_BOUNDS = [
    (ModelConfig, "block_size", 1, 16),
    (ModelConfig, "n_embd", 1, 128),
    (ModelConfig, "n_hidden", 1, 1_024),
    (ModelConfig, "seed", 0, 4_294_967_295),
    (TrainingConfig, "steps", 1, 1_000_000),
    (TrainingConfig, "batch_size", 1, 1_024),
    (TrainingConfig, "seed", 0, 4_294_967_295),
]
CHOICES = [
    (ModelConfig, "init", ["normal", "scaled", "small"]),
    (TrainingConfig, "engine", ["fused", "sampled", "autograd"]),
    (TrainingConfig, "train_on", ["train", "all", "first_five"]),
]


def test_defaults_are_the_tutorials() -> None:
    run = RunConfig()
    assert (run.model.block_size, run.model.n_embd, run.model.n_hidden) == (3, 2, 100)
    assert (run.training.steps, run.training.batch_size) == (30_000, 32)
    assert run.training.lr_schedule == LrSchedule(
        base_lr=0.1, decay_steps=(20_000, 28_000), factor=0.1
    )
    assert run.model.seed == run.training.seed == 2147483647
    assert (run.model.init, run.training.engine) == ("normal", "fused")


@pytest.mark.parametrize(("part", "name", "low", "high"), WHOLE_BOUNDS)
def test_whole_numbers_are_taken_up_to_both_bounds(
    part: Any, name: str, low: int, high: int
) -> None:
    for value in (low, high):
        assert getattr(part(**{name: value}), name) == value


@pytest.mark.parametrize(("part", "name", "low", "high"), WHOLE_BOUNDS)
def test_one_beyond_a_bound_is_refused_by_name(part: Any, name: str, low: int, high: int) -> None:
    for value in (low - 1, high + 1):
        assert_refused(part, name, value)


@pytest.mark.parametrize(("part", "name", "low", "high"), WHOLE_BOUNDS)
@pytest.mark.parametrize("value", [True, 2.0, "2", None, float("nan"), [2]])
def test_what_is_not_a_whole_number_is_refused(
    part: Any, name: str, low: int, high: int, value: object
) -> None:
    assert_refused(part, name, value)


@pytest.mark.parametrize(("name", "low", "high"), [("base_lr", 1e-4, 10), ("factor", 1e-4, 1)])
def test_real_numbers_are_held_to_their_bounds(name: str, low: Any, high: Any) -> None:
    for value in (low, high):
        assert getattr(LrSchedule(**{name: value}), name) == value
    beyond = (low * 0.99, high * 1.01, 0, -high, float("nan"), float("inf"), 10**400)
    for value in (*beyond, True, "0.1", None):
        assert_refused(LrSchedule, name, value)


def test_a_rate_from_a_logarithmic_slider_may_round_past_its_bound() -> None:
    assert LrSchedule(base_lr=10**1.0000001).base_lr > 10


@pytest.mark.parametrize("steps", [(), (1,), (1_000_000,), (1, 2, 3)])
def test_decay_steps_may_be_any_rising_steps(steps: tuple[int, ...]) -> None:
    assert LrSchedule(decay_steps=steps).decay_steps == steps


@pytest.mark.parametrize(
    "steps", [(0,), (1_000_001,), (2, 1), (1, 1), (True,), (1.0,), ("1",), [1, 2], None, 1]
)
def test_other_decay_steps_are_refused(steps: object) -> None:
    assert_refused(LrSchedule, "decay_steps", steps)


@pytest.mark.parametrize(("part", "name", "choices"), CHOICES)
def test_choices_take_their_words_and_no_other(part: Any, name: str, choices: list[Any]) -> None:
    for value in choices:
        assert getattr(part(**{name: value}), name) == value
    for value in ("", choices[0].upper(), None, [choices[0]], 0):
        assert_refused(part, name, value)


def test_a_schedule_that_is_none_is_refused() -> None:
    assert_refused(TrainingConfig, "lr_schedule", 0.1)


def test_an_error_names_the_field_the_range_and_the_value() -> None:
    with pytest.raises(NamesmithError) as refusal:
        ModelConfig(n_hidden=1025)
    assert str(refusal.value) == "n_hidden must be a whole number from 0 to 1,024, got 1025"


def test_without_hidden_units_there_must_be_direct_connections() -> None:
    assert ModelConfig(n_hidden=0, direct=True).n_hidden == 0
    with pytest.raises(ConfigError, match="where there are no direct connections") as refusal:
        ModelConfig(n_hidden=0)
    assert refusal.value.field == "n_hidden"


def test_tied_embeddings_need_as_many_hidden_units_as_numbers() -> None:
    assert ModelConfig(n_hidden=8, n_embd=8, tied=True).tied
    with pytest.raises(ConfigError, match="8, as many as an embedding has") as refusal:
        ModelConfig(n_hidden=9, n_embd=8, tied=True)
    assert refusal.value.field == "n_hidden"


def test_configs_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ModelConfig().n_embd = 3  # type: ignore[misc]


CONFIGS = [
    RunConfig(),
    RunConfig(
        model=ModelConfig(block_size=8, n_embd=10, n_hidden=200, seed=7, init="scaled"),
        training=TrainingConfig(
            steps=200_000,
            batch_size=64,
            lr_schedule=LrSchedule(base_lr=0.25, decay_steps=(100_000,), factor=0.5),
            seed=11,
            engine="autograd",
            train_on="all",
        ),
    ),
    RunConfig(training=TrainingConfig(lr_schedule=LrSchedule(decay_steps=()), seed=0)),
]


@pytest.mark.parametrize("config", CONFIGS)
def test_settings_build_the_config_that_they_came_from(config: RunConfig) -> None:
    assert RunConfig.from_settings(config.to_settings()) == config


@pytest.mark.parametrize("config", CONFIGS)
def test_settings_survive_json(config: RunConfig) -> None:
    assert RunConfig.from_settings(json.loads(json.dumps(config.to_settings()))) == config


def test_settings_not_given_keep_their_defaults() -> None:
    assert RunConfig.from_settings({}) == RunConfig()
    config = RunConfig.from_settings({"n_embd": 10, "base_lr": 0.5})
    assert (config.model.n_embd, config.training.lr_schedule.base_lr) == (10, 0.5)
    assert config.model.n_hidden == 100


def test_one_seed_sets_weights_and_batches_unless_the_batches_have_their_own() -> None:
    config = RunConfig.from_settings({"seed": 5})
    assert (config.model.seed, config.training.seed) == (5, 5)
    config = RunConfig.from_settings({"seed": 5, "batch_seed": 6})
    assert (config.model.seed, config.training.seed) == (5, 6)
    config = RunConfig.from_settings({"batch_seed": 6})
    assert (config.model.seed, config.training.seed) == (2147483647, 6)


@pytest.mark.parametrize("name", ["momentum", "lr_schedule", "model", ""])
def test_an_unknown_setting_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        RunConfig.from_settings({name: 1})
    assert refusal.value.field == name


def test_a_bad_value_among_settings_is_refused_by_name() -> None:
    for name in ("n_embd", "steps", "base_lr", "seed"):
        with pytest.raises(ConfigError) as refusal:
            RunConfig.from_settings({name: -1})
        assert refusal.value.field == name


def assert_refused(part: Any, name: str, value: object) -> None:
    with pytest.raises(ConfigError) as refusal:
        part(**{name: value})
    assert refusal.value.field == name
