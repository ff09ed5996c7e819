"""What mattered: as Optuna computes it, and no more certain than luck allows."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import optuna
import pytest

from core.config import RunConfig
from core.jobs import TrialResult
from core.search import LEAST_RUNS, Fate, Range, SearchConfig, SearchRun
from core.search.config import How
from core.search.importance import importance
from core.search.study import Study
from core.search.trials import trial_of

RUN = RunConfig()
LR = Range(key="base_lr", low=0.01, high=1.0)
H = Range(key="n_hidden", low=8, high=512)
T = Range(key="block_size", low=1, high=8)
INIT = Range(key="init", options=("normal", "scaled", "small"))
IRRELEVANT = Range(key="dropout", low=0.0, high=0.6)
KNOWN = (LR, H, IRRELEVANT)


def search(ranges: Sequence[Range], **more: Any) -> SearchConfig:
    return SearchConfig(run=RUN, ranges=tuple(ranges), **more)


def searched(ranges: Sequence[Range], n_runs: int, seed: int) -> list[SearchRun]:
    """Runs by TPE, of a loss with a best rate and a best size; all else is irrelevant."""
    study = Study(search(ranges, n_runs=n_runs, seed=1000 + seed))
    rng, runs = np.random.default_rng(seed), []
    for _ in range(n_runs):
        number, values = study.ask()
        loss = 2.3 + 0.2 * math.log10(values["base_lr"] / 0.1) ** 2
        loss += 0.05 * math.log2(values["n_hidden"] / 100) ** 2 + rng.normal(0, 0.02)
        study.tell(number, loss)
        answer = TrialResult(RUN, loss, False, 0.0, None)
        runs.append(SearchRun(number, values, Fate.FINISHED, (answer,)))
    return runs


@pytest.mark.parametrize(("n_runs", "how"), [(50, "tpe"), (120, "tpe"), (50, "grid")])
def test_it_is_optunas(n_runs: int, how: How) -> None:
    ranges = (LR, H, T, INIT, IRRELEVANT)
    runs = searched(ranges, n_runs, seed=0)
    config = search(ranges, how=how)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study()
        study.add_trials([trial_of(config, run) for run in runs])
        evaluator = optuna.importance.PedAnovaImportanceEvaluator(evaluate_on_local=how == "grid")
        theirs = optuna.importance.get_param_importances(study, evaluator=evaluator)
    ours = importance(config, runs)
    assert {key: it.share for key, it in ours.items()} == pytest.approx(theirs, rel=1e-6)
    assert sum(it.share for it in ours.values()) == pytest.approx(1)
    assert all(0 <= it.low <= it.share <= it.high <= 1 for it in ours.values())


def test_it_is_silent_before_thirty_finished_runs() -> None:
    runs = searched(KNOWN, LEAST_RUNS, seed=1)
    lost = SearchRun(99, runs[0].values, Fate.DIVERGED)
    assert importance(search(KNOWN), [*runs[:-1], lost]) == {}
    assert set(importance(search(KNOWN), runs)) == {"base_lr", "n_hidden", "dropout"}
    assert importance(search((LR,)), runs) == {}


def test_it_depends_on_the_runs_and_not_on_their_order() -> None:
    runs = searched(KNOWN, 40, seed=2)
    assert importance(search(KNOWN), runs) == importance(search(KNOWN), runs[::-1])


def test_an_irrelevant_setting_seldom_comes_first_and_never_beyond_luck() -> None:
    n_first = 0
    for seed in range(10):
        found = importance(search(KNOWN), searched(KNOWN, LEAST_RUNS, seed))
        others = (found["base_lr"], found["n_hidden"])
        n_first += found["dropout"].share > max(it.share for it in others)
        assert found["dropout"].low < max(it.high for it in others)
    assert n_first <= 2
