"""Bins that never shift, checked against the whole history."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from core.learning import LossHistory


def drawn(n: int) -> np.ndarray:
    return np.random.default_rng(3).gamma(2.0, 1.5, n).astype(np.float32)


def widest_bins(n: int, widest: int, fine: int) -> list[int]:
    """Edges of bins that are no wider than a share of what is before them."""
    edges = [0]
    while edges[-1] < n:
        width = widest
        while width > 1 and fine and edges[-1] < fine // 2 * width:
            width //= 2
        edges.append(edges[-1] + width)
    return [*edges[:-1], n]


@pytest.mark.parametrize("fine", [0, 2, 4])
@pytest.mark.parametrize("n", [1, 7, 8, 9, 100, 1000, 4097])
def test_bins_are_the_means_and_extremes_of_their_steps(n: int, fine: int) -> None:
    losses = drawn(n)
    history = LossHistory(capacity=8, fine=fine)
    for piece in np.array_split(losses, 13):
        history.append(piece)
    curve = history.curve()
    assert n <= 8 * curve.width < 2 * max(n, 8)
    assert curve.n_steps == n
    edges = widest_bins(n, curve.width, fine)
    assert curve.edges.tolist() == edges
    assert len(curve.mean) == len(edges) - 1 <= 8 + fine * np.log2(curve.width)
    for i, (start, end) in enumerate(itertools.pairwise(edges)):
        own = losses[start:end]
        assert curve.steps[i] == (start + end - 1) / 2
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


def test_the_first_steps_of_a_long_run_are_not_one() -> None:
    losses = drawn(1_000_000)
    history = LossHistory()
    history.append(losses)
    curve = history.curve()
    np.testing.assert_allclose(curve.mean[:64], losses[:64], rtol=1e-6)
    widths, starts = np.diff(curve.edges), curve.edges[:-1]
    assert (widths[64:] <= starts[64:] / 32).all()  # a doubling of the step has 32 bins or more
    assert len(curve.mean) < 1000


def test_a_curve_does_not_change_when_the_run_goes_on() -> None:
    history = LossHistory(capacity=4, fine=2)
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
    plain, again = (LossHistory(capacity=4, fine=2) for _ in range(2))
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
