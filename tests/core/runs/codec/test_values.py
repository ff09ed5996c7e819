"""Values of a run come back by their types, in rows and files alike, or are refused."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.config import EngineName
from core.errors import ConfigError
from core.learning import Divergence, Evaluation, FinalLosses, LossCurve, MixedLoss
from core.runs import State
from core.runs.codec.rows import row_of
from core.runs.codec.values import plain, read, types_of
from core.runs.files.about import about
from core.runs.files.run_file import from_bytes, to_bytes
from core.runs.record import RunFigures
from core.runs.store.schema import RUNS
from core.text import Question
from tests.core.runs.files.test_run_file import trained


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (int, 3),
        (float, 2.5),
        (float | None, None),
        (str, "été ☃"),
        (State, State.DIVERGED),
        (EngineName, "fused"),
        (datetime, datetime(2003, 2, 1, 12, 30, 1, 5, tzinfo=UTC)),
        (tuple[tuple[int, float], ...], ((9, 0.02), (17, 0.1))),
        (tuple[Evaluation, ...], (Evaluation(0, 3.5), Evaluation(9, 2.5, False))),
        (FinalLosses | None, FinalLosses(2.0, 2.25, None)),
        (MixedLoss, MixedLoss(0.5, 2.0, 5)),
        (Divergence, Divergence(31, 10.0, 30, 2.5)),
        (Question, Question("the cat", ("sat", "ran"), True)),
        (Mapping[str, str], {"torch": "2.13"}),
    ],
)
def test_a_value_comes_back_as_it_was(kind: Any, value: Any) -> None:
    assert read(kind, json.loads(json.dumps(plain(value), allow_nan=False)), "it") == value


@pytest.mark.parametrize(
    ("kind", "value", "complaint"),
    [
        (int, True, "it must be a whole number"),
        (int, -1, "it must be a whole number"),
        (int, 10**400, "it must be a whole number"),
        (float, math.nan, "it must be a number"),
        (float, "2", "it must be a number"),
        (bool, 1, "it must be on or off"),
        (str, None, "it must be a text"),
        (str, "\ud800", "it must be a text"),
        (State, "lost", "it must be one of idle"),
        (State, ["idle"], "it must be one of idle"),
        (EngineName, "steam", "it must be one of fused, sampled, autograd"),
        (datetime, 5, "it must be a date"),
        (tuple[int, ...], {"0": 1}, "it must be a list"),
        (tuple[int, ...], [0] * 10_001, "it must be a list of at most 10,000"),
        (tuple[int, float], [1], "it must be a list of 2"),
        (Evaluation, {"val_loss": 2.0}, "it.step must be a whole number .*, got None"),
        (Evaluation, [1, 2.0], "it must be a mapping"),
        (MixedLoss, {"weight": "x", "loss": 2.0}, "it.weight must be a number"),
        (LossCurve, {"n_steps": 1, "width": 1, "mean": [None]}, "it.mean must be a number"),
        (Mapping[str, str], {"torch": 2}, "it.torch must be a text"),
    ],
)
def test_what_is_no_value_of_its_type_is_refused_by_its_name(
    kind: Any, value: Any, complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read(kind, value, "it")


def test_a_figure_of_a_run_is_in_its_row_and_its_file() -> None:
    figures = set(types_of(RunFigures))
    record = trained()
    assert figures <= row_of(record, has_state=False).keys()
    assert figures <= set(RUNS.c.keys())
    told = about(record)
    assert figures - {"key"} <= told.keys() | told["results"].keys()


def test_a_run_whose_losses_are_not_finite_comes_back() -> None:
    record = trained()
    assert record.final is not None
    lost = replace(record, final=replace(record.final, val=math.nan, all=math.inf))
    back = from_bytes(to_bytes(lost)).final
    assert back is not None
    assert (back.train, math.isnan(back.val), back.all) == (record.final.train, True, None)
