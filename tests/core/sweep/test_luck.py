"""Which points are told apart from the best, by simulations whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from core.config import RunConfig
from core.jobs import TrialResult
from core.sweep import Comparison, loss_table, told_apart
from core.sweep.luck import critical_range

SIZES = [(2, 3), (5, 3), (9, 3), (25, 2), (25, 3), (9, 5)]


def losses(
    rng: np.random.Generator, means: NDArray[np.float64], n_seeds: int, *, shared: float = 0.0
) -> NDArray[np.float64]:
    """Of points with these true means, noise of 1, and so much that each seed does to all."""
    noise = rng.normal(0, 1, (len(means), n_seeds))
    return means[:, None] + noise + rng.normal(0, shared, n_seeds)


@pytest.mark.parametrize("shared", [0.0, 3.0])
@pytest.mark.parametrize(("n_points", "n_seeds"), SIZES)
def test_of_equal_points_one_is_told_apart_in_at_most_one_sweep_of_twenty(
    n_points: int, n_seeds: int, shared: float
) -> None:
    rng, n_sweeps = np.random.default_rng(1), 2000
    equal = np.full(n_points, 2.3)
    alarms = sum(
        any(told_apart(losses(rng, equal, n_seeds, shared=shared))) for _ in range(n_sweeps)
    )
    rate = alarms / n_sweeps
    by_chance = 3 * math.sqrt(0.05 * 0.95 / n_sweeps)
    assert rate <= 0.05 + by_chance
    assert (rate == 0) == (n_seeds < 3)


@pytest.mark.parametrize("n_points", [5, 9])
@pytest.mark.parametrize("noisier", ["one", "each"])
def test_points_that_luck_moves_more_than_others_raise_no_more_alarms(
    n_points: int, noisier: str
) -> None:
    rng, n_sweeps = np.random.default_rng(7), 2000
    sizes = np.ones(n_points) if noisier == "one" else np.linspace(1, 5, n_points)
    sizes[-1] = 5
    alarms = sum(
        any(told_apart(rng.normal(0, 1, (n_points, 3)) * sizes[:, None])) for _ in range(n_sweeps)
    )
    assert alarms / n_sweeps < 0.1


def test_bad_points_that_luck_moves_far_do_not_hide_what_is_between_good_ones() -> None:
    rng, means = np.random.default_rng(8), np.array([0, 0, 0, 5, 10, 30, 100.0])
    sizes = np.array([1, 1, 1, 2, 3, 6, 12.0])
    tables = [means[:, None] + rng.normal(0, 1, (7, 3)) * sizes[:, None] for _ in range(500)]
    found = np.array([told_apart(table)[:] for table in tables])
    assert found[:, :3].any(axis=1).mean() < 0.02
    assert found[:, 4].mean() > 0.7  # residuals of all points together find 27 %


def test_two_points_are_told_apart_where_a_paired_t_test_does() -> None:
    rng = np.random.default_rng(2)
    tables = [losses(rng, np.array([0.0, 2.5]), 4, shared=5.0) for _ in range(200)]
    found = [any(told_apart(table)) for table in tables]
    assert found == [stats.ttest_rel(*table).pvalue < 0.05 for table in tables]
    assert 50 < sum(found) < 150


@pytest.mark.parametrize(
    ("n_points", "n_free", "q"), [(2, 2, 6.085), (3, 10, 3.877), (5, 8, 4.886), (9, 16, 5.031)]
)
def test_critical_values_are_those_of_the_tables(n_points: int, n_free: int, q: float) -> None:
    assert critical_range(n_points, n_free) == pytest.approx(q, abs=0.001)


def test_what_a_seed_does_to_all_points_alike_takes_nothing_from_a_difference() -> None:
    table = losses(np.random.default_rng(3), np.array([0.0, 30.0, 0.5, 20.0]), 3)
    moved = table + np.array([100.0, -50.0, 7.0])
    one, other = told_apart(table), told_apart(moved)
    assert list(one) == list(other) == [False, True, False, True]
    assert one.best is not None
    assert {one.best, *one.rivals} == {0, 2}
    np.testing.assert_allclose(other.half_widths, one.half_widths)


def test_intervals_hold_together_in_nineteen_sweeps_of_twenty() -> None:
    rng, means = np.random.default_rng(4), np.array([0.0, 0.5, 1.0, 3.0, 6.0])
    n_held = 0
    for _ in range(1000):
        found = told_apart(losses(rng, means, 3, shared=2.0))
        assert found.best is not None
        errors = found.differences - (means - means[found.best])
        n_held += bool((np.abs(errors) <= found.half_widths + 1e-9).all())
    assert n_held / 1000 >= 0.93


@pytest.mark.parametrize("n_seeds", [1, 2])
def test_one_seed_and_two_tell_nothing_apart(n_seeds: int) -> None:
    found = told_apart(np.array([[2.0, 2.1], [9.0, 9.1], [4.0, 4.1]])[:, :n_seeds])
    assert (found.best, found.rivals) == (0, (2, 1))
    assert list(found) == [False] * 3
    assert (found.half_widths == math.inf).all()
    assert found.seeds_for(1) is None


def test_seeds_that_move_nothing_leave_every_difference() -> None:
    found = told_apart([[2.3] * 3, [2.1] * 3, [2.1] * 3])
    assert (found.best, found.rivals) == (1, (2,))
    assert list(found) == [True, False, False]
    assert found.half_widths == pytest.approx([0, 0, 0], abs=1e-12)
    assert found.seeds_for(2) is None


def test_a_point_that_lacks_a_loss_is_neither_best_nor_compared() -> None:
    whole = [[2.0, 2.1, 2.2], [2.6, 2.5, 2.7]]
    found = told_apart([[1.0, math.nan, 1.0], *whole])
    assert (found.best, found.others, len(found)) == (1, (2,), 3)
    np.testing.assert_array_equal(found.half_widths[1:], told_apart(whole).half_widths)
    assert told_apart([[1.0, math.nan]]).best is None
    assert told_apart(np.empty((0, 3))).best is None
    assert list(told_apart([[1.0, 2.0, 3.0]])) == [False]


@pytest.mark.parametrize(("n_points", "difference"), [(2, 1.5), (2, 0.5), (5, 0.8), (25, 2.0)])
def test_the_seeds_that_are_named_find_the_difference_four_times_out_of_five(
    n_points: int, difference: float
) -> None:
    rng, means = np.random.default_rng(5), np.full(n_points, 0.0)
    means[-1] = difference
    n_pooled = max(min(3, n_points), -(-n_points // 2))
    n_seeds = Comparison(0, means, np.ones(n_points), n_pooled, 3).seeds_for(n_points - 1)
    assert n_seeds is not None
    # One pair that was named before, among points of which the last is the one that differs.
    found = 0
    for _ in range(500):
        table = losses(rng, means, n_seeds)
        width = told_apart(table).half_widths[-1]
        found += bool(table[-1].mean() - table[0].mean() > width)
    assert 0.65 <= found / 500 <= 0.92


def test_thousands_of_losses_are_compared() -> None:
    rng, means = np.random.default_rng(6), np.zeros(600)
    means[:3] = -10
    found = told_apart(losses(rng, means, 5, shared=2.0))
    assert found.best in (0, 1, 2)
    assert set(found.rivals) == {0, 1, 2} - {found.best}


def test_the_table_has_the_loss_of_each_seed_that_has_one() -> None:
    run = RunConfig()
    done = TrialResult(run, 2.5, False, 0.0, None)
    lost = TrialResult(run, 3.5, True, 0.0, None)
    np.testing.assert_array_equal(
        loss_table([(done, lost), (None, done)]), [[2.5, np.nan], [np.nan, 2.5]]
    )
    assert loss_table([]).shape == (0, 0)
