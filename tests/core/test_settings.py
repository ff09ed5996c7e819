"""Each kind of setting: what it takes, how it is written, and what a widget holds for it."""

from __future__ import annotations

import ast
import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest

from core.config import (
    EngineName,
    InitialWeights,
    LrSchedule,
    ModelConfig,
    NextToken,
    RunConfig,
    SampleConfig,
    TrainingConfig,
    TrainOn,
)
from core.errors import ConfigError
from core.settings import (
    Kind,
    Logarithmic,
    OneOf,
    Real,
    Seed,
    Steps,
    Text,
    Whole,
    label_of,
    setting,
    setting_of,
    settings_of,
)
from core.sweep import ASKED, DEFAULTS, SweepConfig, SweepKind
from tests.test_imports import ROOT, product_files

# A valid value of each setting of a run, by the name that links have for it.
ANY_VALUE: dict[str, Callable[[random.Random], Any]] = {
    "block_size": lambda chance: chance.randint(1, 16),
    "n_embd": lambda chance: chance.randint(1, 64),
    "n_hidden": lambda chance: chance.randint(1, 1024),
    "seed": lambda chance: chance.randint(0, 2**32 - 1),
    "direct": lambda chance: chance.random() < 0.5,
    "tied": lambda _chance: False,  # asks for as many hidden units as numbers a token
    "init": lambda chance: chance.choice(["normal", "scaled", "small"]),
    "unigram_bias": lambda chance: chance.random() < 0.5,
    "base_lr": lambda chance: 10 ** chance.uniform(-4, 1),
    "decay_steps": lambda chance: tuple(
        sorted(chance.sample(range(1, 1_000_001), chance.randint(0, 5)))
    ),
    "factor": lambda chance: 10 ** chance.uniform(-4, 0),
    "decay": lambda chance: chance.choice(["steps", "linear", "inverse"]),
    "decrease": lambda chance: 10 ** chance.uniform(-9, -1),
    "steps": lambda chance: chance.randint(1, 1_000_000),
    "batch_size": lambda chance: chance.randint(1, 1024),
    "optimiser": lambda chance: chance.choice(["descent", "adam"]),
    "weight_decay": lambda chance: chance.random(),
    "dropout": lambda chance: chance.uniform(0, 0.9),
    "embedding_dropout": lambda chance: chance.uniform(0, 0.9),
    "batch_seed": lambda chance: chance.randint(0, 2**32 - 1),
    "engine": lambda chance: chance.choice(["fused", "autograd"]),
    "train_on": lambda chance: chance.choice(["train", "all", "first_five"]),
    "mix": lambda chance: chance.choice(["none", "half", "fitted", "kneser_ney"]),
}
CONFIGS = (RunConfig, SweepConfig, SampleConfig)
EVERY_SETTING = [
    pytest.param(setting, id=f"{config.__name__}-{setting.key}")
    for config in CONFIGS
    for setting in settings_of(config)
]


def a_run(seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    return {key: value(chance) for key, value in ANY_VALUE.items()}


def test_every_setting_of_a_run_is_known_by_the_name_that_links_have() -> None:
    assert [setting.key for setting in settings_of(RunConfig)] == [
        "block_size",
        "n_embd",
        "n_hidden",
        "direct",
        "tied",
        "seed",
        "init",
        "unigram_bias",
        "base_lr",
        "decay_steps",
        "factor",
        "decay",
        "decrease",
        "steps",
        "batch_size",
        "optimiser",
        "weight_decay",
        "dropout",
        "embedding_dropout",
        "batch_seed",
        "engine",
        "train_on",
        "mix",
    ]
    assert set(ANY_VALUE) == {setting.key for setting in settings_of(RunConfig)}


@pytest.mark.parametrize("seed", range(50))
def test_any_values_survive_link_and_saved_run(seed: int) -> None:
    values = a_run(seed)
    config = RunConfig.from_settings(values)
    assert config.to_settings() == values
    assert RunConfig.from_link(config.to_link()) == config
    assert RunConfig.from_settings(json.loads(json.dumps(config.to_settings()))) == config


@pytest.mark.parametrize("key", sorted(ANY_VALUE.keys() - {"tied"}))
def test_each_setting_alone_makes_a_link_of_its_own(key: str) -> None:
    chance = random.Random(key)
    tutorial = RunConfig().to_settings().get(key)
    value = next(v for v in iter(lambda: ANY_VALUE[key](chance), None) if v != tutorial)
    config = RunConfig.from_settings({key: value})
    assert set(config.to_link()) == {key}
    assert RunConfig.from_link(config.to_link()) == config


def test_a_link_of_the_tutorials_run_holds_nothing() -> None:
    assert RunConfig().to_link() == {}
    assert RunConfig.from_link({}) == RunConfig()


def test_an_old_link_means_what_it_meant() -> None:
    config = RunConfig.from_link(
        {"base_lr": "0.05", "decay_steps": "100,200", "seed": "7", "batch_seed": "3"}
    )
    assert config == RunConfig(
        model=ModelConfig(seed=7),
        training=TrainingConfig(
            lr_schedule=LrSchedule(base_lr=0.05, decay_steps=(100, 200)), seed=3
        ),
    )


@pytest.mark.parametrize(
    ("key", "text", "complaint"),
    [
        ("block_size", "many", "block_size must be a whole number from 1 to 16, got 'many'"),
        ("block_size", "3.0", "block_size must be a whole number from 1 to 16, got '3.0'"),
        ("block_size", "", "block_size must be a whole number from 1 to 16, got ''"),
        ("block_size", "17", "block_size must be a whole number from 1 to 16, got 17"),
        ("steps", "0", "steps must be a whole number from 1 to 1,000,000, got 0"),
        ("seed", "-1", "seed must be a whole number from 0 to 4,294,967,295, got -1"),
        ("batch_seed", "x", "batch_seed must be a whole number from 0 to 4,294,967,295, got 'x'"),
        ("batch_seed", "-1", "seed must be a whole number from 0 to 4,294,967,295, got -1"),
        ("base_lr", "fast", "base_lr must be a number from 0.0001 to 10, got 'fast'"),
        ("base_lr", "nan", "base_lr must be a number from 0.0001 to 10, got nan"),
        ("base_lr", "inf", "base_lr must be a number from 0.0001 to 10, got inf"),
        ("base_lr", "0", "base_lr must be a number from 0.0001 to 10, got 0.0"),
        ("factor", "half", "factor must be a number from 0.0001 to 1, got 'half'"),
        ("factor", "2", "factor must be a number from 0.0001 to 1, got 2.0"),
        ("init", "zero", "init must be one of normal, scaled, small, got 'zero'"),
        ("engine", "", "engine must be one of fused, sampled, autograd, got ''"),
        (
            "decay_steps",
            "soon",
            "decay_steps must be steps with commas between them, got 'soon'",
        ),
        (
            "decay_steps",
            "0",
            "decay_steps must be a whole number from 1 to 1,000,000, got 0",
        ),
        ("decay_steps", "9,3", "decay_steps must be in rising order, each once, got (9, 3)"),
        ("momentum", "0.9", "momentum must be one of the known settings, got '0.9'"),
    ],
)
def test_a_link_that_cannot_be_used_is_refused_in_words(
    key: str, text: str, complaint: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        RunConfig.from_link({key: text})
    assert str(refusal.value) == complaint
    assert str(refusal.value) == f"{refusal.value.field} {refusal.value.complaint}"


@pytest.mark.parametrize("setting", EVERY_SETTING)
def test_the_default_goes_through_check_link_and_widget(setting: Any) -> None:
    setting.check(setting.default)
    assert setting.parse(setting.kind.write(setting.default)) == setting.default
    assert setting.value(setting.held(setting.default)) == setting.default
    assert setting.label


WHOLE, REAL, RATE = Whole(1, 16), Real(-6, 2), Logarithmic(1e-4, 10.0)
CHOICE, STEPS = OneOf({"a": "A", "b": "B"}), Steps(1, 9)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (WHOLE, [1, 16], [0, 17, 1.0, True, "1", None, math.nan, [1]]),
        (REAL, [-6, 2, -6.0, 0.5], [-6.001, 2.001, True, "0", None, math.nan, math.inf, 10**400]),
        (RATE, [1e-4, 10, 10.005], [9.9e-5, 10.1, 0, -1, False, "1", None, math.nan]),
        (CHOICE, ["a", "b"], ["", "A", None, 0, ["a"], {}]),
        (OneOf({0.5: "½"}, RATE), [0.5, 0.7, 1], [0, 11, "½", "0.5", None]),
        (STEPS, [(), (1,), (1, 9)], [(0,), (10,), (2, 1), (1, 1), (True,), ("1",), [1], None, 1]),
        (Text(), ["", "mar"], [None, 1, b"mar"]),
    ],
)
def test_a_kind_takes_its_values_and_no_other(kind: Kind, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        kind.check("it", value)
    for value in bad:
        with pytest.raises(ConfigError) as refusal:
            kind.check("it", value)
        assert refusal.value.field == "it"


SIZES = Whole(0, 1024, is_logarithmic=True)


def test_a_logarithmic_slider_has_about_the_same_room_for_each_power_of_ten() -> None:
    stops = RATE.stops
    assert list(stops) == sorted(set(stops))
    for power in range(-4, 1):
        inside = [stop for stop in stops if 10.0**power <= stop < 10.0 ** (power + 1)]
        assert len(inside) == 35
        assert sum(stop < 10**0.5 * 10.0**power for stop in inside) == pytest.approx(35 / 2, abs=2)
    ratios = [b / a for a, b in pairwise(stops)]
    assert max(ratios) <= 1.1 + 1e-9


def test_the_ends_the_powers_of_two_and_round_numbers_are_stops() -> None:
    assert (RATE.stops[0], RATE.stops[-1]) == (1e-4, 10.0)
    assert {0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0} <= set(RATE.stops)
    assert (SIZES.stops[0], SIZES.stops[-1]) == (0, 1024)
    assert {1, 2, 16, 32, 50, 60, 64, 100, 128, 200, 256, 300, 512, 1000} <= set(SIZES.stops)
    assert all(isinstance(stop, int) for stop in SIZES.stops)


@pytest.mark.parametrize("kind", [RATE, SIZES, Logarithmic(1e-9, 1e-1)])
def test_what_a_slider_stops_at_is_a_value_and_survives_a_link(kind: Any) -> None:
    for stop in kind.stops:
        kind.check("it", stop)
        assert kind.parse("it", kind.write(stop)) == stop
        assert kind.value("it", kind.held(stop)) == stop


def test_a_number_between_two_stops_gets_one_of_its_own() -> None:
    assert RATE.stops_with(0.0137) == tuple(sorted((*RATE.stops, 0.0137)))
    assert RATE.stops_with(0.1) == RATE.stops
    assert WHOLE.stops_with(3) == ()


def test_numbers_are_read_as_numbers_and_never_as_powers() -> None:
    assert [RATE.label(rate) for rate in (0.1, 1e-4, 10.0, 0.013732)] == [
        "0.1",
        "0.0001",
        "10",
        "0.01373",
    ]
    assert Logarithmic(1e-9, 1e-1).label(1e-9) == "0.000000001"
    assert Whole(1, 10**6).label(30_000) == "30,000"
    assert Seed(0, 2**32 - 1).label(2147483647) == "2147483647"


def test_steps_are_written_with_room_in_the_field_and_without_in_a_link() -> None:
    assert STEPS.held((1, 9)) == "1, 9"
    assert STEPS.write((1, 9)) == "1,9"
    for text in ("1, 9", "1,9", " 1 ,9,", "1,,9"):
        assert STEPS.parse("it", text) == (1, 9)
    assert STEPS.parse("it", " ") == ()


def test_a_choice_shows_what_it_offers_and_what_it_holds() -> None:
    factor = setting_of(RunConfig, "factor").kind
    assert isinstance(factor, OneOf)
    offered = {"0.5": "½", "0.3": "0.3", "0.1": "0.1", "0.01": "0.01"}
    assert factor.choices("0.5") == offered
    assert factor.choices("0.37") == offered | {"0.37": "0.37"}
    assert [factor.label(value) for value in (0.5, 0.37)] == ["½", "0.37"]


@pytest.mark.parametrize(
    ("config", "name", "values"),
    [
        (ModelConfig, "init", InitialWeights),
        (TrainingConfig, "engine", EngineName),
        (TrainingConfig, "train_on", TrainOn),
        (SampleConfig, "how", NextToken),
        (SweepConfig, "kind", SweepKind),
    ],
)
def test_a_choice_offers_the_values_of_its_type(config: type, name: str, values: Any) -> None:
    kind = setting_of(config, name).kind
    assert isinstance(kind, OneOf)
    assert tuple(kind.options) == get_args(values)


def test_text_is_freed_of_the_blanks_around_it() -> None:
    assert Text().value("beginning", " mar ") == "mar"


def test_seeds_by_chance_are_seeds_and_differ() -> None:
    seeds = [Seed.by_chance() for _ in range(20)]
    for seed in seeds:
        ModelConfig(seed=seed)
    assert len(set(seeds)) > 1


def test_a_config_holds_its_parts_to_their_kind() -> None:
    with pytest.raises(ConfigError, match=r"lr_schedule must be a LrSchedule, got 0\.1"):
        TrainingConfig(lr_schedule=0.1)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="model must be a ModelConfig, got None"):
        RunConfig(model=None)  # type: ignore[arg-type]


def test_a_new_config_needs_its_fields_alone() -> None:
    @dataclass(frozen=True)
    class Own:
        size: int = setting(
            2,
            Whole(1, 3),
            label="Size",
            key="s",
        )

    (size,) = settings_of(Own)
    assert (size.name, size.key, size.default, size.widget) == ("size", "s", 2, "slider")
    assert setting_of(Own, "size") == setting_of(Own, "s") == size
    assert (label_of(Own, "size"), label_of(Own, "other")) == ("Size", "other")


def test_both_sweeps_start_from_what_is_asked_for_them() -> None:
    assert DEFAULTS["ramp"] == SweepConfig()
    assert DEFAULTS["independent"] == SweepConfig(kind="independent", n_rates=29)
    assert DEFAULTS.keys() == ASKED.keys()
    for kind, asked in ASKED.items():
        for one in asked:
            one.check(getattr(DEFAULTS[kind], one.name))


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("how", "beam"),
        ("temperature", 0.0),
        ("temperature", 3.1),
        ("count", 0),
        ("count", 1001),
        ("prefix", None),
        ("rare", 1),
        ("seed", 2**32),
    ],
)
def test_a_bad_setting_of_a_sample_is_refused_by_its_name(name: str, bad: Any) -> None:
    with pytest.raises(ConfigError) as refusal:
        SampleConfig(**{name: bad})
    assert refusal.value.field == name


def test_only_greedy_samples_are_greedy() -> None:
    assert [SampleConfig(how=how).is_greedy for how in ("drawn", "greedy")] == [False, True]


def compared_names(file: Path) -> set[str]:
    """Names of settings that a file compares something with, as in `if name == "seed"`."""
    names = {s.key for c in CONFIGS for s in settings_of(c)} | {
        s.name for c in CONFIGS for s in settings_of(c)
    }
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare | ast.MatchValue):
            inside = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
            found |= {value for value in inside if isinstance(value, str)} & names
    return found


def test_no_file_branches_on_a_settings_name() -> None:
    wrong = {str(file): compared_names(file) for file in product_files(ROOT)}
    assert {file: names for file, names in wrong.items() if names} == {}


@pytest.mark.parametrize("line", ['name == "seed"', 'name in {"base_lr", "factor"}'])
def test_a_branch_on_a_settings_name_is_found(tmp_path: Path, line: str) -> None:
    file = tmp_path / "page.py"
    file.write_text(f"if {line}:\n    pass\n", encoding="utf-8")
    assert compared_names(file)
