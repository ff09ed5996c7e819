"""All that is known of a run but its weights, as plain values, and back again with every check."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np

from core.config import RunConfig
from core.errors import CheckpointError, ConfigError
from core.learning import Divergence, Evaluation, FinalLosses, Floats, LossCurve, MixedLoss
from core.runs.record import ENDED, RunRecord, State, Weights
from core.text import Corpus

FORMAT = "namesmith run 1"
MOST_BINS = 4_096
MOST_POINTS = 10_000  # evaluations, or changes of the rate
MOST_LETTERS = 400  # of a name or a message
MOST = 1e15
NOT_OURS = "This isn’t a run that Namesmith saved, or it was damaged on its way"


def about(record: RunRecord) -> dict[str, Any]:
    """A run's settings and results as JSON has them; what is no finite number becomes null."""
    curve = record.curve
    known: dict[str, Any] = _finite(
        {
            "format": FORMAT,
            "run": record.run_id,
            "name": record.name,
            "state": record.state.value,
            "started_at": record.started_at.astimezone(UTC).isoformat(),
            "ended_at": record.ended_at.astimezone(UTC).isoformat() if record.ended_at else None,
            "seconds": record.seconds,
            "engine": record.engine,
            "step": record.step,
            "steps": record.steps,
            "n_parameters": record.parameters.n_parameters,
            "data": {
                "name": record.corpus.name,
                "unit": record.corpus.unit,
                "documents": len(record.corpus),
                "tokens": len(record.corpus.vocabulary),
                "sha256": fingerprint(record.corpus),
            },
            "settings": record.config.to_settings(),
            "results": {
                "training_loss": record.training_loss,
                "validation_loss": record.validation_loss,
                "final": asdict(record.final) if record.final else None,
                "mixed": asdict(record.mixed) if record.mixed else None,
                "test_loss": record.test_loss,
                "mixed_test_loss": record.mixed_test_loss,
                "n_test_looks": record.n_test_looks,
            },
            "evaluations": [asdict(evaluation) for evaluation in record.evaluations],
            "rate_changes": [list(change) for change in record.rate_changes],
            "divergence": asdict(record.divergence) if record.divergence else None,
            "curve": {
                "n_steps": curve.n_steps,
                "width": curve.width,
                "mean": _short(curve.mean),
                "low": _short(curve.low),
                "high": _short(curve.high),
            },
            "error": record.error,
            "versions": dict(record.versions),
        }
    )
    return known


def as_json(record: RunRecord) -> str:
    """`about` as a text to read."""
    return json.dumps(about(record), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def record_of(known: Any, corpus: Corpus, weights: Weights) -> RunRecord:
    """The run that `about` told of, which nothing can move any more; its number is 0.

    Raises:
        CheckpointError: if something in it cannot be; the text says what.
    """
    config, results = config_of(known), _mapping(known.get("results"), "results")
    curve = _curve(_mapping(known.get("curve"), "curve"))
    step = _whole(known.get("step"), "step", 0, config.training.steps)
    if curve.n_steps != step:
        raise CheckpointError(f"Its curve has {curve.n_steps:,} steps, but the run took {step:,}.")
    stated = _text(known.get("state"), "state")
    ended = stated in {state.value for state in ENDED}
    engine = known.get("engine")
    try:
        return RunRecord(
            run_id=0,
            state=State(stated) if ended else State.STOPPED,
            config=config,
            corpus=corpus,
            engine="autograd" if engine == "autograd" else "fused",
            weights=weights,
            step=step,
            curve=curve,
            started_at=datetime.fromisoformat(_text(known.get("started_at"), "start")),
            ended_at=_moment(known.get("ended_at")),
            seconds=_number(known.get("seconds"), "number of seconds"),
            evaluations=tuple(map(_evaluation, _rows(known.get("evaluations"), "evaluations"))),
            rate_changes=tuple(map(_rate_change, _rows(known.get("rate_changes"), "rates"))),
            final=_of(FinalLosses, results.get("final"), optional={"all"}),
            mixed=_of(MixedLoss, results.get("mixed"), whole={"order"}),
            divergence=_of(
                Divergence,
                known.get("divergence"),
                optional={"loss"},
                whole={"step", "good_step"},
            ),
            test_loss=_perhaps(results.get("test_loss"), "test loss"),
            mixed_test_loss=_perhaps(results.get("mixed_test_loss"), "test loss"),
            n_test_looks=_whole(
                results.get("n_test_looks"), "number of looks at the test", 0, 10**9
            ),
            name=_text(known.get("name"), "name"),
            error=_text(known.get("error"), "error"),
            versions={
                str(name)[:40]: str(version)[:40]
                for name, version in list(_mapping(known.get("versions"), "versions").items())[:20]
            },
        )
    except CheckpointError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        raise CheckpointError(f"{NOT_OURS}: {error}.") from error


def config_of(known: Any) -> RunConfig:
    """The settings of such a run.

    Raises:
        CheckpointError: if it is none, or one of its settings cannot be.
    """
    if not isinstance(known, dict) or known.get("format") != FORMAT:
        raise CheckpointError(f"{NOT_OURS}: it does not state the format {FORMAT!r}.")
    try:
        return RunConfig.from_settings(_mapping(known.get("settings"), "settings"))
    except (ConfigError, OverflowError) as error:
        raise CheckpointError(f"Its settings can’t be used: {error}.") from error


def fingerprint(corpus: Corpus) -> str:
    """The same for the same documents, tokens and split, and for no others."""

    def taken() -> str:
        text = json.dumps([corpus.vocabulary.itos, corpus.unit, corpus.vocabulary.rare])
        found = hashlib.sha256(text.encode())
        for numbers in (corpus.ids, corpus.ends, *corpus.parts):
            found.update(np.ascontiguousarray(numbers, dtype="<i8").tobytes())
        return found.hexdigest()

    return corpus.memo.get(fingerprint, (), taken, most=1)


def _short(values: Floats) -> list[float]:
    """The shortest decimals that read back as the same float32."""
    return [float(str(value)) for value in values]


def _finite(value: Any) -> Any:
    """The same value with None in place of each number that isn't finite."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _curve(known: Mapping[str, Any]) -> LossCurve:
    width = _whole(known.get("width"), "width of the curve's bins", 1, 2**40)
    n_steps = _whole(known.get("n_steps"), "number of the curve's steps", 0, 10**12)
    n_bins = -(-n_steps // width)
    if width & (width - 1) or n_bins > MOST_BINS:
        raise CheckpointError(f"{NOT_OURS}: its curve has impossible bins.")
    parts = []
    for name in ("mean", "low", "high"):
        values = _rows(known.get(name), "losses")
        if len(values) != n_bins:
            raise CheckpointError(f"{NOT_OURS}: its curve isn’t as long as it says.")
        numbers = [_number(value, "loss in the curve") for value in values]
        part = np.array(numbers, dtype=np.float32)
        part.flags.writeable = False
        parts.append(part)
    return LossCurve(n_steps, width, *parts)


def _evaluation(known: Any) -> Evaluation:
    row = _mapping(known, "evaluations")
    return Evaluation(
        step=_whole(row.get("step"), "step", 0, 10**12),
        val_loss=_number(row.get("val_loss"), "validation loss"),
        is_whole=row.get("is_whole") is not False,
    )


def _rate_change(known: Any) -> tuple[int, float]:
    if not isinstance(known, list) or len(known) != 2:
        raise CheckpointError(f"{NOT_OURS}: a change of its rate isn’t a step and a rate.")
    return _whole(known[0], "step", 0, 10**12), _number(known[1], "learning rate")


def _of(
    kind: type[Any], known: Any, *, optional: Collection[str] = (), whole: Collection[str] = ()
) -> Any:
    """A dataclass of numbers, or None."""
    if known is None:
        return None
    row = _mapping(known, kind.__name__)
    values: dict[str, float | None] = {}
    for name in kind.__dataclass_fields__:
        if name in whole:
            values[name] = _whole(row.get(name), name, 0, 10**12)
        elif row.get(name) is not None or name not in optional:
            values[name] = _number(row.get(name), name)
        else:
            values[name] = math.nan if kind is Divergence else None
    return kind(**values)


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise CheckpointError(f"{NOT_OURS}: it holds no {what}.")
    return value


def _rows(value: Any, what: str) -> Sequence[Any]:
    if not isinstance(value, list) or len(value) > MOST_POINTS:
        raise CheckpointError(f"{NOT_OURS}: its list of {what} isn’t valid.")
    return value


def _text(value: Any, what: str) -> str:
    is_text = isinstance(value, str) and len(value) <= MOST_LETTERS
    if not is_text or any(0xD800 <= ord(c) < 0xE000 for c in value):
        raise CheckpointError(f"{NOT_OURS}: its {what} isn’t valid.")
    return str(value)


def _moment(value: Any) -> datetime | None:
    return None if value is None else datetime.fromisoformat(_text(value, "end"))


def _whole(value: Any, what: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise CheckpointError(
            f"Its {what} isn’t valid: it must be a whole number from {low:,} to {high:,}."
        )
    return value


def _number(value: Any, what: str) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not -MOST <= value <= MOST:  # nan too
        raise CheckpointError(f"Its {what} isn’t valid: it must be a finite number.")
    return float(value)


def _perhaps(value: Any, what: str) -> float | None:
    return None if value is None else _number(value, what)
