"""A learning rate from one rising ramp, as in the tutorial, and from short runs."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.config import RunConfig
from core.learning import Loop, listed, loss_chunks, mean_loss
from core.lesson.chapter import Code
from core.models import MLP
from core.runs import SEATS
from core.sweep import MEASURED_EXAMPLES, Curve, SweepConfig, sweeping
from core.text import Examples

N_SHORT_RUNS = 29  # rates that get a run of their own, from 10^-3 to 10^0


@dataclass(frozen=True, eq=False)
class Ramp:
    """The tutorial's sweep.

    Attributes:
        curve: the loss of each step's batch against its rate.
        total: loss over all examples after the last step; nan where it diverged.
    """

    curve: Curve
    total: float

    @property
    def every_hundredth(self) -> list[float]:
        """The losses that the tutorial prints, those of steps 100, 200, … 1,000."""
        return [float(loss) for loss in self.curve.losses[99::100]]


@dataclass(frozen=True, eq=False)
class ShortRun:
    """A run that keeps one rate.

    Attributes:
        lr: the rate.
        losses: of each step's batch before its update, float32 (K,).
        end: loss at its end over at most 4,096 examples sampled by the seed; nan where it diverged.
    """

    lr: float
    losses: NDArray[np.float32]
    end: float

    def smoothed(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means of a twentieth of the losses in a row: the steps in their middle, the means."""
        width = max(1, len(self.losses) // 20)
        window = np.full(width, 1 / width)
        means = np.convolve(self.losses.astype(np.float64), window, "valid")
        middles = np.arange(len(means), dtype=np.float64) + (width + 1) / 2
        return np.asarray(middles, dtype=np.float64), np.asarray(means, dtype=np.float64)


def ramp(config: RunConfig, data: Examples, vocab_size: int) -> Generator[float, None, Ramp]:
    """Take 1,000 steps from new weights, each at a higher rate, from 10^-3 to 10^0.

    Args:
        config: sizes, initial weights, batch size and seeds; its rate and steps are not used.
        data: X int64 (N, T) and Y int64 (N,).
        vocab_size: V.

    Yields:
        What share of the work is done.

    Returns:
        The whole sweep.
    """
    sweep = SweepConfig(batch_size=config.training.batch_size, seed=config.training.seed)
    model = MLP(config.model, vocab_size)
    losses = yield from _steps(model, data, config, sweep.lrs, share=0.7)
    is_diverged = np.isnan(losses)
    total = math.nan
    if not is_diverged.any():
        for seen, so_far in loss_chunks(model, data):
            total = so_far / len(data.targets)
            yield 0.7 + 0.3 * seen / len(data.targets)
    return Ramp(Curve("ramp", sweep.exponents, losses, is_diverged), total)


def short_run(
    config: RunConfig, data: Examples, vocab_size: int, lr: float, steps: int
) -> Generator[float, None, ShortRun]:
    """Take some steps from new weights, all at one rate; see `ramp`."""
    model = MLP(config.model, vocab_size)
    losses = yield from _steps(model, data, config, np.full(steps, lr), share=1.0)
    return ShortRun(
        lr, losses, mean_loss(model, data.sampled(MEASURED_EXAMPLES, config.training.seed))
    )


def short_runs(
    config: RunConfig, data: Examples, vocab_size: int, steps: int
) -> Generator[float, None, Curve]:
    """Do the same at each of 29 rates from 10^-3 to 10^0, and take the losses at the ends."""
    sweep = SweepConfig(
        kind="independent",
        n_rates=N_SHORT_RUNS,
        n_steps=steps,
        batch_size=config.training.batch_size,
        seed=config.training.seed,
    )
    model = MLP(config.model, vocab_size)
    for curve in sweeping(
        model, data, sweep, data.sampled(MEASURED_EXAMPLES, config.training.seed)
    ):
        yield curve.n_done / N_SHORT_RUNS
        last = curve
    return last


def lowest(curve: Curve) -> tuple[float, float] | None:
    """Rate and loss where the curve is lowest; a ramp's where it is smoothed."""
    heights = curve.smoothed if curve.kind == "ramp" else curve.losses
    if np.isnan(heights).all():
        return None
    place = int(np.nanargmin(heights))
    return float(curve.lrs[place]), float(heights[place])


def _steps(
    model: MLP, data: Examples, config: RunConfig, lrs: NDArray[np.float64], *, share: float
) -> Generator[float, None, NDArray[np.float32]]:
    """Take a step at each rate, in place, up to a divergence.

    Yields:
        How far that is, up to `share`.

    Returns:
        The losses, float32 (K,); nan from a divergence on.
    """
    training = replace(config.training, steps=len(lrs), engine="fused")
    loop = Loop(model, data, training, schedule=listed(lrs))
    losses = np.full(len(lrs), np.nan, dtype=np.float32)
    for progress in SEATS.in_turn(loop.to_the_end()):
        progress.put_losses(losses)
        yield share * progress.step / len(lrs)
    return losses


def code(config: RunConfig, lr: float = 0.1, steps: int = 200) -> Code:
    """The tutorial's sweep, its smoothed minimum, and a run that keeps one rate.

    Args:
        config: sizes, batch size and seeds.
        lr: the rate that is kept.
        steps: of that run.
    """
    batch_size = config.training.batch_size
    return Code(
        ("all_names", "training"),
        f"""exponents = torch.linspace(-3, 0, 1000)
ramp = 10**exponents  # the same factor from each rate to the next

swept = initial_parameters()
sweep_losses = train(swept, X_all, Y_all, ramp, batch_size={batch_size})
for step in range(100, 1001, 100):
    print(f"step {{step}}, rate {{ramp[step - 1]:.4f}}: loss {{sweep_losses[step - 1]:.4f}}")
sweep_total = mean_loss(swept, X_all, Y_all)
print(f"loss over all examples: {{sweep_total:.4f}}")

smooth = torch.tensor(sweep_losses).unfold(0, 51, 1).mean(1)  # of 51 steps in a row
lowest = smooth.argmin().item()
print(f"lowest: {{smooth[lowest]:.2f}} at a rate of {{ramp[lowest + 25]:.2g}}")

# A run that keeps one rate doesn't depend on lower rates before it.
kept = initial_parameters()
kept_losses = train(kept, X_all, Y_all, [{lr:g}] * {steps}, batch_size={batch_size})
kept_end = mean_loss(kept, X_all, Y_all)
print(f"at {lr:g}: {{kept_losses[0]:.2f}} at first, {{kept_end:.2f}} at its end")""",
    )
