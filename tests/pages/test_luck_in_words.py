"""What luck may explain, in words: never more than the seeds say."""

from __future__ import annotations

import numpy as np
import pytest

from core.sweep import Comparison, told_apart
from pages.wording import luck

NAMES = "abcdefgh"


def said(found: Comparison) -> str:
    return luck.told_apart(found, "point", NAMES.__getitem__)


def points(*means: float) -> Comparison:
    """Points that luck moves by 0.01, three seeds each."""
    differences = np.array(means) - min(means)
    n_pooled = min(3, len(means))
    return Comparison(0, differences, np.full(len(means), 0.01), n_pooled, 3)


def test_a_difference_above_luck_is_said_with_its_error() -> None:
    found = points(2.3, 2.35, 2.5)
    assert said(found) == (
        "All 2 other points are higher by more than luck: the closest, b, by 0.050 ± 0.029 over 3 "
        "seeds."
    )
    assert luck.beside_best(found, 2) == (
        "Higher than the lowest by 0.200 ± 0.029 over 3 seeds: more than luck."
    )
    assert luck.beside_best(found, 0) == ""
    assert said(points(2.3, 2.4)) == (
        "The other point, b, is higher by 0.100 ± 0.035 over 3 seeds: more than luck."
    )


def test_what_luck_may_explain_is_no_worse_and_the_seeds_that_would_tell_are_named() -> None:
    found = points(2.3, 2.5, 2.31, 2.32)
    n = found.seeds_for(2)
    assert said(found) == (
        "2 other points can’t be told from it yet. The closest, c, is higher by 0.010 ± 0.033 over "
        f"3 seeds: about {n} seeds would probably tell. The other one is worse by more than luck."
    )


def test_where_no_seeds_that_one_would_take_can_tell_either_will_do() -> None:
    assert "seeds would tell, so take either." in said(points(2.3, 2.302, 2.5))
    assert "too little to matter" in said(points(2.3, 2.3, 2.5))


@pytest.mark.parametrize(("n_seeds", "words"), [(1, "One seed can’t"), (2, "Two seeds are too")])
def test_with_too_few_seeds_nothing_is_claimed(n_seeds: int, words: str) -> None:
    found = told_apart(np.array([[2.0, 2.1], [9.0, 9.1]])[:, :n_seeds])
    assert said(found).startswith(words)
    assert luck.beside_best(found, 1) == ""


def test_a_point_alone_says_nothing() -> None:
    assert said(told_apart([[2.0, 2.1, 2.2]])) == ""
