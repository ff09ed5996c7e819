"""How loaded the server is: frames become fewer for all, within limits, and come back."""

from __future__ import annotations

import pytest

from server.load import FRAME_SECONDS, SLOWEST_FRAME_SECONDS, Load


def after(*lates: float) -> Load:
    load = Load()
    for late in lates:
        load.take(late)
    return load


def test_a_server_that_keeps_up_sends_ten_frames_a_second() -> None:
    load = after(*[0.005] * 100)
    assert load.frame_seconds == FRAME_SECONDS == pytest.approx(0.1)
    assert not load.is_busy


def test_one_late_look_changes_nothing() -> None:
    load = after(0.0, 0.2, 0.0)
    assert load.frame_seconds == FRAME_SECONDS
    assert not load.is_busy


def test_one_that_does_not_keep_up_sends_fewer_but_never_fewer_than_one_a_second() -> None:
    load = after(*[0.05] * 100)
    assert load.frame_seconds == pytest.approx(0.25, rel=0.01)
    overloaded = after(*[3.0] * 100)
    assert overloaded.frame_seconds == SLOWEST_FRAME_SECONDS
    assert overloaded.is_busy


def test_it_recovers_within_seconds() -> None:
    load = after(*[1.0] * 100, *[0.0] * 60)
    assert load.frame_seconds == FRAME_SECONDS
    assert not load.is_busy


def test_a_clock_that_went_back_counts_as_in_time() -> None:
    assert after(-1.0).late_seconds == 0.0
