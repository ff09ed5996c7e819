"""A run's record as a row and a few compressed parts, and back with every check; no pickle."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from core.config import LrSchedule, RunConfig
from core.errors import CheckpointError
from core.learning import Evaluation, LossCurve
from core.runs.codec.arrays import MAX_BYTES, expect, inflate, pack
from core.runs.codec.curves import (
    curve_from_bytes,
    curve_to_bytes,
    moments_from_bytes,
    moments_to_bytes,
)
from core.runs.codec.rows import is_valid
from core.runs.codec.state import state_to_arrays
from core.runs.codec.values import plain, read_fields, types_of
from core.runs.codec.weights import weights_to_npz
from core.runs.moments import Moment
from core.runs.record import RunFigures, RunRecord, Weights
from core.runs.saving import SavedState
from core.settings import Whole
from core.text import Corpus

# Of a record what is more than plain values, and what of it a row doesn't have.
OBJECTS = ("config", "corpus", "weights", "curve", "moments")
BESIDE_ROW = tuple(
    name for name in types_of(RunRecord) if name not in {*types_of(RunFigures), "run_id", *OBJECTS}
)


def parts_of(record: RunRecord, state: SavedState | None) -> dict[str, bytes]:
    """The parts of a run, by name; weights that are too many for a file are left out."""
    about = {name: plain(getattr(record, name)) for name in BESIDE_ROW}
    parts = {
        "record": zlib.compress(json.dumps(about).encode(), 6),
        "curve": curve_to_bytes(record.curve),
    }
    try:
        parts["weights"] = zlib.compress(weights_to_npz(record), 1)
    except CheckpointError:  # not finite, or too many
        return parts
    parts["moments"] = moments_to_bytes(record)
    if state is not None:
        parts["state"] = pack(state_to_arrays(state))
        if sum(map(len, parts.values())) > MAX_BYTES:
            del parts["state"]
    return parts


def without_corpus(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """The parts that tell nothing of the words a run learned from."""
    return {name: data for name, data in parts.items() if name in {"record", "curve"}}


def record_from_parts(
    row: Mapping[str, Any],
    parts: Mapping[str, bytes],
    config: RunConfig,
    corpus: Corpus,
    weights: Weights,
) -> RunRecord:
    """The record that `row_of` and `parts_of` were made of.

    Args:
        row: of the run.
        parts: of the run, but for its weights.
        config: the settings of the row.
        corpus: that the row refers to.
        weights: handle on its parameters.

    Raises:
        Exception: of any kind if it is damaged; the caller says so in words.
    """
    expect(is_valid(row))
    about = _about(parts["record"])
    moments = moments_from_bytes(parts["moments"], config, len(corpus.vocabulary))
    known = {**row, **about, "run_id": row["number"]}
    return record_from(known, config, corpus, weights, curve_from_bytes(parts["curve"]), moments)


def evaluations_from_bytes(record: bytes) -> tuple[Evaluation, ...]:
    """The validation losses on the way, of the part 'record'.

    Raises:
        Exception: of any kind if it is damaged.
    """
    known = {"evaluations": _about(record)["evaluations"]}
    others = tuple(name for name in types_of(RunRecord) if name not in known)
    found: tuple[Evaluation, ...] = read_fields(RunRecord, known, but=others)["evaluations"]
    return found


def _about(record: bytes) -> dict[str, Any]:
    # NaN is in what earlier versions wrote.
    found: dict[str, Any] = json.loads(inflate(record), parse_constant=lambda _name: None)
    return found


def record_from(
    known: Mapping[str, Any],
    config: RunConfig,
    corpus: Corpus,
    weights: Weights,
    curve: LossCurve,
    moments: tuple[Moment, ...] = (),
) -> RunRecord:
    """A record of plain values, each checked, and what is no plain value.

    Raises:
        ConfigError: if a value can't be; `.field` names it.
    """
    values = read_fields(RunRecord, dict(known), but=OBJECTS)
    Whole(0, config.training.steps).check("step", values["step"])
    for _, lr in values["rate_changes"]:
        LrSchedule(base_lr=lr)
    return RunRecord(
        **values, config=config, corpus=corpus, weights=weights, curve=curve, moments=moments
    )
