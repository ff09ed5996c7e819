"""Our own run of the paper's experiments, as the script that makes it has written it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

RESULTS_FILE = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Losses:
    """Perplexities of one model on the two parts that it did not learn from."""

    val: float
    test: float


@dataclass(frozen=True)
class ModelResult:
    """A network that was trained to its end.

    Attributes:
        train: perplexity of training; None where it was not taken.
        epochs: times through the training text.
        seconds: that training took.
        curve: step, and the validation loss after it in nats.
        weight: of the network in its mixture with the trigram; None where it is alone.
    """

    train: float | None
    val: float
    test: float
    epochs: int
    seconds: float
    curve: tuple[tuple[int, float], ...]
    weight: float | None


@dataclass(frozen=True)
class PaperRun:
    """All that was measured by now.

    Attributes:
        machine: on which it ran; empty where no network has.
        date: of the last run.
        n_types: of the vocabulary.
        baselines: of counting, by name.
        models: by the paper's names; those that were not run are missing.
    """

    machine: str
    date: str
    n_types: int
    n_train: int
    n_val: int
    n_test: int
    baselines: Mapping[str, Losses]
    models: Mapping[str, ModelResult]

    def test_of(self, name: str) -> float | None:
        """Test perplexity of a network, or None where it was not run."""
        return self.models[name].test if name in self.models else None


def load_results(file: Path = RESULTS_FILE) -> PaperRun:
    """Read what was measured."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    corpus = found["corpus"]
    return PaperRun(
        machine=found["machine"],
        date=found["date"],
        n_types=corpus["types"],
        n_train=corpus["train"],
        n_val=corpus["val"],
        n_test=corpus["test"],
        baselines={name: Losses(**both) for name, both in found["baselines"].items()},
        models={name: _model(result) for name, result in found["models"].items()},
    )


def _model(result: Mapping[str, Any]) -> ModelResult:
    curve = tuple((int(step), float(loss)) for step, loss in result.get("curve", ()))
    names = {each.name for each in fields(ModelResult)}
    known: dict[str, Any] = {name: value for name, value in result.items() if name in names}
    return ModelResult(**{"train": None, "weight": None} | known | {"curve": curve})
