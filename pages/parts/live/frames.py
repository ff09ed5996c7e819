"""A snapshot as bytes for the browser: a header in JSON, then float32 arrays."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from core.learning import Floats
from core.models.embeddings import aligned, project
from core.runs import Snapshot


def pack(header: Mapping[str, Any], arrays: Mapping[str, Floats]) -> bytes:
    """Lay out a frame: length of the header, header, arrays, each from a multiple of 4 bytes.

    The header gets `arrays`, a list of [name, length], in the order in which they follow. What is
    not finite becomes null in the header, as JSON has no word for it.
    """
    described = dict(header) | {"arrays": [[name, array.size] for name, array in arrays.items()]}
    text = json.dumps(_finite(described), separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(np.ascontiguousarray(array, dtype="<f4").tobytes() for array in arrays.values())
    return struct.pack("<I", len(text)) + text + body


class RunFrames:
    """Makes the frames of one trainer; remembers the last map, so that the next does not flip."""

    def __init__(self) -> None:
        self._run_id = 0
        self._points: Floats | None = None

    def make(self, snapshot: Snapshot) -> bytes:
        """One whole frame: progress, loss curve, map and names."""
        itos = snapshot.corpus.vocabulary.itos
        return pack(
            {
                "kind": "run",
                "version": snapshot.version,
                "run": snapshot.run_id,
                "state": snapshot.state.value,
                "step": snapshot.step,
                "steps": snapshot.steps,
                "lr": snapshot.lr,
                "speed": snapshot.steps_per_second,
                "seconds": snapshot.seconds,
                "left": snapshot.seconds_left,
                "width": snapshot.curve.width,
                "evaluations": [[e.step, e.val_loss] for e in snapshot.evaluations],
                "rates": snapshot.rate_changes,
                "names": snapshot.samples,
                "known": [int(known) for known in snapshot.known],
                "characters": itos,
                "kinds": snapshot.corpus.kinds,
                "dimensions": snapshot.config.model.n_embd,
                "final": snapshot.final
                and [snapshot.final.train, snapshot.final.val, snapshot.final.all],
                "divergence": snapshot.divergence
                and [
                    snapshot.divergence.step,
                    snapshot.divergence.lr,
                    snapshot.divergence.good_step,
                ],
                "error": snapshot.error,
                "place": snapshot.queue_position,
            },
            {
                "mean": snapshot.curve.mean,
                "low": snapshot.curve.low,
                "high": snapshot.curve.high,
                "points": self._map(snapshot),
            },
        )

    def _map(self, snapshot: Snapshot) -> Floats:
        points = project(snapshot.parameters["C"].numpy()).points
        if snapshot.config.model.n_embd > 2:
            is_same = snapshot.run_id == self._run_id and self._points is not None
            if is_same and self._points is not None and self._points.shape == points.shape:
                points = aligned(points, self._points)
        self._run_id, self._points = snapshot.run_id, points
        return points


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
