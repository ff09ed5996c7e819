"""The sweep: its rates, its losses, and what it leaves alone."""

import contextlib
import threading
from collections import deque
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from core.config import ModelConfig, TrainingConfig
from core.errors import ConfigError
from core.jobs import parallel
from core.learning import ENGINES, mean_loss
from core.learning.optimisers import Tensors
from core.models import MLP
from core.sweep import DEFAULTS, SweepConfig, range_test, suggest, sweep, sweeping
from core.text import Examples, embedded_corpus

ONE_BY_ONE = SweepConfig(kind="independent", n_rates=5, n_steps=40, engine="autograd")
RAMP = SweepConfig(n_rates=60, engine="autograd")


@pytest.fixture(scope="module")
def names() -> Examples:
    return embedded_corpus().examples("train", 3)


@pytest.fixture(scope="module")
def few(names: Examples) -> Examples:
    return Examples(names.contexts[:500], names.targets[:500])


@pytest.fixture(scope="module")
def unseen() -> Examples:
    contexts, targets = embedded_corpus().examples("val", 3)
    return Examples(contexts[:300], targets[:300])


@pytest.fixture
def model() -> MLP:
    return MLP(ModelConfig(n_hidden=20), vocab_size=27)


def exploding_model() -> MLP:
    model = MLP(ModelConfig(n_hidden=4), vocab_size=27)
    model.parameters["W2"].fill_(3e38)  # the logits overflow float32
    return model


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "triangular"),
        ("low_exponent", -6.5),
        ("low_exponent", float("nan")),
        ("high_exponent", 2.5),
        ("high_exponent", -3.0),  # not above the lower one
        ("n_rates", 1),
        ("n_rates", 29.0),
        ("n_steps", 0),
        ("batch_size", 0),
        ("seed", -1),
        ("engine", "jax"),
    ],
)
def test_a_bad_setting_is_refused_by_its_name(name, value):
    with pytest.raises(ConfigError) as error:
        SweepConfig(**{name: value})
    assert error.value.field == name


def test_independent_runs_are_bounded_in_all():
    with pytest.raises(ConfigError, match="at most 1,000 for this many rates"):
        SweepConfig(kind="independent", n_rates=10_000, n_steps=1001)
    SweepConfig(kind="ramp", n_rates=10_000, n_steps=1001)


def test_rates_are_the_tutorials():
    tutorial = 10 ** torch.linspace(-3, 0, 1000, dtype=torch.float64)
    np.testing.assert_allclose(DEFAULTS["ramp"].lrs, tutorial.numpy(), rtol=1e-12)


@pytest.mark.parametrize("config", [RAMP, ONE_BY_ONE], ids=["ramp", "independent"])
def test_the_range_test_leaves_weights_and_random_state_as_they_were(model, few, config):
    weights, state = model.parameters.copy(), torch.get_rng_state()
    sweep(model, few, config)
    for before, after in zip(weights.values(), model.parameters.values(), strict=True):
        assert torch.equal(before, after)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("config", [RAMP, ONE_BY_ONE], ids=["ramp", "independent"])
def test_the_same_sweep_twice_is_the_same_curve(model, few, config):
    first, second = sweep(model, few, config), sweep(model, few, config)
    np.testing.assert_array_equal(first.losses, second.losses)
    other = sweep(model, few, replace(config, seed=1))
    assert not np.array_equal(first.losses, other.losses)


@pytest.mark.parametrize("engine", ["autograd", "fused"])
def test_a_ramp_is_one_run_by_the_engine_at_rising_rates(model, few: Examples, engine):
    config = replace(RAMP, engine=engine)
    curve = sweep(model, few, config)
    generator = torch.Generator().manual_seed(config.seed)
    rows = torch.randint(0, 500, (60, 32), generator=generator)
    lrs = (10 ** torch.linspace(-3, 0, 60, dtype=torch.float64)).float()
    expected = ENGINES[engine](model.parameters.copy(), *few, rows, lrs)
    np.testing.assert_allclose(curve.losses, expected.numpy(), rtol=1e-5)


def test_a_ramp_over_nearly_one_rate_is_plain_training(model, few: Examples):
    curve = sweep(model, few, replace(RAMP, low_exponent=-3.0, high_exponent=-2.9999999))
    rows = torch.randint(0, 500, (60, 32), generator=torch.Generator().manual_seed(RAMP.seed))
    losses = ENGINES["autograd"](model.parameters.copy(), *few, rows, torch.full((60,), 1e-3))
    np.testing.assert_allclose(curve.losses, losses.numpy(), rtol=1e-5)


@pytest.mark.parametrize("engine", ["autograd", "fused"])
@pytest.mark.parametrize("is_validated", [True, False])
def test_an_independent_point_is_a_run_made_by_hand(
    model, few: Examples, unseen, engine, is_validated
):
    config = replace(ONE_BY_ONE, engine=engine)
    measured = unseen if is_validated else few
    curve = sweep(model, few, config, unseen if is_validated else None)
    rows = torch.randint(0, 500, (40, 32), generator=torch.Generator().manual_seed(config.seed))
    for exponent, loss in zip([-3, -2.25, -1.5, -0.75, 0], curve.losses, strict=True):
        copied = model.parameters.copy()
        ENGINES[engine](copied, *few, rows, torch.full((40,), 10.0**exponent))
        assert loss == pytest.approx(mean_loss(MLP(model.config, 27, copied), measured), rel=1e-5)


def test_the_order_in_which_runs_end_does_not_matter(model, few, monkeypatch):
    expected = sweep(model, few, ONE_BY_ONE)
    # No time at all for a slice: every run is put back many times and all of them are mixed.
    monkeypatch.setattr(range_test, "SLICE_SECONDS", 1e-9)
    monkeypatch.setattr(range_test, "CHUNK_SECONDS", 1e-9)
    shuffled = deque_from_the_end(monkeypatch)
    curves = list(sweeping(model, few, ONE_BY_ONE))
    np.testing.assert_array_equal(curves[-1].losses, expected.losses)
    assert shuffled
    assert [curve.n_done for curve in curves] == sorted(curve.n_done for curve in curves)


def deque_from_the_end(monkeypatch) -> list[int]:
    """Hand out the last run first, and keep count."""
    handed_out: list[int] = []

    class Backwards(deque[Any]):
        def popleft(self):
            run = self.pop()
            handed_out.append(run.index)
            return run

    monkeypatch.setattr(parallel, "deque", Backwards)
    return handed_out


def test_each_curve_holds_what_is_done_so_far_and_the_last_is_complete(model, few, monkeypatch):
    monkeypatch.setattr(range_test, "CHUNK_SECONDS", 1e-9)  # one step a chunk
    curves = list(sweeping(model, few, RAMP))
    assert [curve.n_done for curve in curves] == list(range(1, 61))
    assert [curve.is_complete for curve in curves] == [False] * 59 + [True]
    assert np.isnan(curves[0].losses[1:]).all()
    with pytest.raises(ValueError, match="read-only"):
        curves[0].losses[0] = 0


@pytest.mark.parametrize("kind", ["ramp", "independent"])
def test_closing_early_stops_the_work_and_frees_the_threads(model, few, kind, monkeypatch):
    n_steps = 0

    real = ENGINES["autograd"].take_steps

    def counting(*arguments: Any, **_: Any) -> tuple[torch.Tensor, Tensors]:
        nonlocal n_steps
        losses, state = real(*arguments)
        n_steps += len(losses)
        return losses, state

    counted = replace(ENGINES["autograd"], name="fused", take_steps=counting)
    monkeypatch.setitem(ENGINES, "fused", counted)
    monkeypatch.setattr(range_test, "SLICE_SECONDS", 0.01)
    threads = set(threading.enumerate())
    config = SweepConfig(kind=kind, n_rates=100, n_steps=100_000)
    with contextlib.closing(sweeping(model, few, config)) as curves:
        assert not next(curves).is_complete
    taken = n_steps
    left = set(threading.enumerate()) - threads
    for thread in left:
        thread.join(timeout=5)
    assert not any(thread.is_alive() for thread in left)
    assert n_steps == taken  # nobody went on after the close
    assert taken < (config.n_rates if kind == "ramp" else config.n_steps)  # of one run


def test_an_error_in_a_run_reaches_the_caller(model, few, monkeypatch):
    def failing(*_: Any, **__: Any) -> tuple[torch.Tensor, Tensors]:
        raise RuntimeError("out of memory")

    monkeypatch.setitem(ENGINES, "autograd", replace(ENGINES["autograd"], take_steps=failing))
    with pytest.raises(RuntimeError, match="out of memory"):
        sweep(model, few, ONE_BY_ONE)


def test_a_rate_of_100_is_marked_as_diverged_and_small_ones_are_not(model, few):
    config = replace(ONE_BY_ONE, low_exponent=-2.0, high_exponent=2.0)
    curve = sweep(model, few, config)
    assert curve.lrs[-1] == pytest.approx(100)
    assert curve.is_diverged[-1]
    assert not curve.is_diverged[:2].any()
    assert curve.is_complete


@pytest.mark.parametrize("config", [RAMP, ONE_BY_ONE], ids=["ramp", "independent"])
def test_losses_that_are_not_finite_are_diverged_and_end_the_sweep(few, config):
    curves = list(sweeping(exploding_model(), few, config))
    assert curves[-1].is_diverged.all()
    assert np.isnan(curves[-1].losses).all()
    assert curves[-1].is_complete
    assert suggest(curves[-1]).lr is None


def test_a_ramp_that_breaks_off_keeps_what_came_before(model, few, monkeypatch):
    real = ENGINES["autograd"].take_steps

    def breaking(*arguments: Any, **_: Any) -> tuple[torch.Tensor, Tensors]:
        losses, state = real(*arguments)
        losses[arguments[7] > 0.1] = torch.inf  # the rates
        return losses, state

    monkeypatch.setitem(ENGINES, "autograd", replace(ENGINES["autograd"], take_steps=breaking))
    curve = sweep(model, few, RAMP)
    np.testing.assert_array_equal(curve.is_diverged, curve.lrs > 0.1)
    np.testing.assert_array_equal(np.isnan(curve.losses), curve.lrs > 0.1)


@pytest.mark.parametrize("seed", [1, 2, 2147483647])
def test_the_tutorials_ramp_recommends_between_a_twentieth_and_a_quarter(names, seed):
    config = replace(DEFAULTS["ramp"], engine="autograd", seed=seed)
    suggestion = suggest(sweep(MLP(ModelConfig(), 27), names, config))
    assert suggestion.lr is not None
    assert 0.05 <= suggestion.lr <= 0.25


def test_short_runs_on_names_recommend_between_a_twentieth_and_a_quarter(names):
    config = SweepConfig(kind="independent", n_rates=13, n_steps=500, engine="autograd")
    validation = embedded_corpus().examples("val", 3)
    suggestion = suggest(sweep(MLP(ModelConfig(), 27), names, config, validation))
    assert suggestion.lr is not None
    assert 0.05 <= suggestion.lr <= 0.25


def test_a_sweep_beside_a_run_has_its_batches_and_its_optimiser() -> None:
    run = TrainingConfig(
        batch_size=7, seed=5, optimiser="adam", weight_decay=1e-4, dropout=0.2,
        embedding_dropout=0.3,
    )  # fmt: skip
    training = SweepConfig.beside(run, kind="independent", n_rates=2, n_steps=3).training()
    assert (training.batch_size, training.seed, training.steps) == (7, 5, 3)
    assert (training.optimiser, training.weight_decay) == ("adam", 1e-4)
    assert (training.dropout, training.embedding_dropout) == (0.2, 0.3)
