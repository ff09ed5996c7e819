"""Optuna's part: which settings to try next, and which runs are hopeless."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Sequence
from itertools import product
from typing import Any

from core.loading import load
from core.search.config import SearchConfig
from core.search.snapshot import SearchRun
from core.search.trials import distribution, held, trial_of, value

STARTUP_RUNS = 8  # at random, before any rule has something to go by


class Study:
    """What Optuna knows of one search; it may be asked and told from any thread."""

    def __init__(self, config: SearchConfig, known: Sequence[SearchRun] = ()) -> None:
        """Make it, in this process's memory: what asks it must not wait for a database.

        Args:
            config: what is searched.
            known: runs that have ended before.
        """
        optuna = load("optuna")  # takes most of a second, so only who searches waits for it
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._optuna = optuna
        self._ranges = {each.key: each for each in config.ranges}
        self._distributions = {each.key: distribution(each) for each in config.ranges}
        seed = config.seed + len(known)  # or it would say again what it has said
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            sampler: Any = (
                optuna.samplers.TPESampler(
                    seed=seed,
                    n_startup_trials=STARTUP_RUNS,
                    multivariate=True,
                    constant_liar=True,  # several runs go on at once
                )
                if config.how == "tpe"
                else optuna.samplers.RandomSampler(seed=seed)
            )
        pruner: Any = (
            optuna.pruners.MedianPruner(n_startup_trials=STARTUP_RUNS)
            if config.is_pruned
            else optuna.pruners.NopPruner()
        )
        self._study = optuna.create_study(sampler=sampler, pruner=pruner)
        self._study.add_trials([trial_of(config, run) for run in known])
        self._numbers = itertools.count(1 + max((run.number for run in known), default=-1))
        self._asked: dict[int, Any] = {}
        if config.how == "grid":
            tried = [dict(run.values) for run in known]
            for values in product(*config.grid):
                named = dict(zip(self._ranges, values, strict=True))
                if named not in tried:
                    self._study.enqueue_trial(
                        {key: held(self._ranges[key], value) for key, value in named.items()}
                    )

    def ask(self) -> tuple[int, dict[str, Any]]:
        """A number and the values to try next."""
        trial = self._study.ask(self._distributions)
        number = next(self._numbers)
        self._asked[number] = trial
        return number, {key: value(self._ranges[key], it) for key, it in trial.params.items()}

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
