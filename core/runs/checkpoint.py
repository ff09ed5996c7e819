"""A trained model as one file: weights as plain arrays, everything else as JSON, no pickle."""

from __future__ import annotations

import io
import json
import math
import unicodedata
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch

from core.config import ModelConfig, RunConfig
from core.errors import CheckpointError, ConfigError
from core.models import MLP, PARAMETER_NAMES, Parameters, parameter_shapes
from core.runs.record import RunRecord
from core.text import BOUNDARY, MAX_CHARACTERS, TEXT_MARK, Unit, Vocabulary

FORMAT = "namesmith checkpoint 1"
MAX_BYTES = 100_000_000
MAX_ABOUT_BYTES = 16_000_000  # 100,000 words of most languages need a tenth
MAX_WORDS = 100_000
MAX_WORD_LENGTH = 200
ABOUT = "about"  # the array that holds the JSON text, UTF-8
MAX_STEP = 10**12
NOT_OURS = "This is not a checkpoint that Namesmith saved, or it was damaged on its way"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A run's weights as they were saved at one step; a record's handle on them."""

    model: MLP
    vocabulary: Vocabulary
    config: RunConfig
    step: int

    def load(self) -> Parameters:
        """The parameters; not to be changed."""
        return self.model.parameters


def to_bytes(record: RunRecord) -> bytes:
    """Save a run's weights as a .npz file; the same weights give the same bytes.

    Raises:
        CheckpointError: if a weight is not finite, the weights are not those of the settings, or
            there are too many.
    """
    vocabulary, parameters = record.corpus.vocabulary, record.parameters
    shapes = _shapes(record.config.model, len(vocabulary))
    if {name: tuple(tensor.shape) for name, tensor in parameters.items()} != shapes:
        raise CheckpointError("The model's sizes are not those of the run that is to be saved.")
    _check_finite(parameters)
    about = {
        "format": FORMAT,
        "step": record.step,
        "unit": vocabulary.unit,
        "vocabulary": list(vocabulary.itos),
        "rare": vocabulary.rare,
        "settings": record.config.to_settings(),
    }
    text = json.dumps(about, ensure_ascii=False).encode()
    arrays = {
        name: np.ascontiguousarray(tensor.detach().numpy(), dtype="<f4")
        for name, tensor in parameters.items()
    }
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **{ABOUT: np.frombuffer(text, dtype=np.uint8)}, **arrays)
    if file.tell() > MAX_BYTES:  # what is saved can be read again
        raise CheckpointError(
            f"The weights need {file.tell():,} bytes; a checkpoint has at most {MAX_BYTES:,}."
        )
    return file.getvalue()


def from_bytes(data: bytes) -> Checkpoint:
    """Read what `to_bytes` saved, bit for bit, trusting nothing that the file says of itself.

    Every size is checked against the settings before its array is read, so a small file cannot
    ask for much memory, and nothing in it is ever run.

    Raises:
        CheckpointError: if the file cannot be used; the text says why.
    """
    if len(data) > MAX_BYTES:
        raise CheckpointError(
            f"The file has {len(data):,} bytes; a checkpoint has at most {MAX_BYTES:,}."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_entries(archive)
            if f"{ABOUT}.npy" not in archive.namelist():
                _check_names(archive, PARAMETER_NAMES)  # says what is missing
            about = json.loads(read_array(archive, ABOUT, "|u1", None))
            vocabulary, config, step = _checked_about(about)
            _check_names(archive, _shapes(config.model, len(vocabulary)))
            parameters = _read_parameters(archive, config.model, len(vocabulary))
    except CheckpointError:
        raise
    except Exception as error:  # of a damaged file zipfile, numpy and json raise a dozen kinds
        raise CheckpointError(f"{NOT_OURS}.") from error
    _check_finite(parameters)
    return Checkpoint(MLP(config.model, len(vocabulary), parameters), vocabulary, config, step)


def _shapes(config: ModelConfig, vocab_size: int) -> dict[str, tuple[int, ...]]:
    return parameter_shapes(config, vocab_size)


def check_entries(archive: zipfile.ZipFile) -> None:
    """Refuse an archive that unpacks to too much."""
    entries = archive.infolist()
    total = sum(entry.file_size for entry in entries)
    if total > MAX_BYTES:
        raise CheckpointError(
            f"The file unpacks to {total:,} bytes; a checkpoint has at most {MAX_BYTES:,}."
        )
    if any(
        entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for entry in entries
    ):
        raise CheckpointError(f"{NOT_OURS}: it is packed in a way that is not read here.")


def _check_names(archive: zipfile.ZipFile, names: Iterable[str]) -> None:
    expected = sorted(f"{name}.npy" for name in (ABOUT, *names))
    if sorted(archive.namelist()) != expected:
        raise CheckpointError(f"{NOT_OURS}: it does not hold exactly {', '.join(expected)}.")


def read_array(
    archive: zipfile.ZipFile, name: str, dtype: str, shape: tuple[int, ...] | None
) -> bytearray:
    """Values of one array; a shape of None stands for any text of a sensible length."""
    with archive.open(f"{name}.npy") as file:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise CheckpointError(f"{NOT_OURS}: {name} has an array format that is not read here.")
        found, is_fortran, found_dtype = np.lib.format.read_array_header_1_0(file)
        if shape is None:
            shape = found if len(found) == 1 and 0 <= found[0] <= MAX_ABOUT_BYTES else (0,)
        if found != shape or is_fortran or found_dtype != np.dtype(dtype):
            raise CheckpointError(
                f"{name} must be {np.dtype(dtype).name} {shape} to fit the settings in the file, "
                f"but is {found_dtype.name} {found}."
            )
        n_bytes = math.prod(shape) * found_dtype.itemsize
        values = bytearray(file.read(n_bytes + 1))
    if len(values) != n_bytes:
        raise CheckpointError(f"{NOT_OURS}: {name} does not have the length it states.")
    return values


def _read_parameters(archive: zipfile.ZipFile, config: ModelConfig, vocab_size: int) -> Parameters:
    tensors = {}
    for name, shape in _shapes(config, vocab_size).items():
        values = np.frombuffer(read_array(archive, name, "<f4", shape), dtype="<f4")
        # Copied into the byte order of this machine.
        tensors[name] = torch.from_numpy(values.astype(np.float32).reshape(shape))
    return Parameters(tensors)


def _checked_about(about: Any) -> tuple[Vocabulary, RunConfig, int]:
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise CheckpointError(f"{NOT_OURS}: it does not state the format {FORMAT!r}.")
    step, settings = about.get("step"), about.get("settings")
    if isinstance(step, bool) or not isinstance(step, int) or not 0 <= step <= MAX_STEP:
        raise CheckpointError(f"{NOT_OURS}: its step is not a whole number from 0 on.")
    if not isinstance(settings, dict):
        raise CheckpointError(f"{NOT_OURS}: it holds no settings.")
    try:
        config = RunConfig.from_settings(settings)
    except ConfigError as error:
        raise CheckpointError(f"The checkpoint's settings cannot be used: {error}") from error
    vocabulary = checked_vocabulary(
        about.get("vocabulary"), about.get("unit"), about.get("rare", "")
    )
    return vocabulary, config, step


def checked_vocabulary(tokens: object, unit: object, rare: object) -> Vocabulary:
    """A vocabulary, if it can be one.

    Raises:
        CheckpointError: if it can't; the text says why.
    """
    longest, most = {
        "character": (1, MAX_CHARACTERS),
        "word": (MAX_WORD_LENGTH, MAX_WORDS),
    }.get(str(unit), (0, 0))
    # A control character may be a word of somebody's text; half a surrogate pair is none.
    unfit = {"Cs"} if unit == "word" else {"Cc", "Cs"}
    is_list = isinstance(tokens, list) and all(
        isinstance(token, str)
        and 1 <= len(token) <= longest
        and not any(unicodedata.category(c) in unfit for c in token)
        for token in tokens
    )
    if not is_list or not 2 <= len(tokens) <= most + 1:  # type: ignore[arg-type]
        raise CheckpointError(f"{NOT_OURS}: its vocabulary is not a list of characters or words.")
    itos: tuple[str, ...] = tuple(tokens)  # type: ignore[arg-type]
    # Files of before there was running text know of no rare token.
    boundaries = {"character": (BOUNDARY,), "word": (BOUNDARY, TEXT_MARK)}[str(unit)]
    if itos[0] not in boundaries or len(set(itos)) != len(itos):
        marks = " or ".join(f"'{boundary}'" for boundary in boundaries)
        raise CheckpointError(
            f"{NOT_OURS}: its vocabulary must begin with {marks} and hold each {unit} once."
        )
    if rare != "" and (unit != "word" or rare not in itos[1:]):
        raise CheckpointError(f"{NOT_OURS}: its rare word is not in its vocabulary.")
    return Vocabulary(itos, cast("Unit", unit), rare)


def _check_finite(parameters: Parameters) -> None:
    for name, tensor in parameters.items():
        if not bool(torch.isfinite(tensor).all()):
            raise CheckpointError(
                f"{name} holds numbers that are not finite: the run had diverged. "
                "Save the last good weights instead."
            )
