"""A run as the text that a page of its own carries: a header and arrays, compressed, as base64."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

# Numbers as they are; as half floats; ids below 256 or 65,536; and half floats of moments that
# follow each other, (moments, numbers), of which only what changes is kept.
Packing = Literal["f4", "f2", "u1", "u2", "moments"]
HIGHEST = 65_504.0  # of a half float


def packed(header: Mapping[str, Any], arrays: Mapping[str, tuple[Packing, NDArray[Any]]]) -> str:
    """Lay out a header in JSON and arrays behind it, each as its packing says.

    web/page/packed.js reads it. The header gets `arrays`, [name, packing, bytes, width] of each.
    """
    parts, layout = [], []
    for name, (packing, array) in arrays.items():
        data = _laid_out(packing, array)
        parts.append(data)
        layout.append([name, packing, len(data), array.shape[-1] if array.ndim else 0])
    text = json.dumps({**header, "arrays": layout}, separators=(",", ":"), allow_nan=False).encode()
    body = b"".join([struct.pack("<I", len(text)), text, *parts])
    return deflated(body)


def deflated(data: bytes) -> str:
    """Compressed, as base64."""
    return base64.b64encode(zlib.compress(data, 9)).decode("ascii")


def as_halves(array: NDArray[Any]) -> NDArray[np.float16]:
    """Numbers as half floats, three digits of each; what is beyond them is the highest there is."""
    halves: NDArray[np.float16] = np.clip(array, -HIGHEST, HIGHEST).astype("<f2")
    return halves


def _laid_out(packing: Packing, array: NDArray[Any]) -> bytes:
    if packing == "moments":
        return _differences(as_halves(array))
    if packing == "f2":
        return as_halves(array).tobytes()
    return np.ascontiguousarray(array, dtype=f"<{packing}").tobytes()


def _differences(moments: NDArray[np.float16]) -> bytes:
    """What the bits of each moment differ from those before: it compresses to six tenths.

    The sign is the last bit, so that small differences are small numbers, and all high bytes,
    which are mostly 0, stand before all low ones.
    """
    bits = moments.view("<u2")
    difference = np.diff(bits, axis=0, prepend=np.zeros_like(bits[:1])).view(np.int16)
    zigzag = ((difference << 1) ^ (difference >> 15)).view(np.uint16)
    return (zigzag >> 8).astype(np.uint8).tobytes() + (zigzag & 255).astype(np.uint8).tobytes()
