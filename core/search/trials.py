"""Runs of a search as Optuna's trials, and back: what a database keeps of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.config import RunConfig
from core.errors import StoreError
from core.jobs import TrialResult
from core.loading import load
from core.runs import RunRecord
from core.search.config import Range, SearchConfig
from core.search.snapshot import Fate, SearchRun
from core.settings import Number, Whole, setting_of, settings_of

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

_PLAIN = (*(known.key for known in settings_of(SearchConfig)), "seed")
_DAMAGED = "What was kept of this search is damaged."


def trial_of(config: SearchConfig, run: SearchRun) -> FrozenTrial:
    """A run that has ended as a trial that is over; numbers and words of it as attributes."""
    trial = load("optuna").trial
    state = trial.TrialState
    states = {Fate.FINISHED: state.COMPLETE, Fate.HOPELESS: state.PRUNED}
    found: FrozenTrial = trial.create_trial(
        state=states.get(run.fate, state.FAIL),
        value=run.loss if run.fate is Fate.FINISHED else None,
        params={each.key: held(each, run.values[each.key]) for each in config.ranges},
        distributions={each.key: distribution(each) for each in config.ranges},
        intermediate_values=dict(enumerate(run.looks)),
        user_attrs={
            "number": run.number,
            "fate": run.fate.value,
            "complaint": run.complaint,
            "answers": [
                {
                    "loss": None if answer.is_diverged else answer.loss,
                    "seconds": answer.seconds,
                    "run": answer.run.key if answer.run else "",
                }
                for answer in run.answers
            ],
        },
    )
    return found


def run_of(
    config: SearchConfig, trial: FrozenTrial, records: Mapping[str, RunRecord] | None = None
) -> SearchRun:
    """The run that `trial_of` told of, with those of its records that are at hand.

    Raises:
        StoreError: if it is damaged.
    """
    try:
        about = trial.user_attrs
        values = {each.key: value(each, trial.params[each.key]) for each in config.ranges}
        answers = tuple(
            TrialResult(
                config.config_of(values, place),
                float("nan") if answer["loss"] is None else float(answer["loss"]),
                answer["loss"] is None,
                float(answer["seconds"]),
                (records or {}).get(answer["run"]),
            )
            for place, answer in enumerate(about["answers"])
        )
        looks = tuple(trial.intermediate_values[at] for at in sorted(trial.intermediate_values))
        return SearchRun(
            int(about["number"]),
            values,
            Fate(about["fate"]),
            answers,
            looks,
            str(about["complaint"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(_DAMAGED, is_passing=False) from error


def search_to_json(config: SearchConfig) -> dict[str, Any]:
    """What a search tries, as JSON."""
    return {
        "run": config.run.to_settings(),
        "ranges": [
            {
                "key": each.key,
                "low": each.low,
                "high": each.high,
                "options": [each.setting.kind.write(option) for option in each.options],
            }
            for each in config.ranges
        ],
        **{name: getattr(config, name) for name in _PLAIN},
    }


def search_from_json(known: Mapping[str, Any]) -> SearchConfig:
    """What `search_to_json` wrote.

    Raises:
        StoreError: if this version has no such settings.
    """
    try:
        ranges = tuple(
            Range(
                key=each["key"],
                low=each["low"],
                high=each["high"],
                options=tuple(map(setting_of(RunConfig, each["key"]).parse, each["options"])),
            )
            for each in known["ranges"]
        )
        plain = {name: known[name] for name in _PLAIN if name in known}
        return SearchConfig(run=RunConfig.from_settings(known["run"]), ranges=ranges, **plain)
    except (KeyError, TypeError, ValueError) as error:  # a ConfigError too
        raise StoreError(f"This search can’t be used here: {error}", is_passing=False) from error


def distribution(each: Range) -> BaseDistribution:
    """A range as Optuna has it."""
    distributions = load("optuna").distributions
    found: BaseDistribution
    if each.options:
        found = distributions.CategoricalDistribution([held(each, o) for o in each.options])
    elif isinstance(each.setting.kind, Whole):
        found = distributions.IntDistribution(each.low, each.high, log=each.is_logarithmic)
    else:
        found = distributions.FloatDistribution(each.low, each.high, log=each.is_logarithmic)
    return found


def held(each: Range, value: Any) -> Any:
    """A value as Optuna and a database can hold it."""
    return each.setting.kind.write(value) if each.options else value


def value(each: Range, held_: Any) -> Any:
    """The value of a setting, to three digits where it is a real number."""
    if each.options:
        return {held(each, option): option for option in each.options}[held_]
    if isinstance(each.setting.kind, Whole) or not isinstance(each.setting.kind, Number):
        return held_
    return min(each.high, max(each.low, float(f"{held_:.3g}")))
