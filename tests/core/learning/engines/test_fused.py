"""The quick engine alone: its bits, its limits, its tanh and its cache."""

from __future__ import annotations

import errno
import inspect
from pathlib import Path
from typing import Any

import numba
import numba.core.caching
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.config import ModelConfig
from core.learning import ENGINES
from core.learning.engines import _kernel, _parts, _wide, fused
from core.models import PARAMETER_NAMES, Parameters, initial_parameters

T, D, V, N = 3, 10, 27, 500


def parameters_of(n_hidden: int) -> Parameters:
    return initial_parameters(ModelConfig(block_size=T, n_embd=D, n_hidden=n_hidden, seed=1), V)


def examples() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    contexts = torch.randint(V, (N, T), generator=generator)
    return contexts, torch.randint(V, (N,), generator=generator)


def batches_of(n_steps: int, batch_size: int) -> torch.Tensor:
    return torch.randint(N, (n_steps, batch_size), generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize(("n_hidden", "batch_size"), [(100, 32), (201, 33), (64, 128)])
def test_bits_do_not_depend_on_how_steps_are_cut_into_calls(n_hidden: int, batch_size: int) -> None:
    batches, rates = batches_of(100, batch_size), torch.linspace(0.2, 0.01, 100)
    results = []
    for cuts in ([100], [1] * 100, [7, 50, 3, 40]):
        parameters = parameters_of(n_hidden)
        losses = [
            ENGINES["fused"](parameters, *examples(), rows, lr)
            for rows, lr in zip(batches.split(cuts), rates.split(cuts), strict=True)
        ]
        results.append((torch.cat(losses), *parameters.values()))
    for other in results[1:]:
        assert all(map(torch.equal, results[0], other))


def test_bits_do_not_depend_on_where_the_weights_lie_in_memory() -> None:
    results = []
    for shift in range(4):
        parameters = Parameters(
            {
                name: torch.empty(tensor.numel() + shift)[shift:].view(tensor.shape).copy_(tensor)
                for name, tensor in parameters_of(100).items()
            }
        )
        losses = ENGINES["fused"](
            parameters, *examples(), batches_of(20, 32), torch.full((20,), 0.1)
        )
        results.append((losses, *parameters.values()))
    for other in results[1:]:
        assert all(map(torch.equal, results[0], other))


@pytest.mark.parametrize("table", ["rows", "contexts", "targets"])
@pytest.mark.parametrize("too_far", [True, False])
def test_index_out_of_range_is_refused_before_anything_changes(table: str, too_far: bool) -> None:
    parameters, (contexts, targets), batches = parameters_of(5), examples(), batches_of(4, 8)
    if table == "rows":
        batches[2, 7] = N if too_far else -1
    elif table == "contexts":
        contexts[batches[2, 7], 1] = V if too_far else -1
    else:
        targets[batches[2, 7]] = V if too_far else -1
    before = parameters.copy()
    with pytest.raises(IndexError, match="outside"):
        ENGINES["fused"](parameters, contexts, targets, batches, torch.full((4,), 0.1))
    assert all(torch.equal(parameters[name], before[name]) for name in before)


@pytest.mark.parametrize("name", PARAMETER_NAMES)
def test_shapes_that_do_not_fit_are_refused(name: str) -> None:
    parameters = parameters_of(5)
    wrong = {**parameters, name: torch.zeros(7, *parameters[name].shape[1:])}
    with pytest.raises(ValueError, match="do not fit"):
        ENGINES["fused"](wrong, *examples(), batches_of(1, 8), torch.full((1,), 0.1))


@pytest.mark.parametrize(("n_targets", "n_rates"), [(N - 1, 4), (N, 3)])
def test_numbers_of_examples_or_rates_that_do_not_fit_are_refused(
    n_targets: int, n_rates: int
) -> None:
    contexts, targets = examples()
    with pytest.raises(ValueError, match="do not fit"):
        ENGINES["fused"](
            parameters_of(5), contexts, targets[:n_targets], batches_of(4, 8), torch.ones(n_rates)
        )


def test_other_dtypes_and_strides_are_refused() -> None:
    parameters = parameters_of(5)
    for wrong in (parameters["W2"].double(), parameters["W2"].T.contiguous().T):
        with pytest.raises(TypeError):
            ENGINES["fused"](
                {**parameters, "W2": wrong}, *examples(), batches_of(1, 8), torch.ones(1)
            )  # fmt: skip


def tanh_of(x: NDArray[np.float32]) -> NDArray[np.float32]:
    values = x.copy()
    _parts.hidden(values)
    return values


def test_tanh_is_right_to_float32() -> None:
    x = np.concatenate([np.linspace(-12, 12, 400_001), np.geomspace(1e-30, 1e38, 10_001)])
    x = np.concatenate([x, -x, [0.0, np.inf, -np.inf]]).astype(np.float32)
    exact = np.tanh(x.astype(np.float64))
    np.testing.assert_allclose(tanh_of(x), exact, rtol=2.5e-7, atol=0)


def test_tanh_is_1_where_float32_has_nothing_closer() -> None:
    x = np.concatenate([np.linspace(8.9, 12, 10_001), [1e30, np.inf]]).astype(np.float32)
    exact = np.tanh(x.astype(np.float64)).astype(np.float32)
    assert ((tanh_of(x) == 1) == (exact == 1)).mean() > 0.99  # but for a unit in the last place
    assert (tanh_of(x[x > 9.1]) == 1).all()
    assert (tanh_of(-x[x > 9.1]) == -1).all()


def test_tanh_never_passes_1_and_keeps_nan() -> None:
    assert np.isnan(tanh_of(np.array([np.nan, -np.nan], np.float32))).all()
    assert np.abs(tanh_of(np.linspace(-20, 20, 100_001, dtype=np.float32))).max() == 1


def test_exp_is_right_to_float32() -> None:
    x = np.concatenate([np.linspace(-87.2, 0, 200_001), [0.0, -1e-30]]).astype(np.float32)
    y = np.stack([np.zeros_like(x), x])  # the highest score of each column is 0
    _parts.softmax(y, np.empty_like(x), np.empty_like(x))
    np.testing.assert_allclose(y[1], np.exp(x.astype(np.float64)), rtol=2.5e-7)


def test_softmax_of_far_apart_or_bad_scores() -> None:
    y = np.array([[0, 1, np.nan, 1, np.inf], [-1e30, -np.inf, 1, np.nan, 1]], np.float32)
    highest, total = np.empty((2, 5), np.float32)
    _parts.softmax(y, highest, total)
    assert y[1, :2].tolist() == [0, 0]
    assert total[:2].tolist() == [1, 1]
    assert np.isnan(total[2:]).all()


@numba.njit
def nothing(C, W1, b1, W2, b2, W, contexts, targets, batches, rates, decay, masks, losses) -> None:
    pass


@numba.njit
def nothing_wide(
    C, W1, b1, W2, b2, W, contexts, targets, batches, rates, decay, masks, losses,
    scratch, control, is_helper,
) -> None:  # fmt: skip
    pass


@pytest.fixture
def cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache, and steps that compile at once, in the place of the real ones."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(_kernel, "take_steps", nothing)
    monkeypatch.setattr(_wide, "take_steps", nothing_wide)
    kept: Any = fused.compiled_steps
    monkeypatch.setattr(fused, "compiled_steps", kept.__wrapped__.__wrapped__)
    return tmp_path


def test_compiled_steps_are_kept_until_a_part_of_them_changes(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hits() -> int:
        compiled: Any = fused.compiled_steps()
        return sum(compiled.stats.cache_hits.values())

    assert hits() == 0
    assert hits() == 1
    monkeypatch.setattr(inspect, "getsource", lambda part: f"{part.__name__} as it is now")
    assert hits() == 0


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("_CacheLocator.ensure_cache_path", OSError(errno.EROFS, "read-only")),
        ("IndexDataCacheFile.save", OSError(errno.ENOSPC, "full")),
        ("IndexDataCacheFile.load", EOFError("cut off")),
    ],
)
def test_cache_that_fails_is_done_without(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch, place: str, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    owner, name = place.split(".")
    monkeypatch.setattr(getattr(numba.core.caching, owner), name, fail)
    fused.compiled_steps()
    contexts, targets = examples()
    assert ENGINES["fused"](
        parameters_of(5), contexts, targets, batches_of(3, 8), torch.ones(3)
    ).shape == (3,)
    assert not list(cache_folder.rglob("*.nbc"))
