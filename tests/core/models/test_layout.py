"""t-SNE, against the divergence that it makes small and what a map must keep."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.models import layout
from core.models.layout import affinities, tsne


def clusters(n: int = 240, n_clusters: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows around a few directions in 20 dimensions, and which of them each belongs to."""
    rng = np.random.default_rng(seed)
    of = rng.integers(n_clusters, size=n)
    centres = 4 * rng.normal(size=(n_clusters, 20))
    return (centres[of] + rng.normal(size=(n, 20))).astype(np.float32), of


def last(rows: np.ndarray, **more: float) -> np.ndarray:
    *_, (_, points) = tsne(rows, **more)  # type: ignore[arg-type]
    return points


def divergence(near: np.ndarray, points: np.ndarray) -> float:
    """KL(P || Q), in float64 and by its definition."""
    away = np.square(points[:, None] - points[None]).sum(axis=2)
    q = 1 / (1 + away)
    np.fill_diagonal(q, 0)
    q /= q.sum()
    some = near > 0
    return float((near[some] * np.log(near[some] / q[some])).sum())


def test_affinities_are_symmetric_and_add_up_to_one() -> None:
    rows, _ = clusters()
    near = affinities(rows, 20)
    np.testing.assert_array_equal(near, near.T)
    assert near.sum(dtype=float) == pytest.approx(1, abs=1e-5)
    assert (np.diag(near) == 0).all()


def test_each_tokens_neighbours_have_the_perplexity_asked_for() -> None:
    away = np.sort(np.random.default_rng(1).uniform(0, 9, (5, 60)))
    shares = layout._conditional(away, 12.0)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(np.exp(-(shares * np.log(shares)).sum(axis=1)), 12, rtol=1e-6)
    slopes = np.diff(np.log(shares)) / np.diff(away)  # -beta, the same over a row
    np.testing.assert_allclose(slopes, slopes[:, :1].repeat(59, axis=1), rtol=1e-6)


def test_the_gradient_is_that_of_the_divergence_by_finite_differences() -> None:
    rows, _ = clusters(40)
    near = affinities(rows, 8).astype(np.float64)
    near /= near.sum()
    points = np.random.default_rng(2).normal(size=(40, 2)).astype(np.float32)
    i, j = np.nonzero(near)
    starts = np.searchsorted(i, np.arange(41))
    found = layout._gradient(points, starts, j, near[i, j].astype(np.float32), 1.0)
    expected = np.zeros((40, 2))
    for place in np.ndindex(40, 2):
        step = np.zeros((40, 2))
        step[place] = 1e-5
        ahead, behind = (divergence(near, points + sign * step) for sign in (1, -1))
        expected[place] = (ahead - behind) / 2e-5
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)


def test_clusters_of_many_dimensions_are_clusters_of_the_plane() -> None:
    rows, of = clusters()
    points = last(rows)
    away = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(away, np.inf)
    assert (of[away.argmin(axis=1)] == of).mean() > 0.98
    assert divergence(affinities(layout._directions(rows), 30), points) < 1.0


def test_the_same_table_is_laid_out_the_same_way() -> None:
    rows, _ = clusters(60)
    np.testing.assert_array_equal(last(rows, steps=100), last(rows, steps=100))


def test_what_is_done_is_told_chunk_by_chunk() -> None:
    rows, _ = clusters(30)
    assert [done for done, _ in tsne(rows, steps=60)] == [25, 50, 60]


@pytest.mark.parametrize("n", [3, 4, 27])
def test_few_tokens_are_laid_out_too(n: int) -> None:
    points = last(clusters(n)[0])
    assert points.shape == (n, 2)
    assert np.isfinite(points).all()
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-3)


def test_rows_without_a_direction_and_rows_that_are_equal_raise_nothing() -> None:
    rows, _ = clusters(40)
    rows[3], rows[4], rows[5] = math.nan, 0, rows[6]
    assert np.isfinite(last(rows, steps=100)).all()
    assert np.isfinite(last(np.ones((20, 4), dtype=np.float32), steps=50)).all()


def test_two_tokens_are_too_few() -> None:
    with pytest.raises(ValueError, match="at least 3"):
        next(tsne(np.ones((2, 4), dtype=np.float32)))
