"""A run's losses and its tables of earlier steps as compressed arrays, and back, checked."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.config import RunConfig
from core.errors import CheckpointError
from core.learning import LossCurve, live_samples
from core.learning.loss_history import FINE
from core.models import MLP
from core.models.embeddings import MAP_TOKENS, placed
from core.runs.codec.arrays import expect, pack, unpack
from core.runs.codec.values import read
from core.runs.moments import Moment
from core.runs.record import RunRecord, State

MOMENTS_BYTES = 256_000  # of the tables of earlier steps
MOST_MOMENTS = 20  # to have one write its names takes half a millisecond
MOST_SAMPLES = 1_000  # texts of one moment
MOST_BINS = 4_096


def curve_to_bytes(curve: LossCurve) -> bytes:
    """The losses of the batches, in bins."""
    size = np.array([curve.n_steps, curve.width, curve.fine])
    return pack({"size": size, "mean": curve.mean, "low": curve.low, "high": curve.high})


def curve_from_bytes(data: bytes) -> LossCurve:
    """The losses of the batches of a part.

    Raises:
        CheckpointError: if it is damaged.
    """
    arrays = unpack(data)
    try:
        n_steps, width, *fine = map(int, arrays["size"].tolist())  # earlier ones have two
        found = LossCurve(n_steps, width, arrays["mean"], arrays["low"], arrays["high"], *fine)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise CheckpointError(str(error)) from error
    return checked_curve(found)


def checked_curve(curve: LossCurve) -> LossCurve:
    """The losses of the batches, if they are as many as their steps ask for.

    Raises:
        CheckpointError: if they aren't.
    """
    if curve.n_steps < 0 or curve.width < 1 or curve.width & (curve.width - 1):
        raise CheckpointError("its curve has impossible bins")
    if curve.fine not in {0, FINE} or curve.n_steps > MOST_BINS * curve.width:
        raise CheckpointError("its curve has impossible bins")
    n_bins = len(curve.edges) - 1
    if any(each.shape != (n_bins,) for each in (curve.mean, curve.low, curve.high)):
        raise CheckpointError("its curve isn’t as long as it says")
    expect(all(each.dtype.kind == "f" for each in (curve.mean, curve.low, curve.high)))
    return curve


def moments_to_bytes(record: RunRecord) -> bytes:
    """Of earlier steps the tables and what the model wrote, but not all its weights."""
    n_bytes = sum(moment.C.nbytes for moment in record.moments)
    share = min(1.0, MOMENTS_BYTES / max(1, n_bytes), MOST_MOMENTS / max(1, len(record.moments)))
    n_kept = max(2, int(share * len(record.moments)))
    places = np.unique(np.linspace(0, len(record.moments) - 1, n_kept).round().astype(np.int64))
    moments = [record.moments[place] for place in places] if record.moments else []
    stacked = np.stack([moment.C for moment in moments]) if moments else np.empty((0, 0, 0))
    points = np.stack([m.points for m in moments]) if moments else np.empty((0, 0, 2))
    # The bytes of a number apart: the high ones of neighbours are alike, and pack well.
    planes = np.ascontiguousarray(stacked.astype("<f4").view(np.uint8).reshape(-1, 4).T)
    samples = json.dumps([_written(record, moment) for moment in moments])
    return pack(
        {
            "steps": np.array([moment.step for moment in moments], dtype=np.int64),
            "rates": np.array([moment.lr for moment in moments]),
            "shape": np.array(stacked.shape),
            "planes": planes,
            "points": points,
            "samples": np.frombuffer(samples.encode(), dtype=np.uint8),
        }
    )


def moments_from_bytes(data: bytes, config: RunConfig, n_tokens: int) -> tuple[Moment, ...]:
    """Tables of earlier steps, if they are of such a model and in their order.

    Raises:
        Exception: of any kind if they aren't; the caller says so in words.
    """
    arrays = unpack(data)
    shape = tuple(arrays["shape"].tolist())
    tables = np.ascontiguousarray(arrays["planes"].T).view("<f4").reshape(shape)
    tables = tables.astype(np.float32)
    tables.flags.writeable = False
    samples = read(tuple[tuple[str, ...], ...], json.loads(arrays["samples"].tobytes()), "samples")
    points = arrays["points"] if "points" in arrays else _placed(tables)
    expect(points.shape == (len(tables), min(tables.shape[1], MAP_TOKENS), 2))
    numbers = (arrays["steps"].tolist(), arrays["rates"].tolist())
    each = zip(*numbers, tables, points.astype(np.float32), samples, strict=True)
    moments = tuple(Moment(step, lr, C, at, samples=texts) for step, lr, C, at, texts in each)
    steps = [moment.step for moment in moments]
    expect(steps == sorted(set(steps)) and (not steps or steps[0] >= 0))
    for moment in moments:
        n_rows, width = moment.C.shape
        expect(min(MAP_TOKENS, n_tokens) <= n_rows <= n_tokens and width == config.model.n_embd)
        expect(math.isfinite(moment.lr) and len(moment.samples) <= MOST_SAMPLES)
    return moments


def _placed(tables: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where the tokens of each lie on the map, which runs of earlier versions don't say."""
    points: list[NDArray[np.float32]] = []
    for C in tables:
        points.append(placed(C[:MAP_TOKENS], points[-1] if points else None))
    return np.stack(points) if points else np.empty((0, 0, 2), np.float32)


def _written(record: RunRecord, moment: Moment) -> Sequence[str]:
    """What the model wrote then; while it runs, which is every few seconds, there's no time."""
    if moment.parameters is None or record.state in {State.RUNNING, State.QUEUED}:
        return moment.samples
    vocab_size = len(record.corpus.vocabulary)
    model = MLP(record.config.model, vocab_size, moment.parameters)
    return live_samples(model, record.corpus)
