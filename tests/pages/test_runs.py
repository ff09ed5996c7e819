"""The runs of a session: what can be done with those that are picked, and training as one drags."""

from __future__ import annotations

import gc
import json
import weakref

import pytest

from core.config import RunConfig
from core.runs import State
from pages.charts.palette import TRAINING
from tests.pages.conftest import WORDS, Visitor, short


@pytest.fixture
def with_runs(visitor: Visitor) -> Visitor:
    """Three finished runs; the third is the current one."""
    for n_embd in (2, 3, 4):
        visitor.train(n_embd=n_embd)
    return visitor


def pick(visitor: Visitor, *rows: int) -> None:
    visitor.session_state["runs_table"] = {
        "selection": {"rows": list(rows), "columns": [], "cells": []}
    }
    visitor.draw()


def shown(visitor: Visitor) -> list[str]:
    names: list[str] = visitor.dataframe[0].value["Run"].tolist()
    return names


def columns(visitor: Visitor) -> list[str]:
    names: list[str] = visitor.dataframe[0].value.columns.tolist()
    return names


def settings_of(visitor: Visitor) -> tuple[int, int]:
    state = visitor.session_state
    return state["setting:n_embd"], state["setting:seed"]


def test_only_the_settings_that_differ_are_columns(visitor: Visitor) -> None:
    visitor.train(n_embd=2)
    always = ["Curve", "Run", "State", "Training", "Validation", "All", "Steps", "Seconds"]
    assert columns(visitor) == always[1:]  # colours tell apart, and there's one curve
    visitor.train(n_embd=3)
    assert columns(visitor) == [*always, "Embedding size D"]
    visitor.train(n_embd=3, init="scaled", base_lr=0.2)
    assert columns(visitor)[len(always) :] == [
        "Embedding size D",
        "Initial weights",
        "Learning rate",
    ]
    rows = visitor.dataframe[0].value
    assert rows["Embedding size D"].tolist() == [2, 3, 3]
    assert rows["Initial weights"].tolist() == ["N(0, 1)", "N(0, 1)", "Scaled"]


def test_losses_are_compared_with_the_baselines(with_runs: Visitor) -> None:
    with_runs.selectbox(key="baseline_run").set_value(2)
    with_runs.draw()
    rows = with_runs.dataframe[0].value
    first, baseline, third = with_runs.trainer.runs()
    assert first.validation_loss is not None
    assert baseline.validation_loss is not None
    assert third.validation_loss is not None
    differences = rows["Δ Validation"].tolist()
    assert differences[0] == pytest.approx(first.validation_loss - baseline.validation_loss)
    assert differences[2] == pytest.approx(third.validation_loss - baseline.validation_loss)
    assert rows["Δ Validation"].isna().tolist() == [False, True, False]


def test_a_deleted_baseline_is_none(with_runs: Visitor) -> None:
    with_runs.selectbox(key="baseline_run").set_value(1)
    with_runs.draw()
    pick(with_runs, 0)
    with_runs.press("Delete")
    assert with_runs.selectbox(key="baseline_run").value == 0
    assert "Δ Validation" not in columns(with_runs)


def test_runs_in_the_chart_carry_the_colours_of_their_curves(with_runs: Visitor) -> None:
    pick(with_runs, 0)
    (overlaid,) = with_runs.views["train"]["overlaid"]
    assert overlaid["name"] == "Run 1"
    marks = [list(mark) for mark in with_runs.dataframe[0].value["Curve"]]
    assert marks == [["green curve"], [], ["blue curve"]]
    shown = json.loads(with_runs.dataframe[0].proto.columns)["Curve"]["type_config"]["options"]
    colour_of = {option["value"]: option["color"] for option in shown}
    assert colour_of["green curve"] == overlaid["colour"]
    assert colour_of["blue curve"] == TRAINING


def test_the_table_is_the_same_message_as_long_as_nothing_changes(with_runs: Visitor) -> None:
    def message() -> bytes:
        element: bytes = with_runs.dataframe[0].proto.SerializeToString(deterministic=True)
        return element

    before = message()
    with_runs.draw()
    assert message() == before
    with_runs.trainer.rename(2, "another name")
    with_runs.draw()
    assert message() != before


def test_a_run_gets_another_name_and_none_is_no_name(with_runs: Visitor) -> None:
    pick(with_runs, 1)
    with_runs.text_input(key="name:2").set_value("  three numbers ")
    with_runs.draw()
    assert shown(with_runs) == ["Run 1", "three numbers", "Run 3"]
    with_runs.text_input(key="name:2").set_value("   ")
    with_runs.draw()
    assert shown(with_runs) == ["Run 1", "three numbers", "Run 3"]


def test_the_settings_of_a_run_come_back(with_runs: Visitor) -> None:
    pick(with_runs, 1)
    with_runs.press("Load its settings")
    with_runs.press("Train")
    ended = with_runs.wait_for(State.FINISHED)
    assert ended.config == short(n_embd=3)


def test_same_seed_other_setting_loads_a_run_and_keeps_its_curve(with_runs: Visitor) -> None:
    pick(with_runs, 0)
    with_runs.press("Same seed, other setting")
    pick(with_runs)
    assert settings_of(with_runs) == (2, RunConfig().model.seed)
    assert with_runs.tab.compared_run == 1


def test_deleted_runs_are_gone_and_no_other_is_picked_in_their_place(with_runs: Visitor) -> None:
    pick(with_runs, 0)
    with_runs.press("Delete")
    assert shown(with_runs) == ["Run 2", "Run 3"]
    assert not with_runs.has_button("Delete")


def test_the_current_run_cannot_be_deleted(with_runs: Visitor) -> None:
    pick(with_runs, 2)
    assert with_runs.button("Delete").disabled
    pick(with_runs, 1, 2)
    with_runs.press("Delete")
    assert shown(with_runs) == ["Run 1", "Run 3"]


def test_nothing_is_left_of_a_deleted_run(with_runs: Visitor) -> None:
    with_runs.open("sample/page.py")
    with_runs.selectbox(key="looked_at_run").set_value(1)
    with_runs.draw()  # its names are kept for the session
    weights = weakref.ref(with_runs.runs[0].parameters["W1"])
    with_runs.open("train/page.py")
    pick(with_runs, 0)
    with_runs.press("Delete").draw()  # Streamlit's test keeps the state before the last run
    gc.collect()
    assert weights() is None


def drag(visitor: Visitor, n_hidden: int) -> None:
    visitor.session_state["setting:n_hidden"] = n_hidden  # as the slider does when it is let go
    visitor.draw()
    visitor.wait_for(State.FINISHED)
    visitor.draw()


@pytest.fixture
def dragging(visitor: Visitor) -> Visitor:
    """'Train as I drag' is on, and the run of the settings as they stand has finished."""
    for name, value in (("steps", 40), ("n_hidden", 8), ("train_on", "first_five")):
        visitor.session_state[f"setting:{name}"] = value
    visitor.draw().press("Train")
    visitor.wait_for(State.FINISHED)
    visitor.toggle(key="drags").set_value(True)
    return visitor.draw()


def test_a_moved_setting_trains_at_once_and_what_was_passed_through_is_dropped(
    dragging: Visitor,
) -> None:
    assert shown(dragging) == ["Run 1"]
    for n_hidden in (9, 10, 11):
        drag(dragging, n_hidden)
    assert dragging.snapshot.config.model.n_hidden == 11
    assert shown(dragging) == ["Run 1", "Run 3", "Run 4"]  # of the drag the last two
    assert dragging.tab.compared_run == 3


def test_a_run_that_is_picked_stays_while_one_drags(dragging: Visitor) -> None:
    drag(dragging, 9)
    pick(dragging, 1)
    for n_hidden in (10, 11):
        drag(dragging, n_hidden)
    assert shown(dragging)[:2] == ["Run 1", "Run 2"]


def test_what_a_chapter_trains_is_left_alone_even_when_its_settings_were_moved_there(
    dragging: Visitor,
) -> None:
    dragging.open("lesson/overfit/page.py")
    dragging.select_slider(key="copy:n_hidden").set_value(12)
    dragging.draw().press("Run it on the Train page")
    dragging.wait_for(State.FINISHED)
    dragging.open("train/page.py")
    assert shown(dragging) == ["Run 1", "Run 2"]
    assert dragging.snapshot.config.training.steps == 1000
    drag(dragging, 13)
    assert dragging.snapshot.config.model.n_hidden == 13


def test_another_list_of_words_is_trained_too(dragging: Visitor) -> None:
    dragging.file_uploader(key="upload").upload("words.txt", WORDS)
    dragging.draw().press("Use this list")
    assert dragging.wait_for(State.FINISHED).corpus.name == "words.txt"
