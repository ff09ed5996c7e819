"""Arrays by name as compressed bytes, and back: no pickle, and no array larger than its bytes."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import CheckpointError

MAX_BYTES = 100_000_000  # unpacked
DAMAGED = "it was damaged on its way"

Arrays = Mapping[str, NDArray[Any]]


def npz(arrays: Arrays) -> bytes:
    """Arrays as numpy's own file of them; the same arrays give the same bytes."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def pack(arrays: Arrays) -> bytes:
    """The same, compressed."""
    return zlib.compress(npz(arrays), 6)


def inflate(data: bytes, most: int = MAX_BYTES) -> bytes:
    """What was compressed.

    Raises:
        CheckpointError: if it's damaged, or larger than `most`.
    """
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(data, most)
    except zlib.error as error:
        raise CheckpointError(DAMAGED) from error
    if not unpacking.eof:
        raise CheckpointError(f"{DAMAGED}, or there is too much of it")
    return found


def unpack(data: bytes, most: int = MAX_BYTES) -> dict[str, NDArray[Any]]:
    """What `pack` packed.

    Raises:
        CheckpointError: if it's damaged, or larger than `most`.
    """
    file = io.BytesIO(inflate(data, most))
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                _check(archive, entry)
        file.seek(0)
        with np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)
    except CheckpointError:
        raise
    except Exception as error:  # of damaged data zipfile and numpy raise a dozen kinds
        raise CheckpointError(DAMAGED) from error


def expect(is_so: object) -> None:
    """Go on only if it is so.

    Raises:
        CheckpointError: if it isn't.
    """
    if not is_so:
        raise CheckpointError(DAMAGED)


def _check(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Look at the head of an array before room is made for its numbers."""
    with archive.open(entry) as file:
        is_known = np.lib.format.read_magic(file) == (1, 0)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    n_bytes = math.prod(shape) * dtype.itemsize
    is_stored = entry.compress_type == zipfile.ZIP_STORED
    expect(is_known and is_stored and not dtype.hasobject and n_bytes <= entry.file_size)
