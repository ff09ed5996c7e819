"""t-SNE: a map on which tokens that are near in all D dimensions are near in the plane."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from core.models.embeddings import Table, project

LAYOUT_TOKENS = 1_500  # about 5 s of one core
PERPLEXITY = 30.0  # about how many neighbours count
STEPS = 500  # of gradient descent
_EARLY_STEPS = 150  # of these, which pull clusters together before they settle
_REPORT_STEPS = 10

Points = NDArray[np.float32]
# Is told the share that is done, from 0 to 1; False ends the work.
Report = Callable[[float], bool]


def is_installed() -> bool:
    """Whether the packages for it are there, which few need."""
    return find_spec("openTSNE") is not None


class StoppedError(Exception):
    """Whoever asked for the layout does not want it any more."""


def tsne(C: Table, report: Report = lambda _share: True, *, seed: int = 0) -> Points:
    """Lay tokens out by t-SNE (van der Maaten and Hinton 2008) of their cosine distances.

    It begins at their principal components, so that the same table is laid out in the same way.

    Args:
        C: embeddings, (n, D), four rows or more; rows that are not finite count as the origin.
        report: is told how far it is, about every tenth of a second.
        seed: of what little chance there is.

    Returns:
        Points in the plane, float32 (n, 2).

    Raises:
        ValueError: if there are fewer than four rows.
        StoppedError: if `report` said so.
    """
    # Loads scikit-learn, which takes a second, so only when it is asked for.
    from openTSNE import TSNE  # type: ignore[import-untyped]

    table = np.nan_to_num(np.asarray(C, dtype=np.float64), posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    table = table / np.where(lengths > 0, lengths, 1.0)  # so that distances are those of cosine
    if len(table) < 4:
        raise ValueError(f"C must have at least 4 rows, got {len(table)}")
    n_taken = 0

    def look(step: int, _error: float, _embedding: object) -> bool:
        """True ends the phase, as openTSNE has it."""
        nonlocal n_taken
        n_taken += _REPORT_STEPS
        if not report(min(1.0, n_taken / (STEPS + 1))):
            raise StoppedError
        del step
        return False

    start = project(table).points.astype(np.float64)
    start *= 1e-4 / (start[:, 0].std() or 1.0)
    found = TSNE(
        perplexity=min(PERPLEXITY, (len(table) - 1) / 3),
        metric="euclidean",
        initialization=start,
        early_exaggeration_iter=_EARLY_STEPS,
        n_iter=STEPS - _EARLY_STEPS,
        negative_gradient_method="bh",
        neighbors="exact",
        n_jobs=1,
        random_state=seed,
        callbacks=look,
        callbacks_every_iters=_REPORT_STEPS,
    ).fit(table)
    points: Points = np.asarray(found, dtype=np.float32)
    return points
