"""The learning-rate range test: loss against rate, from one rising ramp or a short run for each."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import joblib
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

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
    examples = Examples(*data)
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


@dataclass(slots=True)
class _ShortRun:
    """A run at one rate, taken up again slice by slice until it has its answer."""

    index: int
    model: MLP | None = None  # made when its turn comes, and let go at its end
    work: Iterator[Progress] = field(default_factory=lambda: iter(()))
    loss: float = math.nan
    is_done: bool = False


class _Sweep:
    """What all short runs share; `is_stopped` is looked at between chunks."""

    def __init__(
        self, model: MLP, examples: Examples, config: SweepConfig, measured: Examples
    ) -> None:
        self.is_stopped = False
        self.waiting = deque(_ShortRun(index) for index in range(config.n_rates))
        self._model = model
        self._examples = examples
        self._config = config
        self._lrs = config.lrs
        self._measured = measured.sampled(MEASURED_EXAMPLES, config.seed)
        self.highest_loss = DIVERGED_ABOVE * mean_loss(model, self._measured)

    def tasks(self) -> Iterator[Any]:
        """Joblib takes the next one as soon as a core is free."""
        while self.waiting:
            yield joblib.delayed(self.advance)(self.waiting.popleft())

    def advance(self, run: _ShortRun) -> _ShortRun:
        """Train for a slice of time; a run that is not at its end by then waits as the next."""
        until = time.perf_counter() + SLICE_SECONDS
        if run.model is None and not self.is_stopped:
            run.model = _copy_of(self._model)
            lrs = np.full(self._config.n_steps, self._lrs[run.index])
            run.work = _run(run.model, self._examples, self._config, lrs)
        while not self.is_stopped:
            progress = next(run.work, None)
            if progress is None:
                assert run.model is not None
                with SEATS:
                    run.loss = mean_loss(run.model, self._measured)
            if progress is None or progress.divergence is not None:
                run.is_done, run.model, run.work = True, None, iter(())
                return run
            if time.perf_counter() >= until:
                break
        if not self.is_stopped:
            self.waiting.appendleft(run)
        return run


def _independent(
    model: MLP, examples: Examples, config: SweepConfig, measured: Examples
) -> Generator[Curve, None, None]:
    losses = np.full(config.n_rates, np.nan, dtype=np.float32)
    is_diverged = np.zeros(config.n_rates, dtype=np.bool_)
    runs = _Sweep(model, examples, config, measured)
    # Threads suffice: the engine lets go of the interpreter's lock.
    parallel = joblib.Parallel(
        n_jobs=-1,
        backend="threading",
        return_as="generator_unordered",
        batch_size=1,
        pre_dispatch="n_jobs",
    )
    finished: Iterator[_ShortRun] = iter(())
    try:
        while runs.waiting:  # again for runs put back after joblib had seen an empty queue
            finished = parallel(runs.tasks())
            for run in finished:
                if run.is_done:
                    losses[run.index] = run.loss if math.isfinite(run.loss) else math.nan
                    is_diverged[run.index] = not run.loss <= runs.highest_loss
                yield Curve(config.kind, config.exponents, losses.copy(), is_diverged.copy())
    finally:
        runs.is_stopped = True
        runs.waiting.clear()
        for _ in finished:  # joblib ends its threads when its results are used up
            pass


def _copy_of(model: MLP) -> MLP:
    return MLP(model.config, model.vocab_size, model.parameters.copy())


def _run(
    model: MLP, examples: Examples, config: SweepConfig, lrs: NDArray[np.float64]
) -> Iterator[Progress]:
    """Take a step at each rate, in place, up to a divergence; each chunk while a seat is held."""
    loop = Loop(model, examples, config.training(), schedule=listed(torch.from_numpy(lrs)))
    return SEATS.in_turn(loop.to_the_end(chunk_seconds=CHUNK_SECONDS))
