"""The floor below any engine: a step's matrix products alone, and arithmetic at the core's peak."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.linalg.cython_blas  # noqa: F401  numba's np.dot: loaded here, so that it gets limited
import torch
from numba import njit

from benchmarks.timing import rounds
from core.learning.engines import _parts


def products_loop(batch: int, fan_in: int, hidden: int, n_characters: int) -> Callable[..., None]:
    """The six matrix products of a step alone, by BLAS into buffers that are there already."""
    rng = np.random.default_rng(1)
    shapes = ((batch, fan_in), (fan_in, hidden), (hidden, n_characters))
    x, W1, W2 = (rng.standard_normal(shape, dtype=np.float32) for shape in shapes)
    h = np.empty((batch, hidden), dtype=np.float32)
    y = np.empty((batch, n_characters), dtype=np.float32)
    g_h, g_x, g_1, g_2 = (np.empty_like(array) for array in (h, x, W1, W2))

    def loop(n_steps: int) -> None:
        _six_products(x, W1, W2, h, y, g_h, g_x, g_1, g_2, n_steps)

    return loop


@njit(nogil=True)
def _six_products(x, W1, W2, h, y, g_h, g_x, g_1, g_2, n_steps):  # type: ignore[no-untyped-def]
    for _ in range(n_steps):
        np.dot(x, W1, h)
        np.dot(h, W2, y)
        np.dot(y, W2.T, g_h)
        np.dot(h.T, y, g_2)
        np.dot(g_h, W1.T, g_x)
        np.dot(x.T, g_h, g_1)


def peak_flops(repeats: int) -> float:
    """Arithmetic a second of one core, the most that any matrix product here reaches.

    Large ones by numpy's and by torch's BLAS, and one by the engine's own product that stays in
    the caches: a BLAS that does not know the processor may be well below what the core can do.
    """
    rng = np.random.default_rng(1)
    large, small = 1024, 192
    a, b, out = (rng.standard_normal((large, large), dtype=np.float32) for _ in range(3))
    c, d, e = (rng.standard_normal((small, small), dtype=np.float32) for _ in range(3))
    tensors = torch.from_numpy(a), torch.from_numpy(b)
    width, one, n_small = small, np.float32(1), 50

    def own() -> None:
        for _ in range(n_small):
            _parts.multiply(c, width, 1, d, e, small, small, small, one, False)

    taken = rounds(
        {
            "numpy": lambda: np.dot(a, b, out),
            "torch": lambda: torch.mm(*tensors),
            "own": own,
        },
        max(5, repeats),
    )
    flops = {"numpy": 2 * large**3, "torch": 2 * large**3, "own": 2 * small**3 * n_small}
    return max(flops[name] / min(seconds) for name, seconds in taken.items())
