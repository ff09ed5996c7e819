"""A run as one row and a few compressed parts, and back again; no pickle."""

from __future__ import annotations

import io
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.config import RunConfig
from core.errors import CheckpointError, ConfigError, StoreError
from core.learning import (
    Divergence,
    Evaluation,
    FinalLosses,
    Floats,
    LoopState,
    LossCurve,
    LossHistory,
    MixedLoss,
    TrainState,
)
from core.runs.checkpoint import MAX_BYTES, from_bytes, to_bytes
from core.runs.history import History
from core.runs.keeping import SavedState
from core.runs.record import RunRecord, State, Weights
from core.runs.store.words import reference_of
from core.text import Corpus

TABLES_BYTES = 256_000  # of a run that is over; one that goes on keeps all it has
DAMAGED = "What was kept of this run is damaged."

Tables = tuple[tuple[int, Floats], ...]  # (step, C) by rising step
Arrays = Mapping[str, NDArray[Any]]


def row_of(record: RunRecord, *, has_state: bool) -> dict[str, Any]:
    """What a table of runs shows of one."""
    final, mixed = record.final, record.mixed
    return {
        "key": record.key,
        "number": record.run_id,
        "name": record.name,
        "state": record.state.value,
        "data": record.corpus.name[:200],
        "corpus": reference_of(record.corpus),
        "unit": record.corpus.unit,
        "settings": record.config.to_settings(),
        "engine": record.engine,
        "step": record.step,
        "steps": record.steps,
        "n_parameters": record.parameters.n_parameters,
        "training_loss": _finite(record.training_loss),
        "validation_loss": _finite(record.validation_loss),
        "all_loss": _finite(final.all if final else None),
        "mixed_loss": _finite(mixed.loss if mixed else None),
        "test_loss": _finite(record.test_loss),
        "mixed_test_loss": _finite(record.mixed_test_loss),
        "n_test_looks": record.n_test_looks,
        "seconds": record.seconds,
        "started_at": record.started_at.timestamp(),
        "ended_at": record.ended_at.timestamp() if record.ended_at else None,
        "has_state": has_state,
    }


def parts_of(record: RunRecord, state: SavedState | None) -> dict[str, bytes]:
    """The parts of a run, by name; weights that are too many for a file are left out."""
    parts = {"record": _record(record), "curve": pack(_curve_arrays(record.curve))}
    try:
        parts["weights"] = zlib.compress(to_bytes(record), 1)
    except CheckpointError:  # not finite, or too many
        return parts
    if state is None:
        parts["tables"] = pack(_table_arrays(thinned(record.table_history, TABLES_BYTES)))
        return parts
    parts["tables"] = pack(_table_arrays(state.tables.snapshots()))
    parts["state"] = pack(_state_arrays(state))
    if sum(map(len, parts.values())) > MAX_BYTES:
        del parts["state"]
    return parts


def without_words(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """The parts that tell nothing of the words a run learned from."""
    return {name: data for name, data in parts.items() if name in {"record", "curve"}}


def record_of(
    row: Mapping[str, Any], parts: Mapping[str, bytes], corpus: Corpus, weights: Weights
) -> RunRecord:
    """The record that `row_of` and `parts_of` were made of.

    Raises:
        StoreError: if it is damaged.
    """
    try:
        about = json.loads(zlib.decompress(parts["record"]))
        return RunRecord(
            run_id=row["number"],
            state=State(row["state"]),
            config=config_of(row["settings"]),
            corpus=corpus,
            engine=row["engine"],
            weights=weights,
            step=row["step"],
            curve=curve_of(parts["curve"]),
            started_at=datetime.fromisoformat(about["started_at"]),
            ended_at=datetime.fromisoformat(about["ended_at"]) if about["ended_at"] else None,
            seconds=row["seconds"],
            evaluations=tuple(Evaluation(**each) for each in about["evaluations"]),
            rate_changes=tuple((step, lr) for step, lr in about["rate_changes"]),
            table_history=_tables(parts),
            final=FinalLosses(**about["final"]) if about["final"] else None,
            mixed=MixedLoss(**about["mixed"]) if about["mixed"] else None,
            divergence=Divergence(**about["divergence"]) if about["divergence"] else None,
            test_loss=row["test_loss"],
            mixed_test_loss=row["mixed_test_loss"],
            n_test_looks=row["n_test_looks"],
            name=row["name"],
            error=about["error"],
            versions=about["versions"],
            key=row["key"],
        )
    except (StoreError, ConfigError):
        raise
    except Exception as error:  # of damaged data zlib, numpy and json raise a dozen kinds
        raise StoreError(DAMAGED, is_passing=False) from error


def config_of(settings: Mapping[str, Any]) -> RunConfig:
    """The config of a kept run.

    Raises:
        StoreError: if this version has no such settings.
    """
    try:
        return RunConfig.from_settings(settings)
    except ConfigError as error:
        raise StoreError(f"Its settings can’t be used here: {error}", is_passing=False) from error


def weights_of(data: bytes) -> Any:
    """The parameters of a part.

    Raises:
        StoreError: if it is damaged.
    """
    try:
        return from_bytes(zlib.decompress(data)).load()
    except (CheckpointError, zlib.error) as error:
        raise StoreError(DAMAGED, is_passing=False) from error


def curve_of(data: bytes) -> LossCurve:
    """The losses of the batches of a part."""
    arrays = unpack(data)
    n_steps, width = arrays["size"].tolist()
    return LossCurve(n_steps, width, arrays["mean"], arrays["low"], arrays["high"])


def state_of(parts: Mapping[str, bytes]) -> SavedState:
    """What a run that was cut off goes on from.

    Raises:
        StoreError: if it is damaged.
    """
    try:
        arrays = unpack(parts["state"])
        about = json.loads(arrays.pop("about").tobytes())
        parameters = weights_of(parts["weights"])
        front = "optimiser."
        optimiser = {
            name.removeprefix(front): torch.from_numpy(array.copy())
            for name, array in arrays.items()
            if name.startswith(front)
        }
        n_steps, width = about["bins"]
        train = TrainState(
            parameters,
            optimiser,
            _generator(arrays["generator"]),
            _generator(arrays["mask_generator"]),
            about["step"],
        )
        return SavedState(
            LoopState(
                train,
                tuple((step, lr) for step, lr in about["rates"]),
                about["evaluated_step"],
                about["last_loss"],
            ),
            LossHistory.of_bins(n_steps, width, arrays["sums"], arrays["lows"], arrays["highs"]),
            History.of_kept(_tables(parts), **about["tables"]),
        )
    except StoreError:
        raise
    except Exception as error:  # as above
        raise StoreError(DAMAGED, is_passing=False) from error


def thinned(tables: Tables, n_bytes: int) -> Tables:
    """Every second one, or fewer still, so that they take no more room; the last one stays."""
    while len(tables) > 2 and sum(table.nbytes for _, table in tables) > n_bytes:
        tables = (*tables[:-1:2], tables[-1])
    return tables


def pack(arrays: Arrays) -> bytes:
    """Arrays by name as compressed bytes."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return zlib.compress(file.getvalue(), 6)


def unpack(data: bytes) -> dict[str, NDArray[Any]]:
    """What `pack` was given.

    Raises:
        StoreError: if it is damaged.
    """
    try:
        with np.load(io.BytesIO(zlib.decompress(data)), allow_pickle=False) as arrays:
            return dict(arrays)
    except Exception as error:  # of damaged data zlib and numpy raise a dozen kinds
        raise StoreError(DAMAGED, is_passing=False) from error


def _record(record: RunRecord) -> bytes:
    about = {
        "started_at": record.started_at.astimezone(UTC).isoformat(),
        "ended_at": record.ended_at.astimezone(UTC).isoformat() if record.ended_at else None,
        "evaluations": [asdict(evaluation) for evaluation in record.evaluations],
        "rate_changes": record.rate_changes,
        "final": asdict(record.final) if record.final else None,
        "mixed": asdict(record.mixed) if record.mixed else None,
        "divergence": asdict(record.divergence) if record.divergence else None,
        "error": record.error,
        "versions": dict(record.versions),
    }
    return zlib.compress(json.dumps(about).encode(), 6)


def _curve_arrays(curve: LossCurve) -> Arrays:
    size = np.array([curve.n_steps, curve.width])
    return {"size": size, "mean": curve.mean, "low": curve.low, "high": curve.high}


def _table_arrays(tables: Tables) -> Arrays:
    steps = np.array([step for step, _ in tables], dtype=np.int64)
    stacked = np.stack([table for _, table in tables]) if tables else np.empty((0, 0, 0))
    # The bytes of a number apart: the high ones of neighbours are alike, and pack well.
    planes = np.ascontiguousarray(stacked.astype("<f4").view(np.uint8).reshape(-1, 4).T)
    return {"steps": steps, "shape": np.array(stacked.shape), "planes": planes}


def _tables(parts: Mapping[str, bytes]) -> Tables:
    if "tables" not in parts:
        return ()
    arrays = unpack(parts["tables"])
    shape = tuple(arrays["shape"].tolist())
    stacked = np.ascontiguousarray(arrays["planes"].T).view("<f4").reshape(shape)
    stacked = stacked.astype(np.float32)
    stacked.flags.writeable = False
    return tuple(zip(arrays["steps"].tolist(), stacked, strict=True))


def _state_arrays(state: SavedState) -> Arrays:
    loop, train = state.loop, state.loop.state
    n_steps, width, sums, lows, highs = state.losses.bins()
    about = {
        "step": train.step,
        "rates": loop.rates,
        "evaluated_step": loop.evaluated_step,
        "last_loss": loop.last_loss,
        "bins": [n_steps, width],
        "tables": state.tables.limits,
    }
    return {
        "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        "generator": train.generator.get_state().numpy(),
        "mask_generator": train.mask_generator.get_state().numpy(),
        "sums": sums,
        "lows": lows,
        "highs": highs,
        **{
            f"optimiser.{name}": tensor.detach().numpy()
            for name, tensor in train.optimiser_state.items()
        },
    }


def _generator(state: NDArray[np.uint8]) -> torch.Generator:
    generator = torch.Generator()
    generator.set_state(torch.from_numpy(state.copy()))
    return generator


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
