"""Optuna's part: which settings to try next, which runs are hopeless, and what mattered."""

from __future__ import annotations

import math
import warnings
from itertools import product
from typing import Any

from core.config import Number, Whole
from core.search.config import Range, SearchConfig

STARTUP_RUNS = 8  # at random, before any rule has something to go by
LEAST_FOR_IMPORTANCE = 10  # finished runs


class Study:
    """What Optuna knows of one search; it may be asked and told from any thread."""

    def __init__(self, config: SearchConfig, url: str | None = None) -> None:
        """Make it.

        Args:
            config: what is searched.
            url: of a database that keeps it; this process's memory without one.
        """
        import optuna  # takes most of a second, so only who searches waits for it

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._optuna = optuna
        self._ranges = {each.key: each for each in config.ranges}
        self._distributions = {each.key: _distribution(each) for each in config.ranges}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            sampler: Any = (
                optuna.samplers.TPESampler(
                    seed=config.seed,
                    n_startup_trials=STARTUP_RUNS,
                    multivariate=True,
                    constant_liar=True,  # several runs go on at once
                )
                if config.how == "tpe"
                else optuna.samplers.RandomSampler(seed=config.seed)
            )
        pruner: Any = (
            optuna.pruners.MedianPruner(n_startup_trials=STARTUP_RUNS)
            if config.is_pruned
            else optuna.pruners.NopPruner()
        )
        self._study = optuna.create_study(storage=storage(url), sampler=sampler, pruner=pruner)
        self._asked: dict[int, Any] = {}
        if config.how == "grid":
            for values in product(*config.grid):
                self._study.enqueue_trial(
                    {key: _held(each, v) for (key, each), v in self._pairs(values)}
                )

    def ask(self) -> tuple[int, dict[str, Any]]:
        """A number and the values to try next."""
        trial = self._study.ask(self._distributions)
        self._asked[trial.number] = trial
        values = {key: _value(self._ranges[key], held) for key, held in trial.params.items()}
        return trial.number, values

    def is_hopeless(self, number: int, look: int, loss: float) -> bool:
        """Note the loss of a run at its look-th look, from 0; whether it may as well end."""
        trial = self._asked[number]
        trial.report(loss, look)
        return bool(trial.should_prune())

    def tell(self, number: int, loss: float) -> None:
        """A run ended with this loss, nan where it has none."""
        trial = self._asked.pop(number)
        if math.isfinite(loss):
            self._study.tell(trial, loss)
        else:
            self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)

    def prune(self, number: int) -> None:
        """A run was ended early, as it was hopeless."""
        self._study.tell(self._asked.pop(number), state=self._optuna.trial.TrialState.PRUNED)

    def put_back(self, number: int) -> None:
        """A run was stopped: its values are the next to be asked for."""
        trial = self._asked.pop(number)
        self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)
        self._study.enqueue_trial(trial.params)

    @property
    def pending(self) -> list[int]:
        """Numbers of the runs that were asked for and have no answer."""
        return list(self._asked)

    def importance(self) -> dict[str, float]:
        """How much of what sets good runs apart is each setting's, in all 1; empty too early.

        By PED-ANOVA (Watanabe et al. 2023), which asks how the settings of the better runs differ
        from those of all.
        """
        finished = self._study.get_trials(
            deepcopy=False, states=(self._optuna.trial.TrialState.COMPLETE,)
        )
        if len(finished) < LEAST_FOR_IMPORTANCE or len(self._ranges) < 2:
            return {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", self._optuna.exceptions.ExperimentalWarning)
            evaluator = self._optuna.importance.PedAnovaImportanceEvaluator()
        found = self._optuna.importance.get_param_importances(self._study, evaluator=evaluator)
        return {key: float(share) for key, share in found.items()}

    def _pairs(self, values: tuple[Any, ...]) -> Any:
        return zip(self._ranges.items(), values, strict=True)


def storage(url: str | None) -> Any:
    """Where Optuna keeps its studies: any SQLAlchemy URL, or None for this process's memory."""
    if url is None:
        return None
    from optuna.storages import RDBStorage

    return RDBStorage(url)


def _distribution(each: Range) -> Any:
    from optuna import distributions

    if each.options:
        return distributions.CategoricalDistribution([_held(each, o) for o in each.options])
    if isinstance(each.setting.kind, Whole):
        return distributions.IntDistribution(each.low, each.high, log=each.is_logarithmic)
    return distributions.FloatDistribution(each.low, each.high, log=each.is_logarithmic)


def _held(each: Range, value: Any) -> Any:
    """A value as Optuna and a database can hold it."""
    return each.setting.kind.write(value) if each.options else value


def _value(each: Range, held: Any) -> Any:
    """The value of a setting, to three digits where it is a real number."""
    if each.options:
        return {_held(each, option): option for option in each.options}[held]
    if isinstance(each.setting.kind, Whole) or not isinstance(each.setting.kind, Number):
        return held
    return min(each.high, max(each.low, float(f"{held:.3g}")))
