"""What of a sweep's valley is a good rate for a whole run; see docs/decisions/rate.md."""

from __future__ import annotations

from math import prod

from core.config import RunConfig
from core.learning import lr_at, scheduled
from core.models import parameter_shapes

KEPT = 0.5  # of the valley, where the rate stays: at its end the loss jumps about
FALLING = 2.5  # where it falls, from N(0, 1): a sweep has too few steps for such a start
BY_HEART = 20  # passes over the examples times weights an example


def for_run(lr: float, run: RunConfig, *, is_by_heart: bool = False) -> tuple[float, str]:
    """The rate to begin a whole run with, where a sweep of its start has its valley at `lr`.

    >>> for_run(0.12, RunConfig.from_settings({"init": "scaled"}))
    (0.12, '')
    >>> for_run(0.12, RunConfig())[0]
    0.3

    Args:
        lr: the middle of the valley.
        run: what is to be trained.
        is_by_heart: whether it `learns_by_heart`, and so bears no more.

    Returns:
        The rate, and in a sentence why it's another one; empty where it's the same.
    """
    training = run.training
    if training.optimiser != "descent":
        return lr, ""
    schedule = scheduled(training.lr_schedule, training.steps)
    if lr_at(schedule, training.steps - 1) > training.lr_schedule.base_lr / 2:
        return KEPT * lr, (
            f"A sweep is over soon, but your run keeps its rate to the end: half of {lr:.2g} ends "
            "lower. Let the rate fall, and it may begin higher."
        )
    if run.model.init == "normal" and not is_by_heart:
        return FALLING * lr, (
            f"A long run bears more: from N(0, 1), and with a rate that falls, {FALLING:g} times "
            f"{lr:.2g} ends lower."
        )
    return lr, ""


def learns_by_heart(run: RunConfig, n_examples: int, vocab_size: int) -> bool:
    """Whether a run sees so few examples so often that at any rate of a sweep it overfits."""
    n_weights = sum(map(prod, parameter_shapes(run.model, vocab_size).values()))
    passes = run.training.steps * run.training.batch_size / n_examples
    return passes * n_weights / n_examples >= BY_HEART
