"""What each rule suggests on curves whose answer is known."""

import math

import numpy as np
import pytest

from core.sweep import Curve, Suggestion, SweepConfig, suggest, suggestions
from core.sweep.suggestions import wider

RAMP = np.linspace(-3, 0, 1000)
SHORT_RUNS = np.linspace(-3, 0, 29)


def curve_of(exponents, losses, *, diverged=(), kind="ramp") -> Curve:
    is_diverged = np.zeros(len(exponents), dtype=bool)
    is_diverged[list(diverged)] = True
    return Curve(kind, exponents, np.asarray(losses, dtype=np.float32), is_diverged)


def exponent(suggestion: Suggestion) -> float:
    assert suggestion.lr is not None
    return math.log10(suggestion.lr)


def noise(n: int, seed: int, size: float = 0.3) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, size, n)


def test_smoothing_leaves_a_constant_and_the_inside_of_a_line_as_they_are():
    np.testing.assert_allclose(curve_of(RAMP, np.full(1000, 2.5)).smoothed, 2.5)
    line = curve_of(RAMP, RAMP).smoothed
    np.testing.assert_allclose(line[200:800], RAMP[200:800], atol=1e-6)


def test_a_diverged_rate_has_no_part_in_the_smoothed_losses():
    losses = np.full(29, 2.5)
    losses[20] = 1e6
    smoothed = curve_of(SHORT_RUNS, losses, diverged=[20]).smoothed
    assert np.isnan(smoothed[20])
    np.testing.assert_allclose(np.delete(smoothed, 20), 2.5)


def test_standard_error_is_the_spread_of_smoothed_noise():
    curves = [curve_of(RAMP, noise(1000, seed)) for seed in range(40)]
    spread = np.std([curve.smoothed[500] for curve in curves])
    estimate = np.median([curve.standard_error for curve in curves])
    assert estimate == pytest.approx(spread, rel=0.35)


@pytest.mark.parametrize("exponents", [RAMP, SHORT_RUNS], ids=["ramp", "independent"])
@pytest.mark.parametrize("centre", [-1.8, -1.0])
def test_the_middle_of_a_parabola_is_its_valley(exponents, centre):
    valley, over_ten, _ = suggestions(curve_of(exponents, 2 + 4 * (exponents - centre) ** 2))
    spacing = exponents[1] - exponents[0]
    assert exponent(valley) == pytest.approx(centre, abs=spacing)
    assert exponent(over_ten) == pytest.approx(centre - 1, abs=spacing)


@pytest.mark.parametrize("seed", range(10))
def test_noise_on_a_parabola_moves_the_valley_little(seed):
    losses = 2 + 4 * (RAMP + 1) ** 2 + noise(1000, seed)
    assert exponent(suggest(curve_of(RAMP, losses))) == pytest.approx(-1, abs=0.1)


def test_the_valley_of_a_flat_floor_is_its_middle_wherever_its_lowest_point_is():
    sides = 5 * np.maximum(np.abs(RAMP + 1.2) - 0.5, 0)  # flat from -1.7 to -0.7
    dip = -0.1 * np.exp(-(((RAMP + 0.9) / 0.1) ** 2))
    assert exponent(suggest(curve_of(RAMP, 2 + sides + dip))) == pytest.approx(-1.2, abs=0.05)


def test_steepest_descent_is_where_a_sigmoid_bends():
    losses = 10 - 5 / (1 + np.exp(-6 * (RAMP + 2))) + 20 * np.maximum(RAMP + 0.5, 0)
    steepest = suggestions(curve_of(RAMP, losses))[2]
    assert exponent(steepest) == pytest.approx(-2, abs=0.02)


def test_steepest_descent_warns_of_a_high_start_and_only_of_that():
    bend = 1 / (1 + np.exp(-6 * (RAMP + 2)))
    rise = 20 * np.maximum(RAMP + 0.5, 0)
    high = suggestions(curve_of(RAMP, 18 - 15 * bend + rise))[2]
    low = suggestions(curve_of(RAMP, 3.3 - 0.5 * bend + rise))[2]
    assert "initial weights recovering" in high.reason
    assert "initial weights" not in low.reason


def test_a_cliff_of_diverged_rates_counts_as_the_right_side():
    losses = np.where(SHORT_RUNS > -0.5, np.nan, 2 + np.maximum(-1 - SHORT_RUNS, 0))
    diverged = np.flatnonzero(SHORT_RUNS > -0.5)
    lr = suggest(curve_of(SHORT_RUNS, losses, diverged=diverged, kind="independent")).lr
    assert lr is not None
    assert 10**-1.5 < lr < 10**-0.5


@pytest.mark.parametrize("exponents", [RAMP, SHORT_RUNS], ids=["ramp", "independent"])
@pytest.mark.parametrize(
    ("slope", "advice"), [(-2, "upper bound to 10^1"), (2, "lower bound to 10^-4")]
)
def test_a_monotone_curve_has_no_valley_and_says_which_bound_to_widen(exponents, slope, advice):
    losses = 10 + slope * exponents + noise(len(exponents), seed=0, size=0.05)
    suggestion = suggest(curve_of(exponents, losses))
    assert suggestion.lr is None
    assert advice in suggestion.reason


@pytest.mark.parametrize(("slope", "bounds"), [(-2, (-3, 1)), (2, (-4, 0))])
def test_a_monotone_curve_is_followed_by_a_power_of_ten(slope, bounds):
    assert wider(curve_of(RAMP, 10 + slope * RAMP)) == bounds


def test_a_curve_with_a_valley_a_flat_one_and_one_at_the_last_rate_are_not_followed():
    assert wider(curve_of(RAMP, (RAMP + 1) ** 2)) is None
    assert wider(curve_of(RAMP, np.full(1000, 3.0))) is None
    exponents = np.linspace(-6, 2, 200)
    assert wider(curve_of(exponents, 9 - exponents)) is None


def test_a_sweep_over_another_range_has_its_rates_as_dense():
    config = SweepConfig().between(-3, 1)
    assert config is not None
    assert (config.low_exponent, config.high_exponent, config.n_rates) == (-3, 1, 1333)
    assert SweepConfig(n_rates=10_000).between(-3, 1) is None
    assert np.diff(config.exponents)[0] == pytest.approx(np.diff(SweepConfig().exponents)[0])


def test_no_bound_is_to_be_widened_beyond_what_can_be_tried():
    exponents = np.linspace(-6, 2, 200)
    assert "highest rate that can be tried" in suggest(curve_of(exponents, 9 - exponents)).reason
    assert "lowest rate that can be tried" in suggest(curve_of(exponents, 9 + exponents)).reason


@pytest.mark.parametrize("exponents", [RAMP, SHORT_RUNS], ids=["ramp", "independent"])
@pytest.mark.parametrize("seed", range(20))
def test_no_rule_finds_a_rate_in_flat_noise(exponents, seed):
    found = suggestions(curve_of(exponents, 2.5 + noise(len(exponents), seed)))
    assert [suggestion.lr for suggestion in found] == [None] * 3
    assert "flat" in found[0].reason


def test_a_perfectly_flat_curve_recommends_none():
    assert suggest(curve_of(RAMP, np.full(1000, 3.0))).lr is None


def test_all_diverged_recommends_none_and_says_so():
    curve = curve_of(SHORT_RUNS, np.full(29, np.nan), diverged=range(29))
    assert "Every rate diverged" in suggest(curve).reason
    assert suggest(curve).lr is None


@pytest.mark.parametrize("n", [2, 3, 6])
def test_too_few_rates_recommend_none(n):
    exponents = np.linspace(-3, 0, n)
    suggestion = suggest(curve_of(exponents, (exponents + 1) ** 2))
    assert suggestion.lr is None
    assert f"Only {n} rates have a loss" in suggestion.reason


def test_an_unfinished_sweep_recommends_none():
    losses = np.where(RAMP < -0.5, (RAMP + 1) ** 2, np.nan)
    suggestion = suggest(curve_of(RAMP, losses))
    assert suggestion.lr is None
    assert "833 of 1,000 rates are done" in suggestion.reason


def test_every_suggestion_has_a_name_a_reason_and_an_assumption():
    for kind in ("ramp", "independent"):
        found = suggestions(curve_of(RAMP, (RAMP + 1) ** 2, kind=kind))
        names = [suggestion.name for suggestion in found]
        assert names == ["valley", "minimum over ten", "steepest descent"]
        assert all(suggestion.reason and suggestion.assumption for suggestion in found)
