"""All that is known of a run but its weights, as plain values, and back again with every check."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import Any

from core.config import RunConfig
from core.errors import CheckpointError, ConfigError
from core.learning import LossCurve
from core.runs.codec.corpora import fingerprint
from core.runs.codec.curves import checked_curve
from core.runs.codec.records import BESIDE_ROW, record_from
from core.runs.codec.values import mapping, plain, read, types_of
from core.runs.record import LOOKS, RunFigures, RunRecord, State, Weights
from core.text import Corpus

FORMAT = "namesmith run 1"
NOT_OURS = "This isn’t a run that Namesmith saved, or it was damaged on its way"
_RESULTS = ("training_loss", "validation_loss", "new_validation_loss", "final", "mixed", *LOOKS)


def about(record: RunRecord) -> dict[str, Any]:
    """A run's settings and results as JSON has them; what is no finite number becomes null."""

    def told(*names: str) -> dict[str, Any]:
        return {name: plain(getattr(record, name)) for name in names}

    corpus = record.corpus
    return {
        "format": FORMAT,
        "run": record.run_id,
        **told(*(name for name in types_of(RunFigures) if name not in {"key", *LOOKS})),
        **told("steps", "n_parameters"),
        "data": {
            "name": corpus.name,
            "unit": corpus.unit,
            "documents": len(corpus),
            "tokens": len(corpus.vocabulary),
            "sha256": fingerprint(corpus),
        },
        "settings": plain(record.config.to_settings()),
        "results": told(*_RESULTS),
        **told(*(name for name in BESIDE_ROW if name not in _RESULTS)),
        "curve": plain(record.curve),
    }


def as_json(record: RunRecord) -> str:
    """`about` as a text to read."""
    return json.dumps(about(record), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def record_of(known: Any, corpus: Corpus, weights: Weights) -> RunRecord:
    """The run that `about` told of, which nothing can move any more; its number is 0.

    Raises:
        CheckpointError: if something in it has an invalid value; the text says what.
    """
    config = config_of(known)
    try:
        results = mapping(known.get("results"), "results")
        # Its key is a new one, as the same file may be brought back twice.
        values = {**known, **results, "run_id": 0, "key": uuid.uuid4().hex}
        curve = checked_curve(read(LossCurve, known.get("curve"), "curve"))
        found = record_from(values, config, corpus, weights, curve)
        if curve.n_steps != found.step:
            raise CheckpointError(
                f"its curve has {curve.n_steps:,} steps, but the run took {found.step:,}"
            )
    except (CheckpointError, ConfigError) as error:
        raise CheckpointError(f"{NOT_OURS}: {error}.") from error
    return found if found.has_ended else replace(found, state=State.STOPPED)


def config_of(known: Any) -> RunConfig:
    """The settings of such a run.

    Raises:
        CheckpointError: if it is none, or one of its settings has an invalid value.
    """
    if not isinstance(known, dict) or known.get("format") != FORMAT:
        raise CheckpointError(f"{NOT_OURS}: it does not state the format {FORMAT!r}.")
    try:
        return RunConfig.from_settings(mapping(known.get("settings"), "settings"))
    except (ConfigError, OverflowError) as error:
        raise CheckpointError(f"Its settings can’t be used: {error}.") from error
