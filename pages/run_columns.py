"""The columns of kept runs: results and settings, with their words and how they're written."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from core.config import RunConfig
from core.errors import shown
from core.runs import ListedRun, RunRecord, SavedRun
from core.runs.store import RESULTS, StoredRun, is_setting, reference_of
from core.settings import Logarithmic, Number, Seed, Setting, settings_of

MOST = 1e300  # of any quantity that is a value and no damage
OTHERS = {
    "validation_loss": "Validation",
    "new_validation_loss": "Validation, new only",
    "training_loss": "Training",
    "all_loss": "All",
    "mixed_loss": "With counts",
    "test_loss": "Test",
    "new_test_loss": "Test, new only",
    "step": "Steps taken",
    "n_parameters": "Weights",
    "seconds": "Seconds",
    "state": "State",
    "data": "Data",
    "started_at": "Started",
    "number": "Number",
    "name": "Name",
    "is_starred": "Star",
}
OF_REPEATS = {"new_validation_loss", "new_test_loss"}  # shown where some run has them
OF_THE_LOSSES = ("train_on", "seed")  # settings that are said beside any losses
SHOWN_AT_FIRST = (
    "state",
    "validation_loss",
    "new_validation_loss",
    "training_loss",
    "step",
    "base_lr",
    "block_size",
    "n_embd",
    "n_hidden",
    "batch_size",
    *OF_THE_LOSSES,
    "data",
    "started_at",
)
SORTABLE = ("started_at", *RESULTS, "name", "number", "data", "state", "is_starred")


@cache
def settings() -> dict[str, Setting]:
    """The settings of a run by their keys."""
    return {known.key: known for known in settings_of(RunConfig)}


def is_seed(key: str) -> bool:
    """Whether a setting only says which random numbers are taken."""
    return isinstance(settings()[key].kind, Seed)


def label(column: str) -> str:
    """What a column is called.

    >>> label("n_hidden"), label("validation_loss")
    ('Hidden units H', 'Validation')
    """
    return settings()[column].label if is_setting(column) else OTHERS[column]


def is_number(column: str) -> bool:
    """Whether it is a quantity, which can be more or less."""
    if is_setting(column):
        known = settings()[column]
        return isinstance(known.kind, Number) or isinstance(known.default, float)
    return column in RESULTS


def is_log(column: str, values: Sequence[float | str | None]) -> bool:
    """Whether a logarithmic scale suits it."""
    numbers = [value for value in values if isinstance(value, int | float)]
    if not numbers or min(numbers) <= 0:
        return False
    kind = settings()[column].kind if is_setting(column) else None
    declared = isinstance(kind, Logarithmic) or bool(getattr(kind, "is_logarithmic", False))
    return declared or column in {"n_parameters", "seconds", "step"}


def plotted(run: StoredRun, column: str) -> float | str | None:
    """A value as an axis takes it."""
    value = run.value(column)
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    number = quantity(value)
    return words(run, column) if number is None else number


def quantity(value: Any) -> float | None:
    """A value as a number; None where it is none, or none that a table or an axis takes."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < MOST else None  # nor is nan


def words(run: StoredRun, column: str) -> str:
    """A value as a visitor reads it; a dash where there is none."""
    value = run.value(column)
    if value is None:
        return "–"
    if is_setting(column):
        document = "sentence" if run.unit == "word" else "name"
        return _words_of(settings()[column], value).replace("{document}", document)
    written: Mapping[str, Callable[[Any], str]] = {
        "started_at": date,
        "step": "{:,}".format,
        "n_parameters": "{:,}".format,
        "seconds": "{:.1f}".format,
    }
    if column in written:
        return written[column](value)
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _words_of(setting: Setting, value: Any) -> str:
    try:
        return setting.kind.label(setting.kind.from_json(value))
    except (TypeError, ValueError, KeyError, OverflowError):  # no value of it: the row is damaged
        return shown(value)


def date(seconds: float) -> str:
    """A moment in UTC.

    >>> date(0)
    '1970-01-01 00:00'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def differing(runs: Sequence[StoredRun]) -> list[str]:
    """The settings that these runs don't all have alike."""
    return [key for key in settings() if len({repr(run.settings.get(key)) for run in runs}) > 1]


def changed(
    mine: Mapping[str, Any], theirs: Mapping[str, Any], but: Container[str]
) -> list[tuple[str, str, str]]:
    """The settings that two runs don't have alike: label, value, and the other's value."""
    return [
        (label(key), settings()[key].kind.label(value), settings()[key].kind.label(theirs[key]))
        for key, value in mine.items()
        if key not in but and value != theirs[key]
    ]


def is_same_data(one: ListedRun, other: ListedRun) -> bool:
    """Whether their losses can be compared; a text that was read twice is the same."""
    if isinstance(one, RunRecord) and isinstance(other, RunRecord) and one.corpus is other.corpus:
        return True
    # The hash of a long text takes a moment, and is seldom needed to tell two apart.
    is_alike = one.unit == other.unit and one.data[:200] == other.data[:200]
    return is_alike and _reference(one) == _reference(other)


def _reference(run: ListedRun) -> str:
    return run.reference if isinstance(run, SavedRun) else reference_of(run.corpus)
