"""30,000 steps with decay, as the tutorial printed it and as it was meant."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np

from core.config import SEEDS, LrSchedule, ModelConfig, RunConfig, TrainingConfig
from core.learning import Floats, Loop, LossCurve, LossHistory, loss_chunks
from core.lesson.chapter import Code
from core.lesson.minibatches.gradient_noise import example_cost
from core.models import MLP
from core.runs import SEATS
from core.text import Corpus, kept

Version = Literal["printed", "meant"]


VERSIONS: tuple[Version, ...] = get_args(Version)
STEPS = 30_000  # the tutorial's
FEWEST_STEPS = 30  # with which both decays fall on steps of their own
BATCH_SIZE = 32
SHORTEST, LONGEST = 1_500, 60_000  # of a run here; all multiples of 1,500, so that decays are whole
_AT_ONCE_COST = 25e9  # multiplications; up to here the runs need no button


@dataclass(frozen=True, eq=False)
class Ending:
    """A run's losses.

    Attributes:
        curve: of the batches, in bins.
        tenths: of the batches at every tenth of the steps, as the tutorial prints them.
        scatter: standard deviation of the last fifteenth of the batch losses.
        total: the loss over all examples at the end.
    """

    curve: LossCurve
    tenths: tuple[float, ...]
    scatter: float
    total: float


@dataclass(frozen=True, eq=False)
class Pair:
    """The same run with the schedule as printed and as it was meant."""

    printed: Ending
    meant: Ending

    @property
    def gain(self) -> float:
        """How much lower the total loss is with the last decay, in nats."""
        return self.printed.total - self.meant.total


@dataclass(frozen=True)
class Summary:
    """Total losses over several seeds: lowest, median and highest, and how the pairs differ."""

    printed: tuple[float, float, float]
    meant: tuple[float, float, float]
    gain: float  # median
    n_better: int  # with the last decay
    n_seeds: int


def schedule(version: Version, n_steps: int = STEPS) -> LrSchedule:
    """0.1, a tenth of it from 2/3 of the steps on, and as meant a hundredth from 14/15 on.

    >>> schedule("printed").decay_steps, schedule("meant").decay_steps
    ((20000,), (20000, 28000))
    """
    first, last = n_steps * 2 // 3, n_steps * 14 // 15
    return LrSchedule(decay_steps=(first,) if version == "printed" else (first, last))


def training(version: Version, n_steps: int, seed: int) -> TrainingConfig:
    """The run's settings, as the Train page takes them."""
    return TrainingConfig(
        steps=n_steps,
        batch_size=BATCH_SIZE,
        lr_schedule=schedule(version, n_steps),
        seed=seed,
        train_on="all",
    )


def is_quick(corpus: Corpus, model: ModelConfig, n_steps: int) -> bool:
    """Whether both runs take about a second, so that a page can start them by itself."""
    run, look = _costs(corpus, model, n_steps)
    return run + 2 * look <= _AT_ONCE_COST


def known(corpus: Corpus, model: ModelConfig, n_steps: int, seed: int) -> Pair | None:
    """The pair that `running` made for these settings earlier, or None."""
    place = _place(corpus, model, n_steps, seed)
    return place[0] if place else None


def running(
    corpus: Corpus, model: ModelConfig, n_steps: int, seed: int
) -> Iterator[tuple[float, Pair | None]]:
    """Run both, their shared steps once, and keep the result for the next call.

    Args:
        corpus: the words, all of which are learned from.
        model: sizes and seed of the initial weights.
        n_steps: of each run.
        seed: of the batches.

    Yields:
        The share that is done, from 0 to 1, about every 30 ms, and at the end the pair.
    """
    examples = corpus.examples("all", model.block_size)
    run, look = _costs(corpus, model, n_steps)
    whole = run + 2 * look
    network = MLP(model, len(corpus.vocabulary))
    fork = schedule("meant", n_steps).decay_steps[1]
    a_step = run / (2 * n_steps - fork)
    done, shared_losses = 0.0, []
    shared = Loop(network, examples, training("printed", n_steps, seed))
    while shared.step < fork:
        with SEATS:
            progress = shared.advance(fork - shared.step)
        shared_losses.append(progress.losses)
        done += a_step * len(progress.losses)
        yield done / whole, None
    at_fork = shared.state.copy()
    endings: list[Ending] = []
    for version in VERSIONS:
        loop, losses = Loop(network, examples, training(version, n_steps, seed)), [*shared_losses]
        loop.state.restore(at_fork)
        for progress in SEATS.in_turn(loop.to_the_end()):
            losses.append(progress.losses)
            done += a_step * len(progress.losses)
            yield done / whole, None
        before, total = done, math.nan
        for seen, sum_of_losses in SEATS.in_turn(loss_chunks(network, examples)):
            total = sum_of_losses / seen
            done = before + look * seen / len(examples.targets)
            yield done / whole, None
        endings.append(_ending(np.concatenate(losses), total))
    pair = Pair(*endings)
    _place(corpus, model, n_steps, seed)[:] = [pair]
    yield 1.0, pair


def seeds(first: int, count: int) -> list[int]:
    """The seed of the batches and those that follow it."""
    return [(first + offset) % (SEEDS.high + 1) for offset in range(count)]


def summary(pairs: Sequence[Pair]) -> Summary:
    """Summarise one or more pairs, each with its own seed."""
    spreads = []
    for version in VERSIONS:
        totals = [cast("Ending", getattr(pair, version)).total for pair in pairs]
        spreads.append((min(totals), statistics.median(totals), max(totals)))
    gains = [pair.gain for pair in pairs]
    n_better = sum(gain > 0 for gain in gains)
    return Summary(spreads[0], spreads[1], statistics.median(gains), n_better, len(pairs))


@kept(most=128)
def _place(_corpus: Corpus, *_settings: object) -> list[Pair]:
    """Holds the pair for these settings; an empty list until there is one."""
    return []


def _ending(losses: Floats, total: float) -> Ending:
    history = LossHistory()
    history.append(losses)
    tenth, last = len(losses) // 10, losses[len(losses) * 14 // 15 :]
    return Ending(
        curve=history.curve(),
        tenths=tuple(losses[tenth - 1 :: tenth].tolist()),
        scatter=float(np.std(last.astype(np.float64))),
        total=total,
    )


def _costs(corpus: Corpus, model: ModelConfig, n_steps: int) -> tuple[float, float]:
    """Multiplications for all steps of both runs, and for the loss over all examples."""
    examples = corpus.examples("all", model.block_size)
    cost = example_cost(model, len(corpus.vocabulary))
    fork = schedule("meant", n_steps).decay_steps[1]
    rows = min(BATCH_SIZE, len(examples.targets))
    return (2 * n_steps - fork) * rows * cost, len(examples.targets) * cost / 3


def code(config: RunConfig, n_steps: int | None = None, version: Version | None = None) -> Code:
    """Both schedules as functions of the step, and the runs.

    Args:
        config: sizes and seeds, which stand in the shared pieces.
        n_steps: of each run; those of the settings when there is no number.
        version: the one to run; both when there is none.
    """
    n_steps = max(FEWEST_STEPS, config.training.steps) if n_steps is None else n_steps
    first, last = schedule("meant", n_steps).decay_steps
    tenth = n_steps // 10
    chosen = ", ".join(f"as_{name}" for name in VERSIONS if version in {None, name})
    return Code(
        ("all_names", "training"),
        f"""def as_printed(step):
    if step > {first:_}:
        return 0.01
    elif step > {last:_}:  # never so: the line above has taken these steps
        return 0.001
    return 0.1

def as_meant(step):
    if step > {last:_}:
        return 0.001
    if step > {first:_}:
        return 0.01
    return 0.1

totals = {{}}
for rate in [{chosen}]:
    parameters = initial_parameters()
    rates = [rate(step) for step in range(1, {n_steps + 1:_})]
    losses = train(parameters, X_all, Y_all, rates, batch_size={BATCH_SIZE})
    for step in range({tenth:_}, {n_steps + 1:_}, {tenth:_}):
        print(step, losses[step - 1])
    totals[rate.__name__] = mean_loss(parameters, X_all, Y_all)
print(totals)""",
    )
