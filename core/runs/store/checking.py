"""Whether what was read of a run can be what it says: damage is found here, and not in a page."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import JSON, Boolean, Double, Row, String

from core.config import RunConfig
from core.errors import StoreError
from core.learning import LossCurve
from core.models import Parameters, parameter_shapes
from core.runs.checkpoint import MAX_BYTES
from core.runs.moments import Moment
from core.runs.store.schema import RUNS

DAMAGED = "What was kept of this run is damaged."
LATEST = 9_000_000_000.0  # seconds since 1970: the year 2255, as far as tables write dates
MOST_SAMPLES = 1000  # texts of one moment

Made = TypeVar("Made")


def damaged(cause: Exception | None = None) -> StoreError:
    """What to raise where something can't be what it says."""
    error = StoreError(DAMAGED, is_passing=False)
    error.__cause__ = cause
    return error


def expect(is_so: object) -> None:
    """Go on only if it is so.

    Raises:
        StoreError: if it isn't.
    """
    if not is_so:
        raise damaged()


def is_whole(row: Row[Any] | Mapping[str, Any]) -> bool:
    """Whether every column of a row has a value that it can have; SQLite takes any in each."""
    values = row._mapping if isinstance(row, Row) else row
    return all(_fits(str(name), value) for name, value in values.items())


def inflated(data: bytes, most: int = MAX_BYTES) -> bytes:
    """What was compressed, which may be no larger than this.

    Raises:
        StoreError: if it is damaged, or larger.
    """
    try:
        unpacker = zlib.decompressobj()
        found = unpacker.decompress(data, most)
    except zlib.error as error:
        raise damaged(error) from error
    expect(unpacker.eof)
    return found


def arrays_in(data: bytes) -> dict[str, NDArray[Any]]:
    """The arrays of a compressed file of them; none is made whose numbers aren't there.

    Raises:
        StoreError: if it is damaged.
    """
    file = io.BytesIO(inflated(data))
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            expect(all(entry.compress_type == zipfile.ZIP_STORED for entry in entries))
            for entry in entries:
                with archive.open(entry) as opened:
                    expect(np.lib.format.read_magic(opened) == (1, 0))
                    shape, _, dtype = np.lib.format.read_array_header_1_0(opened)
                    expect(not dtype.hasobject)
                    expect(math.prod(shape) * dtype.itemsize <= entry.file_size)
        file.seek(0)
        with np.load(file, allow_pickle=False) as arrays:
            return dict(arrays)
    except StoreError:
        raise
    except Exception as error:  # of damaged data zipfile and numpy raise a dozen kinds
        raise damaged(error) from error


def made(kind: Callable[..., Made], about: Any) -> Made:
    """A record of numbers from what JSON had of it.

    Raises:
        StoreError: if it has other fields, or other values than numbers.
    """
    expect(isinstance(about, dict))
    known = {field.name: str(field.type) for field in fields(kind)}  # type: ignore[arg-type]
    for name, value in about.items():
        expect(name in known and (_is_number(value) or (value is None and "None" in known[name])))
        expect("int" not in known[name] or isinstance(value, int))
    return kind(**about)


def curve(found: LossCurve) -> LossCurve:
    """The losses of the batches, if they are as many as their steps ask for.

    Raises:
        StoreError: if they aren't.
    """
    bins = (found.mean, found.low, found.high)
    expect(found.n_steps >= 0 and found.width >= 1)
    expect(all(each.shape == (-(-found.n_steps // found.width),) for each in bins))
    expect(all(each.dtype.kind == "f" for each in bins))
    return found


def moments(found: tuple[Moment, ...], config: RunConfig, n_tokens: int) -> tuple[Moment, ...]:
    """Tables of earlier steps, if they are of such a model and in their order.

    Raises:
        StoreError: if they aren't.
    """
    steps = [moment.step for moment in found]
    expect(steps == sorted(set(steps)) and (not steps or steps[0] >= 0))
    for moment in found:
        n_rows, width = moment.C.shape
        expect(0 < n_rows <= n_tokens and width == config.model.n_embd)
        expect(_is_number(moment.lr) and math.isfinite(moment.lr))
        expect(len(moment.samples) <= MOST_SAMPLES)
        expect(all(isinstance(text, str) for text in moment.samples))
    return found


def parameters(found: Parameters, config: RunConfig, n_tokens: int) -> Parameters:
    """Weights, if they are those of such a model; compiled code trusts their shapes.

    Raises:
        StoreError: if they aren't.
    """
    shapes = {name: tuple(tensor.shape) for name, tensor in found.items()}
    expect(shapes == parameter_shapes(config.model, n_tokens))
    return found


def _fits(name: str, value: Any) -> bool:
    column = RUNS.c.get(name)
    if column is None or (value is None and column.nullable):
        return True
    if isinstance(column.type, JSON):
        return isinstance(value, dict)
    if isinstance(column.type, String):
        return isinstance(value, str)
    if isinstance(column.type, Boolean):
        return isinstance(value, bool)
    if isinstance(column.type, Double):
        is_date = name.endswith("_at")
        return _is_number(value) and (0 <= value <= LATEST if is_date else math.isfinite(value))
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)
