"""Two groups of seeds: the interval of their difference holds the true one as often as it says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from core.runs.groups import difference, spread


def by_seed(losses: np.ndarray) -> dict[str, float]:
    return {str(seed): float(loss) for seed, loss in enumerate(losses)}


@pytest.mark.parametrize("n_seeds", [2, 3, 5])
@pytest.mark.parametrize("common", [0.0, 0.1])  # what a seed does to both groups
def test_groups_that_are_equal_in_truth_are_seldom_told_apart(n_seeds: int, common: float) -> None:
    random = np.random.default_rng(n_seeds)
    n_clear = 0
    for _ in range(1000):
        seeds = common * random.normal(size=n_seeds)
        one, other = (seeds + 0.02 * random.normal(size=n_seeds) for _ in range(2))
        n_clear += difference(by_seed(one), by_seed(other)).is_clear
    assert n_clear <= 73  # 50 of 1,000 is one in twenty; more than 73 come once in 1,000


def test_pairing_finds_what_the_seeds_hide() -> None:
    seeds = np.array([0.0, 0.3, -0.2, 0.1])
    one, other = 2 + seeds, 2.05 + seeds + np.array([0.002, -0.002, 0.001, -0.001])
    paired = difference(by_seed(one), by_seed(other))
    assert paired.is_paired
    assert paired.is_clear
    apart = difference(by_seed(one), {f"other {k}": v for k, v in by_seed(other).items()})
    assert not apart.is_paired
    assert not apart.is_clear


def test_both_ways_are_those_of_the_textbook() -> None:
    one, other = np.array([2.0, 2.2, 2.4]), np.array([2.15, 2.3, 2.62])
    paired = difference(by_seed(one), by_seed(other))
    interval = stats.ttest_rel(other, one).confidence_interval(0.95)
    assert paired.mean - paired.error == pytest.approx(interval.low)
    assert paired.mean + paired.error == pytest.approx(interval.high)
    apart = difference(by_seed(one), {"a": 2.15, "b": 2.3, "c": 2.62})
    interval = stats.ttest_ind(other, one, equal_var=False).confidence_interval(0.95)
    assert apart.mean + apart.error == pytest.approx(interval.high)


def test_one_seed_tells_nothing() -> None:
    found = difference({"1": 2.0}, {"1": 3.0})
    assert found.mean == 1.0
    assert not found.is_clear
    assert not difference({"1": 2.0}, {"2": 3.0, "3": 3.1}).is_clear
    assert math.isnan(spread([2.0]))
    assert spread([2.0, 2.2]) == pytest.approx(math.sqrt(0.02))
