"""A run as one row and a few compressed parts, and back again; no pickle."""

from __future__ import annotations

import io
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.config import LrSchedule, RunConfig
from core.errors import CheckpointError, ConfigError, StoreError
from core.learning import (
    Batches,
    Divergence,
    Evaluation,
    FinalLosses,
    LoopState,
    LossCurve,
    LossHistory,
    MixedLoss,
    TrainState,
    optimiser_of,
)
from core.learning.loss_history import CAPACITY
from core.models import MLP
from core.runs.checkpoint import MAX_BYTES, from_bytes, to_bytes
from core.runs.keeping import SavedState
from core.runs.live_samples import live_samples
from core.runs.moments import Moment
from core.runs.record import RunRecord, State, Weights
from core.runs.store import checking
from core.runs.store.checking import expect, inflated, made
from core.runs.store.words import reference_of
from core.text import Corpus

MOMENTS_BYTES = 256_000  # of the tables of earlier steps
MOST_MOMENTS = 20  # to have one write its names takes half a millisecond
Arrays = Mapping[str, NDArray[Any]]


def row_of(record: RunRecord, *, has_state: bool) -> dict[str, Any]:
    """What a table of runs shows of one."""
    final, mixed = record.final, record.mixed
    is_lost = record.state is State.STOPPED and record.divergence is not None
    return {
        "key": record.key,
        "number": record.run_id,
        "name": record.name,
        "state": State.DIVERGED.value if is_lost else record.state.value,
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
    parts["moments"] = pack(_moment_arrays(record))
    if state is not None:
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
        expect(checking.is_whole(row))
        about = json.loads(inflated(parts["record"]))
        config, n_tokens = config_of(row["settings"]), len(corpus.vocabulary)
        expect(row["step"] <= config.training.steps)
        expect(isinstance(about["error"], str) and isinstance(about["versions"], dict))
        return RunRecord(
            run_id=row["number"],
            state=State(row["state"]),
            config=config,
            corpus=corpus,
            engine=row["engine"],
            weights=weights,
            step=row["step"],
            curve=curve_of(parts["curve"]),
            started_at=datetime.fromisoformat(about["started_at"]),
            ended_at=datetime.fromisoformat(about["ended_at"]) if about["ended_at"] else None,
            seconds=row["seconds"],
            evaluations=tuple(made(Evaluation, each) for each in about["evaluations"]),
            rate_changes=_rates(about["rate_changes"]),
            moments=checking.moments(_moments(parts), config, n_tokens),
            final=made(FinalLosses, about["final"]) if about["final"] else None,
            mixed=made(MixedLoss, about["mixed"]) if about["mixed"] else None,
            divergence=made(Divergence, about["divergence"]) if about["divergence"] else None,
            test_loss=row["test_loss"],
            mixed_test_loss=row["mixed_test_loss"],
            n_test_looks=row["n_test_looks"],
            name=row["name"],
            error=about["error"],
            versions=about["versions"],
            key=row["key"],
        )
    except StoreError:
        raise
    except Exception as error:  # of damaged data zlib, numpy and json raise a dozen kinds
        raise checking.damaged(error) from error


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
        return from_bytes(inflated(data)).load()
    except CheckpointError as error:
        raise checking.damaged(error) from error


def curve_of(data: bytes) -> LossCurve:
    """The losses of the batches of a part.

    Raises:
        StoreError: if it is damaged.
    """
    arrays = checking.arrays_in(data)
    try:
        n_steps, width = map(int, arrays["size"].tolist())
        found = LossCurve(n_steps, width, arrays["mean"], arrays["low"], arrays["high"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise checking.damaged(error) from error
    return checking.curve(found)


def state_of(parts: Mapping[str, bytes], config: RunConfig, n_tokens: int) -> SavedState:
    """What a run that was cut off goes on from.

    Args:
        parts: of the run.
        config: its settings.
        n_tokens: of the vocabulary that it learns.

    Raises:
        StoreError: if it is damaged.
    """
    try:
        arrays = checking.arrays_in(parts["state"])
        about = json.loads(arrays.pop("about").tobytes())
        parameters = checking.parameters(weights_of(parts["weights"]), config, n_tokens)
        front = "optimiser."
        optimiser = {
            name.removeprefix(front): torch.from_numpy(array.copy())
            for name, array in arrays.items()
            if name.startswith(front)
        }
        wanted = optimiser_of(config.training).init(parameters)
        expect(_kinds(optimiser) == _kinds(wanted))
        expect(0 <= about["step"] <= config.training.steps)
        n_steps, width = map(int, about["bins"])
        history = LossHistory.of_bins(
            n_steps, width, arrays["sums"], arrays["lows"], arrays["highs"]
        )
        checking.curve(history.curve())
        expect(all(arrays[name].shape == (CAPACITY,) for name in ("sums", "lows", "highs")))
        train = TrainState(
            parameters,
            optimiser,
            Batches(_generator(arrays["generator"])),
            _generator(arrays["mask_generator"]),
            int(about["step"]),
        )
        evaluated_step, last_loss = int(about["evaluated_step"]), float(about["last_loss"])
        return SavedState(
            LoopState(train, _rates(about["rates"]), evaluated_step, last_loss), history
        )
    except StoreError:
        raise
    except Exception as error:  # as above
        raise checking.damaged(error) from error


def pack(arrays: Arrays) -> bytes:
    """Arrays by name as compressed bytes."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return zlib.compress(file.getvalue(), 6)


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


def _moment_arrays(record: RunRecord) -> Arrays:
    """Of earlier steps the tables and what the model wrote, but not all its weights."""
    n_bytes = sum(moment.C.nbytes for moment in record.moments)
    share = min(1.0, MOMENTS_BYTES / max(1, n_bytes), MOST_MOMENTS / max(1, len(record.moments)))
    n_kept = max(1, int(share * len(record.moments)))
    places = np.unique(np.linspace(0, len(record.moments) - 1, n_kept).round().astype(np.int64))
    moments = [record.moments[place] for place in places] if record.moments else []
    stacked = np.stack([moment.C for moment in moments]) if moments else np.empty((0, 0, 0))
    # The bytes of a number apart: the high ones of neighbours are alike, and pack well.
    planes = np.ascontiguousarray(stacked.astype("<f4").view(np.uint8).reshape(-1, 4).T)
    samples = json.dumps([_written(record, moment) for moment in moments])
    return {
        "steps": np.array([moment.step for moment in moments], dtype=np.int64),
        "rates": np.array([moment.lr for moment in moments]),
        "shape": np.array(stacked.shape),
        "planes": planes,
        "samples": np.frombuffer(samples.encode(), dtype=np.uint8),
    }


def _written(record: RunRecord, moment: Moment) -> Sequence[str]:
    """What the model wrote then; while it runs, which is every few seconds, there's no time."""
    if moment.parameters is None or record.state in {State.RUNNING, State.QUEUED}:
        return moment.samples
    vocab_size = len(record.corpus.vocabulary)
    model = MLP(record.config.model, vocab_size, moment.parameters)
    return live_samples(model, record.corpus)


def _moments(parts: Mapping[str, bytes]) -> tuple[Moment, ...]:
    arrays = checking.arrays_in(parts["moments"])
    shape = tuple(arrays["shape"].tolist())
    tables = np.ascontiguousarray(arrays["planes"].T).view("<f4").reshape(shape)
    tables = tables.astype(np.float32)
    tables.flags.writeable = False
    samples = json.loads(arrays["samples"].tobytes())
    each = zip(arrays["steps"].tolist(), arrays["rates"].tolist(), tables, samples, strict=True)
    return tuple(Moment(step, lr, C, None, tuple(texts)) for step, lr, C, texts in each)


def _state_arrays(state: SavedState) -> Arrays:
    loop, train = state.loop, state.loop.state
    n_steps, width, sums, lows, highs = state.losses.bins()
    about = {
        "step": train.step,
        "rates": loop.rates,
        "evaluated_step": loop.evaluated_step,
        "last_loss": loop.last_loss,
        "bins": [n_steps, width],
    }
    return {
        "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        "generator": train.batches.generator().get_state().numpy(),
        "mask_generator": train.mask_generator.get_state().numpy(),
        "sums": sums,
        "lows": lows,
        "highs": highs,
        **{
            f"optimiser.{name}": tensor.detach().numpy()
            for name, tensor in train.optimiser_state.items()
        },
    }


def _rates(about: Any) -> tuple[tuple[int, float], ...]:
    """Changes of the rate, each of which is one that could be made."""
    rates = tuple((int(step), LrSchedule(base_lr=lr).base_lr) for step, lr in about)
    expect(all(step >= 0 for step, _ in rates))
    return rates


def _kinds(tensors: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {name: (tensor.dtype, *tensor.shape) for name, tensor in tensors.items()}


def _generator(state: NDArray[np.uint8]) -> torch.Generator:
    generator = torch.Generator()
    generator.set_state(torch.from_numpy(state.copy()))
    return generator


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
