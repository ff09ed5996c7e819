"""Runs as tables: the curve of one, and many of them a row each with their settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.config import RUN_SETTINGS
from core.runs.codec.rows import StoredRun
from core.runs.codec.values import plain
from core.runs.record import RunRecord

Table = dict[str, list[Any]]  # column by column, all equally long
_COLUMNS = {
    "run": "number",
    "name": "title",
    "state": "state",
    "data": "data",
    "training_loss": "training_loss",
    "validation_loss": "validation_loss",
    "new_validation_loss": "new_validation_loss",
    "loss_over_all": "all_loss",
    "mixed_loss": "mixed_loss",
    "test_loss": "test_loss",
    "new_test_loss": "new_test_loss",
    "test_looks": "n_test_looks",
    "step": "step",
    "n_parameters": "n_parameters",
    "seconds": "seconds",
    "engine_used": "engine",
}


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
    return _table([_row(record, record.config.to_settings()) for record in records])


def stored_table(runs: Sequence[StoredRun]) -> Table:
    """Stored runs a row each, in the columns of `runs_table` and with what was written to them."""
    return _table(
        [
            _row(run, run.settings)
            | {
                "note": run.note,
                "tags": ", ".join(run.tags),
                "star": run.is_starred,
                "search": run.search,
            }
            for run in runs
        ]
    )


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}


def _row(run: RunRecord | StoredRun, settings: Mapping[str, Any]) -> dict[str, Any]:
    started_at = run.started_at
    if not isinstance(started_at, datetime):
        started_at = datetime.fromtimestamp(started_at, UTC)
    # The seed of the batches follows where it isn't given; an earlier run may lack other settings.
    settings = {"batch_seed": settings.get("seed"), **settings}
    return {
        **{column: plain(getattr(run, name)) for column, name in _COLUMNS.items()},
        "started_at": started_at.isoformat(),
        **{
            known.key: _cell(known.kind.from_json(settings.get(known.key)))
            for known in RUN_SETTINGS
        },
    }


def _cell(value: Any) -> Any:
    """A tuple of steps as it is in a link: one type a column."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else value
