"""A run's weights as one `.npz` file: plain arrays, and settings and tokens as JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.config import RunConfig
from core.errors import CheckpointError
from core.models import Parameters, parameter_shapes
from core.runs.codec.arrays import MAX_BYTES, expect, npz, unpack
from core.runs.record import RunRecord

FORMAT = "namesmith checkpoint 1"
ABOUT = "about"  # the array that holds the JSON text, UTF-8


def weights_to_npz(record: RunRecord) -> bytes:
    """Save a run's weights; the same weights give the same bytes.

    Raises:
        CheckpointError: if a weight is not finite, the weights are not those of the settings, or
            there are too many.
    """
    vocabulary, parameters = record.corpus.vocabulary, record.parameters
    if _shapes(parameters) != parameter_shapes(record.config.model, len(vocabulary)):
        raise CheckpointError("The model's sizes are not those of the run that is to be saved.")
    check_finite(parameters)
    about = {
        "format": FORMAT,
        "step": record.step,
        "unit": vocabulary.unit,
        "vocabulary": list(vocabulary.itos),
        "rare": vocabulary.rare,
        "settings": record.config.to_settings(),
    }
    text = json.dumps(about, ensure_ascii=False).encode()
    arrays: dict[str, NDArray[Any]] = {
        name: np.ascontiguousarray(tensor.detach().numpy(), dtype="<f4")
        for name, tensor in parameters.items()
    }
    data = npz({ABOUT: np.frombuffer(text, dtype=np.uint8), **arrays})
    if len(data) > MAX_BYTES:  # what is saved can be read again
        raise CheckpointError(
            f"The weights need {len(data):,} bytes; a file has at most {MAX_BYTES:,}."
        )
    return data


def weights_from_bytes(data: bytes, config: RunConfig, n_tokens: int) -> Parameters:
    """The weights of a compressed file of them, bit for bit.

    Args:
        data: a compressed `weights_to_npz`.
        config: the settings of the run.
        n_tokens: of the vocabulary that it learned.

    Raises:
        CheckpointError: if they aren't those of such a model; compiled code trusts their shapes.
    """
    arrays = unpack(data)
    arrays.pop(ABOUT, None)
    expect(all(array.dtype == np.dtype("<f4") for array in arrays.values()))
    # Copied into the byte order of this machine.
    tensors = {name: torch.from_numpy(each.astype(np.float32)) for name, each in arrays.items()}
    shapes = parameter_shapes(config.model, n_tokens)
    expect(_shapes(tensors) == shapes)
    found = Parameters({name: tensors[name] for name in shapes})
    check_finite(found)
    return found


def check_finite(parameters: Parameters) -> None:
    """Raise if a weight isn't a finite number.

    Raises:
        CheckpointError: then.
    """
    for name, tensor in parameters.items():
        if not bool(torch.isfinite(tensor).all()):
            raise CheckpointError(
                f"{name} holds numbers that aren’t finite: the run had diverged. "
                "Save the last good weights instead."
            )


def _shapes(parameters: Any) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in parameters.items()}
