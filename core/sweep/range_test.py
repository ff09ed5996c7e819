"""The learning-rate range test: loss against rate, from one rising ramp or a short run for each."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.jobs import in_parallel
from core.learning import Loop, Progress, listed, mean_loss
from core.models import MLP
from core.runs import SEATS
from core.sweep.config import SweepConfig
from core.sweep.curve import Curve
from core.text import Examples

MEASURED_EXAMPLES = 4096  # what the loss at the end of a short run is the mean of
DIVERGED_ABOVE = 2.0  # times the loss of the weights it started from
CHUNK_SECONDS = 0.025  # of steps between two looks at whether to stop
SLICE_SECONDS = 0.1  # of a short run before the sweep gives a sign of life


def sweep(
    model: MLP,
    data: Examples | tuple[Tensor, Tensor],
    config: SweepConfig,
    validation: Examples | None = None,
) -> Curve:
    """Try every rate and give the whole curve; see `sweeping`."""
    for curve in sweeping(model, data, config, validation):
        last = curve
    return last


def sweeping(
    model: MLP,
    data: Examples | tuple[Tensor, Tensor],
    config: SweepConfig,
    validation: Examples | None = None,
) -> Generator[Curve, None, None]:
    """Try every rate on copies of the model's weights, and show the curve as it grows.

    'ramp' (Smith 2017, section 3.3): one run whose rate rises at every step; a point is the loss
    of that step's batch before its update. At a loss that is not finite the sweep ends, and all
    rates from there on are diverged.

    'independent': for each rate a run of `n_steps` from the same weights on the same batches, on
    all cores; a point is the mean loss at its end over the validation examples, or the training
    examples where there are none. Of more than 4,096 a subset is taken, by the seed.
    A rate is diverged where a loss is not finite, or the last is over twice that of the weights
    it started from: the tanh units saturate, so that most losses explode and yet stay finite.

    Close the iterator (`contextlib.closing`) to stop early: the threads are done when it returns.

    Args:
        model: never changed.
        data: X int64 (N, T) and Y int64 (N,), to learn from.
        config: which rates, and how.
        validation: examples to measure the loss on; a ramp has no use for them.

    Yields:
        The curve so far about every 25 to 100 ms, or after a step where one takes longer; at
        least once, and the last one is complete.
    """
    examples = data if isinstance(data, Examples) else Examples(*data)
    if config.kind == "ramp":
        return _ramp(model, examples, config)
    return _independent(model, examples, config, validation or examples)


def _ramp(model: MLP, examples: Examples, config: SweepConfig) -> Generator[Curve, None, None]:
    losses = np.full(config.n_rates, np.nan, dtype=np.float32)
    is_diverged = np.zeros(config.n_rates, dtype=np.bool_)
    for progress in _run(_copy_of(model), examples, config, config.lrs):
        progress.put_losses(losses)
        if progress.divergence is not None:
            is_diverged[progress.divergence.step :] = True
        yield Curve(config.kind, config.exponents, losses.copy(), is_diverged.copy())


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all short runs begin from and are measured on."""

    model: MLP
    examples: Examples
    config: SweepConfig
    measured: Examples


class _ShortRun:
    """A run at one rate, taken up again slice by slice until it has its answer."""

    def __init__(self, index: int, shared: _Shared) -> None:
        self.index = index
        self.loss = math.nan  # at its end, if it comes to one
        self._shared: _Shared | None = shared  # let go at its end
        self._model: MLP | None = None  # made when its turn comes
        self._work: Iterator[Progress] = iter(())

    def advance(self) -> bool:
        """Train for a slice of time; whether it has its answer."""
        until = time.perf_counter() + SLICE_SECONDS
        assert self._shared is not None
        if self._model is None:
            config = self._shared.config
            self._model = _copy_of(self._shared.model)
            lrs = np.full(config.n_steps, config.lrs[self.index])
            self._work = _run(self._model, self._shared.examples, config, lrs)
        for progress in self._work:
            if progress.divergence is not None:
                break
            if time.perf_counter() >= until:
                return False
        else:
            with SEATS:
                self.loss = mean_loss(self._model, self._shared.measured)
        self._shared, self._model, self._work = None, None, iter(())
        return True


def _independent(
    model: MLP, examples: Examples, config: SweepConfig, measured: Examples
) -> Generator[Curve, None, None]:
    losses = np.full(config.n_rates, np.nan, dtype=np.float32)
    is_diverged = np.zeros(config.n_rates, dtype=np.bool_)
    shared = _Shared(model, examples, config, measured.sampled(MEASURED_EXAMPLES, config.seed))
    highest_loss = DIVERGED_ABOVE * mean_loss(model, shared.measured)
    runs = (_ShortRun(index, shared) for index in range(config.n_rates))
    with closing(in_parallel(runs)) as worked:
        for run, is_done in worked:
            if is_done:
                losses[run.index] = run.loss if math.isfinite(run.loss) else math.nan
                is_diverged[run.index] = not run.loss <= highest_loss
            yield Curve(config.kind, config.exponents, losses.copy(), is_diverged.copy())


def _copy_of(model: MLP) -> MLP:
    return MLP(model.config, model.vocab_size, model.parameters.copy())


def _run(
    model: MLP, examples: Examples, config: SweepConfig, lrs: NDArray[np.float64]
) -> Iterator[Progress]:
    """Take a step at each rate, in place, up to a divergence; each chunk while a seat is held."""
    loop = Loop(model, examples, config.training(), schedule=listed(lrs))
    return SEATS.in_turn(loop.to_the_end(chunk_seconds=CHUNK_SECONDS))
