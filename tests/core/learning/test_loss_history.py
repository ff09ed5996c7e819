"""Bins that never shift, checked against the whole history."""

from __future__ import annotations

import numpy as np
import pytest

from core.learning import LossHistory


def drawn(n: int) -> np.ndarray:
    return np.random.default_rng(3).gamma(2.0, 1.5, n).astype(np.float32)


@pytest.mark.parametrize("n", [1, 7, 8, 9, 100, 1000, 4097])
def test_bins_are_the_means_and_extremes_of_their_steps(n: int) -> None:
    losses = drawn(n)
    history = LossHistory(capacity=8)
    for piece in np.array_split(losses, 13):
        history.append(piece)
    curve = history.curve()
    assert len(curve.mean) <= 8
    assert curve.width & (curve.width - 1) == 0
    assert curve.n_steps == n
    for i in range(len(curve.mean)):
        own = losses[i * curve.width : (i + 1) * curve.width]
        assert curve.mean[i] == pytest.approx(own.mean(), rel=1e-5)
        assert curve.low[i] == own.min()
        assert curve.high[i] == own.max()


def test_how_a_history_is_cut_does_not_matter() -> None:
    losses = drawn(3000)
    whole, cut = LossHistory(), LossHistory()
    whole.append(losses)
    for loss in losses:
        cut.append(np.array([loss]))
    a, b = whole.curve(), cut.curve()
    assert a.width == b.width
    np.testing.assert_allclose(a.mean, b.mean, rtol=1e-6)
    np.testing.assert_array_equal(a.low, b.low)
    np.testing.assert_array_equal(a.high, b.high)


def test_a_spike_is_never_hidden() -> None:
    losses = np.full(100_000, 2.0, dtype=np.float32)
    losses[77_777] = 50.0
    history = LossHistory()
    history.append(losses)
    curve = history.curve()
    assert curve.high.max() == 50.0
    middle = curve.steps[curve.high.argmax()]
    assert abs(middle - 77_777) <= curve.width / 2


def test_a_curve_does_not_change_when_the_run_goes_on() -> None:
    history = LossHistory(capacity=4)
    history.append(np.array([1.0, 2.0], dtype=np.float32))
    before = history.curve()
    history.append(np.array([9.0, 9.0, 9.0], dtype=np.float32))
    np.testing.assert_array_equal(before.mean, [1.0, 2.0])


def test_an_empty_history_has_an_empty_curve() -> None:
    curve = LossHistory().curve()
    assert len(curve.mean) == len(curve.steps) == 0


@pytest.mark.parametrize("n_steps", [1, 2, 7, 8, 9])
def test_a_loss_that_is_taken_back_and_comes_again_leaves_no_trace(n_steps: int) -> None:
    losses = np.random.default_rng(1).random(n_steps, dtype=np.float32)
    plain, again = LossHistory(capacity=4), LossHistory(capacity=4)
    plain.append(losses)
    again.append(losses)
    again.take_back(float(losses[-1]))
    assert again.n_steps == n_steps - 1
    again.append(losses[-1:])
    for one, other in (
        (getattr(plain.curve(), name), getattr(again.curve(), name))
        for name in ("mean", "low", "high")
    ):
        np.testing.assert_allclose(one, other, rtol=1e-6)
