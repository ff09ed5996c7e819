"""Runs as tables: the curve of one, and many of them a row each with their settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from core.config import RunConfig, settings_of
from core.runs.record import RunRecord

if TYPE_CHECKING:
    from core.runs.store import StoredRun

Table = dict[str, list[Any]]  # column by column, all equally long


def curve_table(record: RunRecord) -> Table:
    """The losses of a run by step: of the batches in bins, and of validation where it was taken.

    Columns: `step`, the bin's middle or the step of an evaluation; `training_loss`, the mean of
    the bin, with `lowest_batch` and `highest_batch`; `validation_loss`. What a row doesn't have is
    None.
    """
    curve = record.curve
    rows: list[tuple[float, Any, Any, Any, Any]] = [
        (float(step), float(mean), float(low), float(high), None)
        for step, mean, low, high in zip(
            curve.steps, curve.mean, curve.low, curve.high, strict=True
        )
    ]
    rows += [(float(at.step), None, None, None, at.val_loss) for at in record.evaluations]
    rows.sort(key=lambda row: row[0])
    names = ("step", "training_loss", "lowest_batch", "highest_batch", "validation_loss")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def runs_table(records: Sequence[RunRecord]) -> Table:
    """Runs a row each: what they reached, and every setting under its name in a link."""
    rows = [_row(record) for record in records]
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}


def stored_table(runs: Sequence[StoredRun]) -> Table:
    """Kept runs a row each, in the columns of `runs_table` and with what was written to them."""
    rows = [_stored_row(run) for run in runs]
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}


def _stored_row(run: StoredRun) -> dict[str, Any]:
    settings = dict(run.settings)
    settings.setdefault("batch_seed", settings.get("seed"))  # it follows where it isn't given
    return {
        "run": run.number,
        "name": run.title,
        "state": run.state,
        "data": run.data,
        "training_loss": run.training_loss,
        "validation_loss": run.validation_loss,
        "loss_over_all": run.all_loss,
        "mixed_loss": run.mixed_loss,
        "test_loss": run.test_loss,
        "test_looks": run.n_test_looks,
        "step": run.step,
        "n_parameters": run.n_parameters,
        "seconds": run.seconds,
        "engine_used": run.engine,
        "started_at": datetime.fromtimestamp(run.started_at, UTC).isoformat(),
        **{
            known.key: _cell(known.kind.from_json(settings.get(known.key)))
            for known in settings_of(RunConfig)
            if known.key in _all_settings()
        },
        "note": run.note,
        "tags": ", ".join(run.tags),
        "star": run.is_starred,
        "search": run.search,
    }


@cache
def _all_settings() -> frozenset[str]:
    """Those that today's runs have; a run of before may lack some."""
    return frozenset({*RunConfig().to_settings(), "batch_seed"})


def _row(record: RunRecord) -> dict[str, Any]:
    final, mixed = record.final, record.mixed
    settings = record.config.to_settings()
    settings.setdefault("batch_seed", settings["seed"])  # it follows where it isn't given
    return {
        "run": record.run_id,
        "name": record.title,
        "state": record.state.value,
        "data": record.corpus.name,
        "training_loss": record.training_loss,
        "validation_loss": record.validation_loss,
        "loss_over_all": final.all if final else None,
        "mixed_loss": mixed.loss if mixed else None,
        "test_loss": record.test_loss,
        "test_looks": record.n_test_looks,
        "step": record.step,
        "n_parameters": record.parameters.n_parameters,
        "seconds": record.seconds,
        "engine_used": record.engine,
        "started_at": record.started_at.isoformat(),
        **{
            known.key: _cell(settings[known.key])
            for known in settings_of(RunConfig)
            if known.key in settings
        },
    }


def _cell(value: Any) -> Any:
    """A tuple of steps as it is in a link: one type a column."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else value
