"""Engines: ways of taking steps, each at its own speed; all but `sampled` take the same ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from core.compiling import is_new
from core.config import EngineName
from core.learning.engines import autograd, fused, sampled
from core.learning.engines._helpers import keep_priority, lower_priority
from core.learning.engines._seam import Engine
from core.learning.optimisers import Optimiser
from core.models import Model, Trainable, compile_pictures

ENGINES: dict[EngineName, Engine] = {
    "autograd": Engine("autograd", autograd.take_steps, lambda _model, _optimiser: True),
    "fused": Engine(
        "fused", fused.take_steps, fused.serves, fused.profits_from_threads, fused.can_look_ahead
    ),
    "sampled": Engine(
        "sampled", sampled.take_steps, sampled.serves, fewest_steps=sampled.FEWEST_STEPS
    ),
}


def engine_for(name: EngineName, model: Trainable, optimiser: Optimiser) -> Engine:
    """The engine with this name, or the quickest that serves such a run where that one doesn't."""
    names: dict[EngineName, tuple[EngineName, ...]] = {"sampled": ("sampled", "fused")}
    found = (ENGINES[each] for each in names.get(name, (name,)))
    return next((each for each in found if each.serves(model, optimiser)), ENGINES["autograd"])


def nll_of(model: Model, n_threads: int = 1) -> Callable[[Tensor, Tensor], Tensor]:
    """The quickest way to a model's `nll`: its own, or the compiled one where it is an MLP."""
    if not fused.serves_losses(model):
        return model.nll
    return partial(fused.nll, model.parameters, n_threads=n_threads)


def losses_profit_from_threads(model: Model) -> bool:
    """Whether more than one makes its `nll_of` quicker."""
    return fused.serves_losses(model) and fused.profits_from_threads(model)


def warm_up() -> bool:
    """Get ready to train, once in a process and before the first visitor.

    Compiles `fused`, or loads what was compiled before, and gives torch one thread for each caller:
    `fused` takes as many as it is given, but `autograd` and the full losses would share every core
    among all runs.

    Returns:
        Whether it had to be compiled, and so what large vocabularies need will have to be too.
    """
    torch.set_num_threads(1)
    steps = fused.compiled_steps()
    fused.compiled_write()
    fused.compiled_nll()
    compile_pictures()
    return is_new(steps)


def warm_up_for(vocab_size: int) -> None:
    """Compile, or load, what only large vocabularies need; the first run would wait for it."""
    if vocab_size >= fused.WIDE_FROM:
        fused.compiled_wide_nll()  # which a run begins with
        sampled.compiled_steps()
        compile_pictures(vocab_size)
        fused.compiled_wide_steps()


__all__ = [
    "ENGINES",
    "Engine",
    "engine_for",
    "keep_priority",
    "losses_profit_from_threads",
    "lower_priority",
    "nll_of",
    "warm_up",
    "warm_up_for",
]
