"""Which points a sweep of any settings has, which it can't have, and what its losses say."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from core.config import RunConfig
from core.errors import ConfigError
from core.jobs import TrialResult
from core.settings import setting_of
from core.sweep import (
    Axis,
    GridConfig,
    Point,
    PointResult,
    choices,
    edge_of,
    has_use,
    spread,
    swept_settings,
    usual_range,
)

RUN = RunConfig()


def grid(*axes: Axis, **more: Any) -> GridConfig:
    return GridConfig(run=more.pop("run", RUN), axes=axes, **more)


def result(*losses: float, n_missing: int = 0) -> PointResult:
    """A point with these losses, one per seed; nan for one that diverged."""
    answers = [TrialResult(RUN, loss, math.isnan(loss), 0.0, None) for loss in losses]
    return PointResult(Point((0,), RUN), (*answers, *[None] * n_missing))


H = Axis(key="n_hidden", values=(8, 64))
LR = Axis(key="base_lr", values=(0.01, 0.1, 1.0))


def test_every_pair_of_values_is_a_point_and_the_second_setting_changes_fastest():
    points = grid(H, LR).points
    assert [point.values for point in points] == [
        (8, 0.01),
        (8, 0.1),
        (8, 1.0),
        (64, 0.01),
        (64, 0.1),
        (64, 1.0),
    ]
    for point in points:
        assert point.config is not None
        assert point.config.model.n_hidden == point.values[0]
        assert point.config.training.lr_schedule.base_lr == point.values[1]
        assert point.config.training.steps == 3000


def test_all_else_is_the_visitors():
    run = RunConfig.from_settings({"n_embd": 10, "dropout": 0.2, "steps": 77, "seed": 5})
    config = grid(H, run=run, n_steps=500).points[1].config
    assert config == RunConfig.from_settings(
        {"n_embd": 10, "dropout": 0.2, "steps": 500, "seed": 5, "n_hidden": 64}
    )


def test_where_steps_are_swept_they_are_the_runs_length():
    points = grid(Axis(key="steps", values=(10, 100)), n_steps=500).points
    assert [point.config.training.steps for point in points if point.config] == [10, 100]


def test_what_does_not_go_together_is_left_out_and_says_why():
    config = grid(
        Axis(key="n_hidden", values=(0, 8)), Axis(key="direct", values=(False, True)), n_seeds=2
    )
    complaints = {point.values: point.complaint for point in config.points}
    assert complaints == {
        (0, False): "Hidden units H must be 1 or more where there are no direct connections, got 0",
        (0, True): "",
        (8, False): "",
        (8, True): "",
    }
    assert config.n_runs == 6


def test_another_seed_moves_weights_and_batches_and_nothing_else():
    run = RunConfig.from_settings({"seed": 2**32 - 1, "batch_seed": 7})
    other = run.with_seed(2)
    assert (other.model.seed, other.training.seed) == (1, 9)
    assert replace(other.model, seed=run.model.seed) == run.model
    assert run.with_seed(0) == run


@pytest.mark.parametrize(
    ("axes", "more", "field"),
    [
        ((), {}, "axes"),
        ((H, H), {}, "axes"),
        ((H,), {"n_seeds": 31}, "n_seeds"),
        ((H,), {"n_steps": 0}, "n_steps"),
        ((Axis(key="steps", values=(1_000_000, 999_999)),), {"n_seeds": 5}, None),
        ((Axis(key="decrease", values=(1e-4, 1e-3)),), {}, "decrease"),
    ],
)
def test_what_cannot_be_swept_is_refused(axes, more, field):
    if field is None:
        assert grid(*axes, **more).n_runs == 10  # just within all the steps there may be
        return
    with pytest.raises(ConfigError) as refused:
        grid(*axes, **more)
    assert refused.value.field == field


def test_too_many_runs_and_too_many_steps_are_refused():
    many = Axis(key="n_embd", values=tuple(range(1, 16)))
    more = Axis(key="block_size", values=tuple(range(1, 16)))
    with pytest.raises(ConfigError, match="n_seeds must be at most 2 for this many points"):
        grid(many, more, n_seeds=3)
    with pytest.raises(ConfigError, match="15,000,000 steps in all"):
        grid(many, n_seeds=1, n_steps=1_000_000)


def test_a_setting_that_the_other_one_gives_a_use_can_be_swept():
    decay = Axis(key="decay", values=("steps", "inverse"))
    assert grid(decay, Axis(key="decrease", values=(1e-4, 1e-3))).n_runs == 12


@pytest.mark.parametrize(
    ("key", "values"),
    [("seed", (1, 2)), ("n_hidden", (8,)), ("n_hidden", (8, 8)), ("n_hidden", (8, 5000))],
)
def test_values_that_make_no_axis_are_refused(key, values):
    with pytest.raises(ConfigError) as refused:
        Axis(key=key, values=values)
    assert refused.value.field == key


def test_values_lie_evenly_on_the_scale_of_the_slider():
    rate, dropout = setting_of(RunConfig, "base_lr"), setting_of(RunConfig, "dropout")
    assert spread(rate, 0.001, 1.0, 4) == (0.001, 0.01, 0.1, 1.0)
    assert spread(dropout, 0.0, 0.4, 5) == pytest.approx((0.0, 0.1, 0.2, 0.3, 0.4))
    assert spread(setting_of(RunConfig, "n_hidden"), 0, 64, 4) == (0, 1, 8, 64)


def test_every_setting_that_can_be_swept_has_values_that_it_may_have():
    for setting in swept_settings():
        values = tuple(choices(setting)) or spread(setting, *usual_range(setting), 7)
        assert Axis(key=setting.key, values=values).values == values


def test_a_setting_without_a_use_is_known():
    r = setting_of(RunConfig, "decrease")
    assert not has_use(r, RUN)
    assert has_use(r, RunConfig.from_settings({"decay": "inverse"}))


def test_a_points_figures_are_of_the_seeds_that_have_a_loss():
    point = result(2.0, math.nan, 4.0, n_missing=1)
    assert (point.mean, point.low, point.high) == (3.0, 2.0, 4.0)
    assert (point.n_done, point.n_diverged) == (3, 1)
    assert math.isnan(result(n_missing=2).mean)


@pytest.mark.parametrize(
    ("key", "low", "high", "best", "is_upper", "wider"),
    [
        ("n_hidden", 8, 64, 64, True, (8, 512)),
        ("n_hidden", 8, 64, 8, False, (1, 64)),
        ("n_hidden", 1, 64, 1, False, (0, 64)),
        ("base_lr", 0.01, 0.1, 0.0995, True, (0.01, 0.8)),
        ("dropout", 0.2, 0.4, 0.4, True, (0.2, 0.6)),
        ("dropout", 0.0, 0.4, 0.01, False, None),
        ("block_size", 1, 16, 16, True, None),
    ],
)
def test_a_best_at_the_end_of_its_range_widens_it_as_far_as_the_setting_goes(
    key: str, low: Any, high: Any, best: Any, is_upper: bool, wider: Any
) -> None:
    edge = edge_of(setting_of(RunConfig, key), low, high, best)
    assert edge is not None
    assert (edge.is_upper, edge.wider) == (is_upper, wider)


def test_a_best_inside_its_range_and_one_of_few_choices_are_at_no_end() -> None:
    assert edge_of(setting_of(RunConfig, "n_hidden"), 8, 512, 64) is None
    assert edge_of(setting_of(RunConfig, "init"), None, None, "scaled") is None


def test_a_sweep_knows_the_ends_that_a_point_lies_at():
    config = grid(Axis(key="n_embd", values=(2, 4, 8)), H)
    (edge,) = config.edges((8, 64))  # of two values, as of the other setting, both are ends
    assert (edge.setting.key, edge.high, edge.is_upper) == ("n_embd", 8, True)
    assert config.edges((4, 8)) == ()
