"""Engines: each takes the same steps, in its own way and at its own speed."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from core.engines import autograd, fused
from core.model import Parameters

SgdSteps = Callable[[Parameters, Tensor, Tensor, Tensor, Tensor], Tensor]

ENGINES: dict[str, SgdSteps] = {"autograd": autograd.sgd_steps, "fused": fused.sgd_steps}


def warm_up() -> None:
    """Get ready to train, once in a process and before the first visitor.

    Compiles `fused`, or loads what was compiled before, and gives torch one thread for each caller:
    `fused` starts none, but `autograd` and the full losses would share every core among all runs.
    """
    torch.set_num_threads(1)
    fused.compiled_steps()


__all__ = ["ENGINES", "SgdSteps", "warm_up"]
