"""All that a run goes on from as arrays, and back, to the same bits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.config import LrSchedule, RunConfig
from core.learning import Batches, LoopState, LossHistory, TrainState, optimiser_of
from core.learning.loss_history import CAPACITY, FINE, MOST_DOUBLINGS, room_for
from core.models import Parameters
from core.runs.codec.arrays import Arrays, expect
from core.runs.codec.curves import checked_curve
from core.runs.codec.values import read
from core.runs.saving import SavedState

_FRONT = "optimiser."  # of the names of its arrays


def state_to_arrays(state: SavedState) -> Arrays:
    """What `state_from_arrays` makes the same of again, without the weights."""
    loop, train = state.loop, state.loop.state
    size, sums, lows, highs = state.losses.bins()
    about = {
        "step": train.step,
        "rates": loop.rates,
        "evaluated_step": loop.evaluated_step,
        "last_loss": loop.last_loss,
        "bins": size,
    }
    return {
        "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        "generator": train.batches.generator().get_state().numpy(),
        "mask_generator": train.mask_generator.get_state().numpy(),
        "sums": sums,
        "lows": lows,
        "highs": highs,
        **{
            f"{_FRONT}{name}": tensor.detach().numpy()
            for name, tensor in train.optimiser_state.items()
        },
    }


def state_from_arrays(arrays: Arrays, parameters: Parameters, config: RunConfig) -> SavedState:
    """What a run that was cut off goes on from.

    Args:
        arrays: as `state_to_arrays` made them.
        parameters: its weights.
        config: its settings.

    Raises:
        Exception: of any kind if it is damaged; the caller says so in words.
    """
    about = json.loads(arrays["about"].tobytes())
    optimiser = {
        name.removeprefix(_FRONT): torch.from_numpy(array.copy())
        for name, array in arrays.items()
        if name.startswith(_FRONT)
    }
    wanted = optimiser_of(config.training).init(parameters)
    expect(_kinds(optimiser) == _kinds(wanted))
    rates = read(tuple[tuple[int, float], ...], about["rates"], "rates")
    for _, lr in rates:
        LrSchedule(base_lr=lr)
    n_steps, width, fine = map(int, [*about["bins"], 0][:3])  # earlier ones have two
    bins = arrays["sums"], arrays["lows"], arrays["highs"]
    expect(0 <= about["step"] <= config.training.steps)
    expect(fine in {0, FINE} and all(each.shape == (room_for(CAPACITY, fine),) for each in bins))
    expect(0 <= n_steps <= CAPACITY * width and width <= 2**MOST_DOUBLINGS)
    losses = LossHistory.of_bins((n_steps, width, fine), *bins)
    checked_curve(losses.curve())
    train = TrainState(
        parameters,
        optimiser,
        Batches(_generator(arrays["generator"])),
        _generator(arrays["mask_generator"]),
        int(about["step"]),
    )
    evaluated_step, last_loss = int(about["evaluated_step"]), float(about["last_loss"])
    return SavedState(LoopState(train, rates, evaluated_step, last_loss), losses)


def _kinds(tensors: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {name: (tensor.dtype, *tensor.shape) for name, tensor in tensors.items()}


def _generator(state: NDArray[np.uint8]) -> torch.Generator:
    generator = torch.Generator()
    generator.set_state(torch.from_numpy(state.copy()))
    return generator
