"""t-SNE: what a map must keep, and that it can be watched and stopped."""

from __future__ import annotations

import numpy as np
import pytest

from core.models.layout import StoppedError, tsne


def clusters(n: int = 160, n_clusters: int = 5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows around a few directions in 20 dimensions, and which of them each belongs to."""
    rng = np.random.default_rng(seed)
    of = rng.integers(n_clusters, size=n)
    centres = 4 * rng.normal(size=(n_clusters, 20))
    return (centres[of] + rng.normal(size=(n, 20))).astype(np.float32), of


def test_clusters_of_many_dimensions_are_clusters_of_the_plane() -> None:
    rows, of = clusters()
    points = tsne(rows)
    away = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(away, np.inf)
    assert (of[away.argmin(axis=1)] == of).mean() > 0.98


def test_the_same_table_is_laid_out_the_same_way() -> None:
    rows, _ = clusters(60)
    np.testing.assert_array_equal(tsne(rows), tsne(rows))


def test_the_work_reports_how_far_it_is_from_start_to_end() -> None:
    shares: list[float] = []

    def report(share: float) -> bool:
        shares.append(share)
        return True

    tsne(clusters(40)[0], report)
    assert shares == sorted(shares)
    assert shares[0] < 0.05
    assert shares[-1] > 0.95


def test_it_stops_where_it_is_told_to() -> None:
    told: list[float] = []

    def report(share: float) -> bool:
        told.append(share)
        return len(told) < 3

    with pytest.raises(StoppedError):
        tsne(clusters(40)[0], report)
    assert len(told) == 3


def test_rows_that_are_not_finite_do_no_harm() -> None:
    rows, _ = clusters(40)
    rows[3] = np.nan
    assert np.isfinite(tsne(rows)).all()


def test_too_few_tokens_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 4 rows"):
        tsne(np.eye(3))
