"""What of a valley is recommended for a whole run."""

from __future__ import annotations

import pytest

from core.config import RunConfig
from core.sweep import for_run, learns_by_heart


@pytest.mark.parametrize(
    ("settings", "share"),
    [
        ({}, 2.5),  # the tutorial's rate falls twice
        ({"init": "scaled"}, 1),
        ({"init": "small", "decay": "linear", "steps": 10_000}, 1),
        ({"decay": "linear", "steps": 3_000}, 2.5),
        ({"decay_steps": ()}, 0.5),
        ({"steps": 10_000}, 0.5),  # which ends before the first decay
        ({"init": "scaled", "decay_steps": ()}, 0.5),
        ({"decay": "inverse", "decrease": 1e-8}, 0.5),  # falls by a thousandth
        ({"decay": "inverse", "decrease": 1e-3}, 2.5),
        ({"optimiser": "adam", "engine": "autograd"}, 1),  # not measured
    ],
)
def test_a_rate_is_higher_where_it_falls_from_weights_that_are_too_large(settings, share):
    lr, why = for_run(0.12, RunConfig.from_settings(settings))
    assert lr == pytest.approx(share * 0.12)
    assert bool(why) == (share != 1)


def test_few_examples_are_recommended_no_more_than_the_valley():
    assert for_run(0.12, RunConfig(), is_by_heart=True) == (0.12, "")
    # 300 names are 1,720 examples, and the tutorial's network has 3,481 weights.
    assert learns_by_heart(RunConfig(), 1_720, 27)
    assert not learns_by_heart(RunConfig(), 182_625, 27)
